import type { Batch } from "../collect/collector.ts";
import type { Observation, QueueObservation } from "../core/observation.ts";
import type { Steps } from "../core/steps.ts";

/** A batch, and how much work the core has with it, in log lines. */
export interface Weighed {
  readonly batch: Batch;
  readonly weight: number;
}

/**
 * A batch with a long listing in parts of half a turn each: taking over a listed message costs several lines, and a listing
 * may tell of twenty thousand. Each part has the whole of what was counted; the position and the word that it is durable go
 * with the last. In steps, for each entry is looked at.
 */
export function* inParts(batch: Batch): Steps<readonly Weighed[]> {
  if (!batch.observations.some(isLong)) return [weighed(batch)];
  const parts: Weighed[] = [];
  for (const observation of batch.observations) {
    for (const part of isLong(observation) ? partsOf(observation) : [observation]) {
      parts.push(weighed({ observations: [part] }));
      yield;
    }
  }
  const last = parts.pop();
  if (last !== undefined) parts.push({ ...last, batch: { ...batch, observations: last.batch.observations } });
  return parts;
}

function isLong(observation: Observation): observation is QueueObservation {
  if (observation.kind !== "queue") return false;
  const { unknown, vanished } = observation;
  return unknown.length + vanished.length > entriesPerPart || recipientsOf(unknown) > recipientsPerPart;
}

function* partsOf(observation: QueueObservation): Generator<QueueObservation> {
  const { unknown, vanished } = observation;
  for (let from = 0; from < vanished.length; from += entriesPerPart)
    yield { ...observation, unknown: [], vanished: vanished.slice(from, from + entriesPerPart) };
  let [from, recipients] = [0, 0];
  for (const [at, entry] of unknown.entries()) {
    recipients += entry.recipients.length;
    const end = at + 1;
    if (end < unknown.length && end - from < entriesPerPart && recipients < recipientsPerPart) continue;
    yield { ...observation, vanished: [], unknown: unknown.slice(from, end) };
    [from, recipients] = [end, 0];
  }
}

function weighed(batch: Batch): Weighed {
  return { batch, weight: batch.observations.reduce((sum, observation) => sum + weightOf(observation), 0) };
}

function weightOf(observation: Observation): number {
  if (observation.kind !== "queue") return 1;
  const { unknown, vanished } = observation;
  return 1 + linesPerEntry * (unknown.length + vanished.length + recipientsOf(unknown));
}

function recipientsOf(entries: QueueObservation["unknown"]): number {
  return entries.reduce((sum, entry) => sum + entry.recipients.length, 0);
}

const entriesPerPart = 500;
const recipientsPerPart = 1_000;
/** So that two such parts make a turn. */
const linesPerEntry = 5;
