import type { Share, Seconds } from "@mailtide/shared";

/** What a device has done since the host started, and when that was read. */
export interface DiskCounters {
  /** Milliseconds in which it had work to do. */
  readonly busyMs: number;
  /** Reads and writes, and the milliseconds that all of them took, waiting included. */
  readonly requests: number;
  readonly requestMs: number;
  /** Given to it and not back yet. */
  readonly underWay: number;
  readonly readAtMs: number;
}

/** From /proc/diskstats (Linux, Documentation/admin-guide/iostats); null where the device has no row: a tmpfs, a network. */
export function readCounters(device: number, diskstats: string, readAtMs: number): DiskCounters | null {
  const { major, minor } = numbersOf(device);
  for (const line of diskstats.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    if (Number(fields[0]) !== major || Number(fields[1]) !== minor) continue;
    const field = (at: number): number => Number(fields[at] ?? 0);
    return {
      busyMs: field(12),
      requests: field(3) + field(7),
      requestMs: field(6) + field(10),
      underWay: field(11),
      readAtMs,
    };
  }
  return null;
}

/** glibc's makedev(3): the number holds major and minor in pieces. */
export const numbersOf = (device: number): { readonly major: number; readonly minor: number } => ({
  major: (Math.floor(device / 0x1_0000_0000) & 0xff_ff_f0_00) | ((device >>> 8) & 0xfff),
  minor: ((device >>> 12) & 0xff_ff_ff_00) | (device & 0xff),
});

/** How busy it was between two readings, and how long a read or write took; what cannot be told is absent. */
export function busyBetween(
  before: DiskCounters | null,
  now: DiskCounters | null,
): { readonly busyShare?: Share; readonly ioWaitSeconds?: Seconds } {
  if (before === null || now === null || now.readAtMs <= before.readAtMs) return {};
  const requests = since(before.requests, now.requests);
  return {
    busyShare: Math.min(1, since(before.busyMs, now.busyMs) / (now.readAtMs - before.readAtMs)),
    ...(requests === 0 ? {} : { ioWaitSeconds: since(before.requestMs, now.requestMs) / requests / 1000 }),
  };
}

/** For how long nothing has come back from a device that was given something; null when something has. */
export function stalledBetween(before: DiskCounters | null, now: DiskCounters | null): Seconds | null {
  if (before === null || now === null || before.underWay === 0 || now.underWay === 0) return null;
  return now.requests === before.requests ? (now.readAtMs - before.readAtMs) / 1000 : null;
}

/** The counters are 32 bits wide on some hosts. */
const since = (before: number, now: number): number => (now - before + 0x1_0000_0000) % 0x1_0000_0000;

/** The share of the last ten seconds in which some task of the host waited for a disk (Linux, Documentation/accounting/psi). */
export function pressureOf(text: string): Share | null {
  const found = /^some avg10=([\d.]+)/mu.exec(text)?.[1];
  return found === undefined ? null : Number(found) / 100;
}
