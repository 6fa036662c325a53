import { readFileSync } from "node:fs";

/** User and system time of a process and its threads so far. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What it has in memory, and the most that it ever had. */
export function memoryOf(pid: number): { readonly mib: number; readonly peakMib: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { mib: mib("VmRSS"), peakMib: mib("VmHWM") };
}
