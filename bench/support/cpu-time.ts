import { spawnSync } from "node:child_process";

/** `taskset` before a command keeps it on one core; "" where there is none. */
export const pinned = spawnSync("taskset", ["-c", "1", "true"]).status === 0 ? "taskset -c 1" : "";

/** User and system time of a command on one core and of its threads, as the shell counts them; and what it said. */
export function cpuTime(command: readonly string[]): {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly said: string;
} {
  const script = `${pinned} "$@"; status=$?; times >&2; exit $status`;
  const startedMs = performance.now();
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bench", ...command], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const children = stderr.trimEnd().split("\n").at(-1) ?? "";
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (status !== 0 || parts.length !== 2) throw new Error(`${command.join(" ")}: ${stderr.slice(0, 2_000)}`);
  const cpuSeconds = parts.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
  return { cpuSeconds, seconds, said: stdout.slice(0, 200) };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
