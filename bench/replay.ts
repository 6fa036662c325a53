// How long `mailtide replay` takes for twelve ordinary hours at 20 messages a second, about 7 million lines, with its report, on
// one core: the command itself, start-up too. The hours are simulated first, once, and that is timed as well.
// usage: tsx bench/replay.ts [FOLDER] [RUNS]     a capture; without one, the twelve hours of bench/scenarios/twelve-hours.yaml
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simulatorVersion } from "../server/src/simulate/version.ts";
import { cpuTime, median, pinned } from "./support/cpu-time.ts";

const [given, runs = "3"] = process.argv.slice(2);
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const mailtide = (...args: string[]): string[] => [process.execPath, path("../server/bin/mailtide.mjs"), ...args];
const report = join(tmpdir(), "mailtide-bench-replay-report.json");

const folder = given ?? (await twelveHours());
const taken: { readonly seconds: number; readonly cpuSeconds: number }[] = [];
for (let run = 0; run < Number(runs); run++) {
  const { seconds, cpuSeconds } = cpuTime(mailtide("replay", folder, "--report", report));
  taken.push({ seconds, cpuSeconds });
  const { lines, from, to } = JSON.parse(await readFile(report, "utf8")) as ReportHead;
  const turns = (Date.parse(to) - Date.parse(from)) / 1_000;
  console.log(
    `${lines} lines, ${Math.round(turns)} s: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s CPU), ${Math.round(lines / cpuSeconds / 1_000)} k lines/s CPU`,
  );
}
await rm(report);
const of = (what: "seconds" | "cpuSeconds"): string => median(taken.map((one) => one[what])).toFixed(1);
const where = pinned === "" ? "not pinned to one core: there is no taskset" : "one core";
console.log(`median, ${where}: replay ${of("seconds")} s (${of("cpuSeconds")} s CPU)`);

interface ReportHead {
  readonly lines: number;
  readonly from: string;
  readonly to: string;
}

/** Simulated once and kept among the temporary files. */
async function twelveHours(): Promise<string> {
  const out = join(tmpdir(), `mailtide-bench-twelve-hours-${simulatorVersion}`);
  if (existsSync(out)) return out;
  const begun = `${out}.begun`;
  for (const old of [begun, `${begun}.truth.jsonl`]) await rm(old, { recursive: true, force: true });
  const { seconds, cpuSeconds } = cpuTime(mailtide("simulate", path("scenarios/twelve-hours.yaml"), "--out", begun));
  console.log(`simulated in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s CPU)`);
  await rename(begun, out);
  return out;
}
