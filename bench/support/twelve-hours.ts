import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simulatorVersion } from "../../server/src/simulate/version.ts";
import { cpuTime } from "./cpu-time.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The command line of a built Mailtide. */
export const mailtide = (...args: readonly string[]): string[] => [
  process.execPath,
  path("../../server/bin/mailtide.mjs"),
  ...args,
];

/** A capture of twelve ordinary hours at 20 messages/s: simulated once, timed, and kept among the temporary files. */
export async function twelveHours(): Promise<string> {
  const out = join(tmpdir(), `mailtide-bench-twelve-hours-${simulatorVersion}`);
  if (existsSync(out)) return out;
  const begun = `${out}.begun`;
  for (const old of [begun, `${begun}.truth.jsonl`]) await rm(old, { recursive: true, force: true });
  const { seconds, cpuSeconds } = cpuTime(mailtide("simulate", path("../scenarios/twelve-hours.yaml"), "--out", begun));
  console.log(`simulated in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s CPU)`);
  await rename(begun, out);
  return out;
}
