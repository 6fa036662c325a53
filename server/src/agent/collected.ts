import type { CollectorId, EpochMs } from "@mailtide/shared";
import type { Batch } from "../collect/collector.ts";
import type { Observation, QueueEntry, QueueObservation } from "../core/observation.ts";
import { continued } from "./spool/line.ts";
import type { NewRecord } from "./spool/spool.ts";

/** A record is closed at this size or count; a batch is as many records as it needs. */
const fullBytes = 512 * 1024;
const fullCount = 2_000;

/**
 * A collector's batch as records of the spool, which belong together: the position stands in the last of them. `listed`: JSON,
 * which stands in the first.
 */
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
    const ids = records.length === 0 && listed !== undefined ? `,"listed":${listed}` : "";
    const head = JSON.stringify({ collector }).slice(0, -1);
    records.push({ atMs, lines, collector, position: at, wire: `${head}${ids},"observations":[${texts.join(",")}]}` });
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
  // Only a listing's entries can be so many.
  return text.length <= fullBytes || observation.kind !== "queue" ? text : JSON.stringify(shortened(observation));
}

/** With as many entries as there is room for: the server asks again for what it still does not know. */
function shortened(observation: QueueObservation): QueueObservation {
  let room = fullBytes - JSON.stringify({ ...observation, unknown: [] }).length;
  const unknown: QueueEntry[] = [];
  for (const entry of observation.unknown) {
    room -= JSON.stringify(entry).length + 1;
    if (room < 0) break;
    unknown.push(entry);
  }
  return { ...observation, unknown };
}
