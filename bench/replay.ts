// How long `mailtide replay` takes for twelve ordinary hours at 20 messages a second, about 7 million lines, with its report, on
// one core: the command itself, start-up too. The hours are simulated first, once, and that is timed as well.
// usage: tsx bench/replay.ts [FOLDER] [RUNS]     a capture; without one, the twelve hours of bench/scenarios/twelve-hours.yaml
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuTime, median, pinned } from "./support/cpu-time.ts";
import { mailtide, twelveHours } from "./support/twelve-hours.ts";

const [given, runs = "3"] = process.argv.slice(2);
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
