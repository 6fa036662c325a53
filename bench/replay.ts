// How fast a recorded day is played through the live core, on one core where `taskset` is there, beside a loop that only
// unpacks the same logs and cuts them into lines.
// usage: tsx bench/replay.ts [FOLDER] [RUNS]     a capture; without one, a day at 20 messages/s, about 8 million lines
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { simulatedDay } from "./support/day.ts";

/** What the child prints. */
interface Measured {
  readonly lines: number;
  readonly turns: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly readSeconds: number;
  readonly peakMegabytes: number;
}

const [given, runs = "3"] = process.argv.slice(2);
const folder = given ?? (await simulatedDay());
const child = fileURLToPath(new URL("./replay-child.mjs", import.meta.url));
const pinned = spawnSync("taskset", ["-c", "1", "true"]).status === 0 ? ["taskset", "-c", "1"] : [];
console.log(`${folder}${pinned.length > 0 ? ", one core" : ", not pinned to one core: there is no taskset"}`);

/** A process of its own each time: what was compiled for one run must not help the next. */
function measure(): Measured {
  const [command, ...args] = [...pinned, process.execPath, child, folder];
  const { status, stdout } = spawnSync(command, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  if (status !== 0) throw new Error(`replay ended with ${status}`);
  return JSON.parse(stdout) as Measured;
}

const all: Measured[] = [];
for (let run = 0; run < Number(runs); run++) {
  const one = measure();
  all.push(one);
  const { lines, turns, seconds, cpuSeconds, readSeconds, peakMegabytes } = one;
  console.log(
    `${lines} lines, ${turns} turns: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s CPU), ${thousands(lines / seconds)} k lines/s, ${Math.round(turns / seconds)} turns/s, ${peakMegabytes} MB at most; plain reading ${readSeconds.toFixed(1)} s, ${thousands(lines / readSeconds)} k lines/s`,
  );
}
console.log(
  `median: replay ${median(all.map((one) => one.seconds)).toFixed(1)} s, plain reading ${median(all.map((one) => one.readSeconds)).toFixed(1)} s`,
);

function thousands(count: number): number {
  return Math.round(count / 1000);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
