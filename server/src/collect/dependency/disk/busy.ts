/** Milliseconds that a device has had work to do since the host started, and when that was read. */
export interface DiskCounters {
  readonly busyMs: number;
  readonly readAtMs: number;
}

/** From /proc/diskstats (Linux, Documentation/admin-guide/iostats): the field "milliseconds spent doing I/Os". */
export async function readCounters(device: number, read: () => Promise<string>): Promise<DiskCounters | null> {
  const text = await read().catch(() => null);
  if (text === null) return null;
  const readAtMs = performance.now();
  // glibc's makedev(3): the number holds major and minor in pieces.
  const major = (Math.floor(device / 0x1_0000_0000) & 0xff_ff_f0_00) | ((device >>> 8) & 0xfff);
  const minor = ((device >>> 12) & 0xff_ff_ff_00) | (device & 0xff);
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    if (Number(fields[0]) === major && Number(fields[1]) === minor) return { busyMs: Number(fields[12]), readAtMs };
  }
  return null;
}

export function busyShare(before: DiskCounters | null, now: DiskCounters | null): number | null {
  if (before === null || now === null || now.readAtMs <= before.readAtMs) return null;
  // The counter is 32 bits wide on some hosts.
  const busyMs = (now.busyMs - before.busyMs + 0x1_0000_0000) % 0x1_0000_0000;
  return Math.min(1, busyMs / (now.readAtMs - before.readAtMs));
}
