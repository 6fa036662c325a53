// Holds what Mailtide says on the days of `scenarios/` against what truly happened. See docs/score.md.
import { readFile, writeFile } from "node:fs/promises";
import { simulatorVersion } from "../../server/src/simulate/index.ts";
import { baselineOf, compare, type Baseline } from "./baseline.ts";
import { isPlayed, loadPlayed, pathsOf, productDigest } from "./cache.ts";
import { nameOf } from "./cell.ts";
import { expectations } from "./expectations.ts";
import { runJobs, type ToChild } from "./jobs.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { type Planned, planMatrix, planShort } from "./plan.ts";
import { showMatrix } from "./progress.ts";
import { commitNow, machineNow, writeResults } from "./results.ts";
import { type DayScore, scoreDay } from "./score.ts";
import { summarise } from "./summary.ts";
import { tablesOf } from "./table.ts";
import { duration } from "./words.ts";

const baselinePath = "bench/incidents/baseline.json";

interface Scored {
  readonly planned: Planned;
  readonly score: DayScore;
}

/** What is finished stays and is scored; the next run goes on from there. */
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const set = understood(process.argv.slice(2));
if (typeof set === "string") {
  console.error(`mailtide: ${set}\n\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await run(set);
  } catch (error) {
    console.error(`mailtide: ${said(error)}`);
    process.exitCode = 1;
  }
}

/** Or what is wrong with it, in words. */
function understood(args: readonly string[]): Options | string {
  try {
    return readOptions(args, Object.keys(expectations));
  } catch (error) {
    return said(error);
  }
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(options: Options): Promise<number> {
  const planned = options.ci ? await planShort() : await planMatrix(options);
  const digest = productDigest();
  const startedMs = performance.now();
  const failed = await playMissing(planned, digest, options);
  const scored = await scoreAll(planned, digest, options);
  const took = `${scored.length} runs, ${duration((performance.now() - startedMs) / 1000)} for what was not kept from before`;
  const lines = [headOf(digest, took), "", ...rates(scored), "", ...tablesOf(summaries(scored))];
  for (const [name, why] of failed) lines.push("", `**Not scored:** ${name}: ${why}`);
  console.log(lines.join("\n"));
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(scored.map(plain), null, 1)}\n`);
  if (options.write) await writeResults(lines);
  if (failed.size > 0) return 1;
  return options.ci ? judge(scored, options.accept) : 0;
}

/** By name of the run: why it could not be played. */
async function playMissing(
  planned: readonly Planned[],
  digest: string,
  { cache, keep, jobs }: Options,
): Promise<ReadonlyMap<string, string>> {
  const works = new Map<string, number>();
  const tasks: ToChild[] = [];
  for (const { cell, work } of planned) {
    const paths = await pathsOf(cache, cell, digest);
    if (isPlayed(paths)) continue;
    tasks.push({ cell, paths, keep, digest });
    works.set(nameOf(cell), work);
  }
  const failed = new Map<string, string>();
  if (tasks.length === 0) return failed;
  const total = [...works.values()].reduce((sum, work) => sum + work, 0);
  const progress = showMatrix({ runs: tasks.length, work: total });
  const open = new Set(works.keys());
  try {
    await runJobs(tasks, {
      jobs,
      signal: stop.signal,
      onMessage({ cell }, message) {
        const name = nameOf(cell);
        if (message.kind === "progress") return progress.at(name, message.stage, message.share);
        open.delete(name);
        if (message.kind === "failed") failed.set(name, message.why);
        const text =
          message.kind === "failed"
            ? message.why
            : `${message.lines.toLocaleString("en-GB")} lines in ${duration(message.seconds)}`;
        progress.over(name, works.get(name) ?? 0, text);
      },
    });
  } finally {
    progress.end();
  }
  for (const name of open) failed.set(name, "stopped before it was played");
  return failed;
}

/** Scored anew each time: that is quick, and scoring may change without the product. */
async function scoreAll(planned: readonly Planned[], digest: string, { cache }: Options): Promise<Scored[]> {
  const scored: Scored[] = [];
  for (const one of planned) {
    const expectation = expectations[one.cell.scenario];
    const paths = await pathsOf(cache, one.cell, digest);
    if (expectation === undefined || !isPlayed(paths)) continue;
    const { report, truth } = await loadPlayed(paths);
    scored.push({ planned: one, score: scoreDay(report, truth, expectation) });
  }
  return scored;
}

/** In the order of the expectations. */
function summaries(scored: readonly Scored[]) {
  return Object.keys(expectations).flatMap((id) => {
    const scores = scored.filter(({ score }) => score.scenario === id).map(({ score }) => score);
    return scores.length === 0 ? [] : [summarise(id, scores)];
  });
}

async function judge(scored: readonly Scored[], accept: boolean): Promise<number> {
  const now = baselineOf(
    simulatorVersion,
    scored.map(({ score }) => score),
  );
  if (accept) {
    await writeFile(baselinePath, `${JSON.stringify(now, null, 2)}\n`);
    console.log(`\n${baselinePath} is written`);
    return 0;
  }
  const { worse, better } = compare(JSON.parse(await readFile(baselinePath, "utf8")) as Baseline, now);
  for (const text of better) console.log(`better: ${text}`);
  for (const text of worse) console.error(`worse: ${text}`);
  if (better.length > 0) console.log("update the baseline with --ci --accept");
  return worse.length > 0 ? 1 : 0;
}

function headOf(digest: string, took: string): string {
  return `${commitNow()}, product ${digest}, simulator ${simulatorVersion}; ${new Date().toISOString().slice(0, 10)}; ${machineNow()}; ${took}.`;
}

/** Which day was played at which rate: a day at a lower rate than it is written is not the same. */
function rates(scored: readonly Scored[]): string[] {
  const byRate = new Map<number, Set<string>>();
  for (const { planned } of scored) {
    const { rate, scenario, span } = planned.cell;
    const days = byRate.get(rate) ?? new Set();
    byRate.set(rate, days.add(span === undefined ? scenario : `${scenario} (${span.from} to ${span.to})`));
  }
  return [...byRate].map(([rate, days]) => `- At ${rate} messages/s: ${[...days].sort().join(", ")}.`);
}

function plain({ planned, score }: Scored) {
  return { ...planned.cell, score };
}
