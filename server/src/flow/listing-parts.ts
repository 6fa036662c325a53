import type { Batch } from "../collect/collector.ts";
import type { Observation, QueueObservation } from "../core/observation.ts";

/**
 * How much work the core has with an observation, in log lines. Taking over a listed message costs several, and a listing
 * may tell of twenty thousand: told as one fact they would hold the event loop for a good part of a second.
 */
export function weightOf(observation: Observation): number {
  if (observation.kind !== "queue") return 1;
  const recipients = observation.unknown.reduce((sum, entry) => sum + entry.recipients.length, 0);
  return 1 + linesPerEntry * (observation.unknown.length + observation.vanished.length + recipients);
}

/**
 * A long listing in parts of a turn each. Each has the whole of what was counted; the position and the word that it is
 * durable go with the last.
 */
export function inParts(batch: Batch): readonly Batch[] {
  if (!batch.observations.some(isLong)) return [batch];
  const batches = batch.observations.flatMap((observation) =>
    isLong(observation)
      ? partsOf(observation).map((part): Batch => ({ observations: [part] }))
      : [{ observations: [observation] }],
  );
  return [...batches.slice(0, -1), { ...batch, observations: batches.at(-1)?.observations ?? [] }];
}

function isLong(observation: Observation): observation is QueueObservation {
  return observation.kind === "queue" && observation.unknown.length + observation.vanished.length > entriesPerPart;
}

function partsOf(observation: QueueObservation): QueueObservation[] {
  const { unknown, vanished } = observation;
  const parts: QueueObservation[] = [];
  for (let from = 0; from < vanished.length; from += entriesPerPart)
    parts.push({ ...observation, unknown: [], vanished: vanished.slice(from, from + entriesPerPart) });
  for (let from = 0; from < unknown.length; from += entriesPerPart)
    parts.push({ ...observation, vanished: [], unknown: unknown.slice(from, from + entriesPerPart) });
  return parts;
}

const entriesPerPart = 500;
/** So that two such parts make a turn. */
const linesPerEntry = 5;
