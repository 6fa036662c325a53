import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inDiskWords } from "../../config/disk-words.ts";
import { vary } from "../scenario/vary.ts";
import { captureDocument, makeCaptureFolder, openCaptureFiles, truthPath, writeTruth } from "./capture-files.ts";
import { playDay, type CreateWorld } from "./play-day.ts";
import type { DayFacts, SimulateOptions, SimulateResult } from "./simulate-contract.ts";

/** Lets a scenario happen in a world and writes it as a capture folder; of a day that does not come to its end nothing is left. */
export async function writeDay(options: SimulateOptions, createWorld: CreateWorld): Promise<SimulateResult> {
  const { out } = options;
  await makeCaptureFolder(out);
  const made = [out];
  try {
    const { facts, result } = await playInto(options, createWorld);
    made.push(truthPath(out));
    await writeTruth(out, result);
    await writeFile(join(out, "capture.yaml"), captureDocument(facts));
    return result;
  } catch (error) {
    for (const path of made) await rm(path, { recursive: true, force: true });
    throw inDiskWords(out, error);
  }
}

async function playInto({ out, ...options }: SimulateOptions, createWorld: CreateWorld) {
  const { nodes } = vary(options.scenario, options.variation ?? {}).platform;
  const files = await openCaptureFiles(out, nodes);
  let facts: DayFacts | null = null;
  let result: SimulateResult;
  try {
    const started = (day: DayFacts) => void (facts = day);
    result = await playDay({ ...options, started, sink: files.sink }, createWorld);
  } finally {
    await files.close();
  }
  if (facts === null) throw new Error("the day never began");
  return { facts, result };
}
