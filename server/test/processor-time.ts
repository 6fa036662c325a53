import type { Seconds } from "@mailtide/shared";

/** What the processor took for it, however much else the machine had to do meanwhile. */
export function processorSeconds(work: () => void): Seconds {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
