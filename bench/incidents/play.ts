import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Share } from "@mailtide/shared";
import { simulate, type TruthRow, type TruthSummary } from "../../server/src/simulate/index.ts";
import { type CellPaths, storePlayed } from "./cache.ts";
import { type Cell, scenarioOf } from "./cell.ts";
import { recordReport } from "./record.ts";
import { problemsOf } from "./report.ts";
import type { Truth } from "./score.ts";

export interface PlayOptions {
  readonly paths: CellPaths;
  readonly keep: boolean;
  onProgress(stage: "simulate" | "replay", share: Share): void;
}

/**
 * Lets the day happen, writes it as a capture, and plays the files through the live core, as `mailtide replay` does. Stores
 * truth and report; the capture goes, unless it is to be kept. Returns the lines read. Throws when the report is unfit.
 */
export async function playCell(cell: Cell, { paths, keep, onProgress }: PlayOptions): Promise<number> {
  const truth = await simulated(cell, paths.capture, (share) => onProgress("simulate", share));
  const report = await recordReport(paths.capture, (share) => onProgress("replay", share));
  const problems = problemsOf(report);
  if (problems.length > 0) throw new Error(problems.join("; "));
  await storePlayed(paths, { truth, report });
  if (!keep) await removeCapture(paths.capture);
  return report.lines;
}

/** What an interrupted run left goes as well. */
export async function removeCapture(capture: string): Promise<void> {
  for (const path of [capture, truthOf(capture)]) await rm(path, { recursive: true, force: true });
}

async function simulated(cell: Cell, out: string, onShare: (share: Share) => void): Promise<Truth> {
  if (existsSync(join(out, "capture.yaml"))) return readTruth(out);
  await removeCapture(out);
  await mkdir(dirname(out), { recursive: true });
  const scenario = await scenarioOf(cell);
  const { seed, variation } = cell;
  const { truth, summary } = await simulate({
    scenario,
    out,
    seed,
    variation,
    onProgress: ({ share }) => onShare(share),
  });
  return { rows: truth, summary };
}

const truthOf = (capture: string): string => `${capture}.truth.jsonl`;

async function readTruth(capture: string): Promise<Truth> {
  const lines = (await readFile(truthOf(capture), "utf8")).trimEnd().split("\n");
  const { summary } = JSON.parse(lines.pop() ?? "") as { readonly summary: TruthSummary };
  return { rows: lines.map((line) => JSON.parse(line) as TruthRow), summary };
}
