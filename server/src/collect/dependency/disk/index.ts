import { readFile, stat, statfs } from "node:fs/promises";
import { z } from "zod";
import type { ProbeDetails } from "../../../core/observation.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { busyShare, type DiskCounters, readCounters } from "./busy.ts";

const share = z.number().min(0).max(1);
const config = z.strictObject({
  /** The spool, or any folder on the file system that must not fill up. */
  path: z.string().min(1),
  /** Fails when less than this is free, of the space and of the inodes. */
  free: share.default(0.05),
  freeInodes: share.default(0.05),
  ...probeOptions,
});

/** Space, inodes and how busy the device is (Linux: the time it had work to do). */
export const disk = {
  type: "disk",
  config,
  create: ({ path, free, freeInodes, every, deadline, required }, { id }) => {
    let before: DiskCounters | null = null;
    return createProbe({
      id,
      type: "disk",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt() {
        const [{ blocks, bavail, files, ffree }, { dev }] = await Promise.all([statfs(path), stat(path)]);
        const counters = await readCounters(dev, () => readFile("/proc/diskstats", "utf8"));
        const busy = busyShare(before, counters);
        before = counters;
        const details: ProbeDetails = {
          freeShare: blocks > 0 ? bavail / blocks : 0,
          // Some file systems make inodes as they need them and state none.
          ...(files > 0 ? { freeInodesShare: ffree / files } : {}),
          ...(busy === null ? {} : { busyShare: busy }),
        };
        if ((details.freeShare ?? 1) < free)
          throw new ProbeFailure(`${percent(details.freeShare ?? 0)} of the space is free`, details);
        if ((details.freeInodesShare ?? 1) < freeInodes)
          throw new ProbeFailure(`${percent(details.freeInodesShare ?? 0)} of the inodes are free`, details);
        return details;
      },
    });
  },
} as const satisfies DependencyPlugin<"disk", typeof config>;

const percent = (part: number) => `${Math.round(part * 1000) / 10} %`;
