import type { CollectorId, EpochMs } from "@mailtide/shared";
import { mostRecordBytes } from "../collect/agent/wire.ts";
import type { Batch } from "../collect/collector.ts";
import type { Observation } from "../core/observation.ts";
import { continued } from "./spool/line.ts";
import type { NewRecord } from "./spool/spool.ts";

/** A record is closed at this size or count; a batch is as many records as it needs. */
const fullBytes = 512 * 1024;
const fullCount = 2_000;

/** A collector's batch as records of the spool, which belong together: the position stands in the last of them. */
export function recordsOf(
  collector: CollectorId,
  batch: Batch,
  { atMs, listed }: { readonly atMs: EpochMs; readonly listed?: string | undefined },
): NewRecord[] {
  const position = batch.position === undefined ? "" : JSON.stringify(batch.position);
  const records: NewRecord[] = [];
  let texts: string[] = [];
  let bytes = 0;
  let lines = 0;
  const close = (at: string): void => {
    const ids = records.length === 0 && listed !== undefined ? { listed } : {};
    const head = JSON.stringify({ collector, ...ids }).slice(0, -1);
    records.push({ atMs, lines, collector, position: at, wire: `${head},"observations":[${texts.join(",")}]}` });
    texts = [];
    bytes = 0;
    lines = 0;
  };
  for (const observation of batch.observations) {
    if (bytes >= fullBytes || texts.length >= fullCount) close(continued);
    const text = textOf(observation);
    texts.push(text);
    bytes += text.length;
    if (observation.kind === "log") lines += 1;
  }
  close(position);
  return records;
}

function textOf(observation: Observation): string {
  const text = JSON.stringify(observation);
  if (text.length <= mostRecordBytes / 8) return text;
  // Only a listing's entries can be this large; what they add up to stands in its sums.
  if (observation.kind === "queue") return JSON.stringify({ ...observation, unknown: [] });
  return text;
}
