import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vary } from "../scenario/vary.ts";
import { captureDocument, openCaptureFiles, writeTruth } from "./capture-files.ts";
import { playDay, type CreateWorld } from "./play-day.ts";
import type { DayFacts, SimulateOptions, SimulateResult } from "./simulate-contract.ts";

/** Lets a scenario happen in a world and writes it as a capture folder. */
export async function writeDay(options: SimulateOptions, createWorld: CreateWorld): Promise<SimulateResult> {
  const { out, ...rest } = options;
  const { nodes } = vary(options.scenario, options.variation ?? {}).platform;
  const files = await openCaptureFiles(out, nodes);
  let facts: DayFacts | null = null;
  let result: SimulateResult;
  try {
    const started = (day: DayFacts) => void (facts = day);
    result = await playDay({ ...rest, started, sink: files.sink }, createWorld);
  } finally {
    await files.close();
  }
  if (facts === null) throw new Error("the day never began");
  await writeTruth(out, result);
  await writeFile(join(out, "capture.yaml"), captureDocument(facts));
  return result;
}
