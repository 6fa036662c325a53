import { stat } from "node:fs/promises";
import { join } from "node:path";
import { collectorId, type DependencyId, type EpochMs } from "@mailtide/shared";
import { unreachable } from "../config/unreadable.ts";
import type { HealthObservation, Observation, Tick } from "../core/observation.ts";
import type { Capture, CaptureCounts, CaptureOptions, RecordedCollector } from "./contract.ts";
import { readCaptureDocument } from "./document.ts";
import { isZone } from "./zone.ts";
import { headBlockBytes } from "./lines.ts";
import { logLane } from "./log-lane.ts";
import { merge } from "./merge.ts";
import { limitSeconds, openBare, openDocument, type Inputs, type Opened } from "./open.ts";
import { GrowingPortion, keptOf, type Run, wholeOf } from "./portion.ts";
import { type RecordedFiles, recordedTurns } from "./recorded.ts";
import { rowLane, type RowInput } from "./row-lane.ts";

/** More dependencies than this are not believed. */
const dependencyLimit = 1000;

/**
 * Opens a recorded folder: one with `capture.yaml`, or one that holds a `mail.log` and nothing else. Rejects with an
 * Error that names file, line and key. Nothing stays open between two readings.
 */
export async function openCapture(dir: string, options: CaptureOptions): Promise<Capture> {
  const found = await stat(dir).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${dir}: ${unreachable(error)}`, { cause: error });
  });
  if (!found.isDirectory())
    throw new Error(`${dir}: is a file, not a folder: name one that holds a mail.log or a capture.yaml`);
  if (options.zone !== undefined && !isZone(options.zone))
    throw new Error(`"${options.zone}" is not an IANA time zone`);

  const path = join(dir, "capture.yaml");
  const document = await readCaptureDocument(path);
  const { inputs, meta, recorded } =
    document === null ? await openBare(dir, options) : await openDocument(dir, path, document, options);

  if (recorded !== undefined) return recordedCapture(meta, recorded);
  const batches = (counts: CaptureCounts = emptyCounts()) => read(inputs, counts);
  return {
    meta: { ...meta, fromMs: await firstMs(read(inputs, emptyCounts(), headBlockBytes)) },
    batches,
    async *observations() {
      for await (const runs of batches()) yield* keptOf(runs);
    },
  };
}

async function recordedCapture(meta: Opened["meta"], files: RecordedFiles): Promise<Capture> {
  const turns = async function* (counts: CaptureCounts = emptyCounts()): AsyncGenerator<Tick> {
    for await (const tick of recordedTurns(files)) {
      if (tick.nowMs <= counts.endMs) for (const { kind } of tick.observations) if (kind !== "health") counts.lines++;
      yield tick;
    }
  };
  const batches = async function* (counts?: CaptureCounts): AsyncGenerator<readonly Run<Observation>[]> {
    for await (const { observations } of turns(counts)) {
      const portion = new GrowingPortion<Observation>();
      for (const one of observations) portion.add(one.atMs, one);
      yield [wholeOf(portion)];
    }
  };
  let fromMs: number | null = null;
  for await (const { nowMs } of turns()) {
    fromMs = nowMs;
    break;
  }
  return {
    meta: { ...meta, fromMs },
    batches,
    turns,
    async *observations() {
      for await (const runs of batches()) yield* keptOf(runs);
    },
  };
}

/** Of what is played until the instant: the player takes whole seconds. */
export const emptyCounts = (untilMs: EpochMs = Infinity): CaptureCounts => ({
  endMs: Math.floor(untilMs / 1000) * 1000,
  lines: 0,
  unparsed: 0,
  late: 0,
  problems: [],
});

/** A recorded collector looked every second as long as its input lasts: a gap in a log is silence, not blindness. */
function read(inputs: Inputs, counts: CaptureCounts, blockBytes?: number): AsyncIterable<readonly Run<Observation>[]> {
  const dependencies = new Set<DependencyId>();
  const lanes = [
    ...inputs.logs.map((input) => logLane(input, counts, blockBytes)),
    ...inputs.rows.map((input) =>
      rowLane(input.name === inputs.probes ? watched(input, dependencies) : input, counts, blockBytes),
    ),
  ];
  return merge(lanes, (atMs, open) => {
    const looked: HealthObservation[] = [];
    for (const [name, collector] of inputs.collectors) if (open.has(name)) looked.push(health(atMs, collector));
    if (inputs.probes !== null && open.has(inputs.probes)) {
      for (const id of dependencies) {
        looked.push(
          health(atMs, {
            id: collectorId(`dependency ${id}`),
            node: null,
            required: true,
            limitSeconds: limitSeconds.probe,
          }),
        );
      }
    }
    return looked;
  });
}

/** Remembers which dependencies are probed: one that never was is not called healthy. */
function watched(input: RowInput, seen: Set<DependencyId>): RowInput {
  return {
    ...input,
    read(row, number) {
      const observations = input.read(row, number);
      for (const one of observations) if (one.kind === "probe" && seen.size < dependencyLimit) seen.add(one.id);
      return observations;
    },
  };
}

const health = (atMs: number, { id, node, required, limitSeconds }: RecordedCollector): HealthObservation => ({
  kind: "health",
  atMs,
  collector: id,
  node,
  required,
  limitSeconds,
  state: "ok",
  problem: null,
});

async function firstMs(batches: AsyncIterable<readonly Run<Observation>[]>): Promise<EpochMs | null> {
  for await (const [first] of batches) if (first !== undefined) return first.portion.atMs[first.from] ?? null;
  return null;
}
