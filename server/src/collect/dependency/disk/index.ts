import { readFile, realpath, stat, statfs } from "node:fs/promises";
import { z } from "zod";
import { duration, size } from "../../../config/duration.ts";
import type { ProbeDetails } from "../../../core/observation.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { busyBetween, type DiskCounters, pressureOf, readCounters, stalledBetween } from "./busy.ts";
import { isReadOnly } from "./mount.ts";
import { oneAtATime } from "./one-look.ts";

const share = z.number().min(0).max(1);
const config = z.strictObject({
  /** The spool, or any folder on the file system that must not fill up. */
  path: z.string().startsWith("/", "an absolute path"),
  /** A ticket when less than this is free, of the space and of the inodes. */
  free: share.default(0.05),
  freeInodes: share.default(0.05),
  /** Bytes without which mail is refused: Postfix wants queue_minfree, or 1.5 times message_size_limit where that is more. */
  mailNeeds: size.default(15 * 1024 ** 2),
  /** A ticket when a read or write takes longer than this on average. */
  slow: duration.default(0.5),
  ...probeOptions,
});

/** Exim refuses mail from here on (check_spool_inodes); nobody delivers without. */
const fewestInodes = 100;

/** Space, inodes, whether it can be written to, and how busy the device is (Linux). */
export const disk = {
  type: "disk",
  config,
  create: ({ path, free, freeInodes, mailNeeds, slow, every, deadline, required }, { id }) => {
    let before: DiskCounters | null = null;
    // One after the other: what hangs holds one thread.
    const look = oneAtATime(async () => {
      const space = await statfs(path);
      const { dev } = await stat(path);
      return { space, dev, real: await realpath(path) };
    });
    return createProbe({
      id,
      type: "disk",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: path,
      async attempt() {
        const { space, dev, real } = await look();
        const [diskstats, mountinfo, pressure] = await Promise.all(
          ["/proc/diskstats", "/proc/self/mountinfo", "/proc/pressure/io"].map((file) =>
            // Another system has none of them.
            readFile(file, "utf8").catch(() => ""),
          ),
        );
        const counters = readCounters(dev, diskstats ?? "", performance.now());
        const total = space.blocks * space.bsize;
        const ioPressureShare = pressureOf(pressure ?? "");
        const seen: ProbeDetails = {
          freeShare: total > 0 ? space.bavail / space.blocks : 0,
          // Some file systems make inodes as they need them and state none.
          ...(space.files > 0 ? { freeInodesShare: space.ffree / space.files } : {}),
          ...(total > 0 ? { mailNeedsShare: Math.min(1, mailNeeds / total) } : {}),
          ...busyBetween(before, counters),
          ...(ioPressureShare === null ? {} : { ioPressureShare }),
        };
        const stalledSeconds = stalledBetween(before, counters);
        // Kept while nothing comes back: since then it hangs.
        if (stalledSeconds === null) before = counters;
        const bytes = space.bavail * space.bsize;
        if (isReadOnly(real, dev, mountinfo ?? ""))
          throw new ProbeFailure("the file system is mounted read only", { ...seen, fault: "writes" });
        if (bytes < mailNeeds)
          throw new ProbeFailure(`${megabytes(bytes)} are free, and mail needs ${megabytes(mailNeeds)}`, full(seen));
        if (space.files > 0 && space.ffree < fewestInodes)
          throw new ProbeFailure(`${space.ffree} inodes are free: no file can be made soon`, full(seen));
        if (stalledSeconds !== null && stalledSeconds > deadline)
          throw new ProbeFailure(`no read or write has come back for ${Math.round(stalledSeconds)} s`, {
            ...seen,
            fault: "writes",
          });
        const concern = concernOf(seen, { free, freeInodes, slow });
        return concern === null ? seen : { ...seen, concern };
      },
    });
  },
} as const satisfies DependencyPlugin<"disk", typeof config>;

const full = (seen: ProbeDetails): ProbeDetails => ({ ...seen, fault: "full" });

interface Limits {
  readonly free: number;
  readonly freeInodes: number;
  readonly slow: number;
}

function concernOf({ freeShare, freeInodesShare, ioWaitSeconds }: ProbeDetails, limits: Limits): string | null {
  if ((freeShare ?? 1) < limits.free) return `${percent(freeShare ?? 0)} of the space is free`;
  if ((freeInodesShare ?? 1) < limits.freeInodes) return `${percent(freeInodesShare ?? 0)} of the inodes are free`;
  if ((ioWaitSeconds ?? 0) > limits.slow)
    return `a read or write takes ${Math.round((ioWaitSeconds ?? 0) * 1000)} ms on average`;
  return null;
}

const percent = (part: number) => `${Math.round(part * 1000) / 10} %`;
const megabytes = (bytes: number) => `${Math.round(bytes / 100_000) / 10} MB`;
