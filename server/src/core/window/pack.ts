import type { NodeId } from "@mailtide/shared";
import { LogHistogram } from "../sketch/histogram.ts";
import { StageDelays, type StageHistograms, stagesOfDelays } from "./stages.ts";
import { type FlowCounts, flowFields, noFlow, type Window } from "./window.ts";

/** A window as it is saved: start, counts in the order of `flowFields`, stages in the order of `delays`. */
export type PackedWindow = readonly [startMs: number, counts: readonly number[], stages: readonly number[][] | 0];

export const packWindow = ({ startMs, counts, stages }: Window): PackedWindow => [
  startMs,
  flowFields.map((field) => counts[field]),
  stages === null ? 0 : packStages(stages.histograms()),
];

const packStages = (histograms: StageHistograms): number[][] => stagesOfDelays.map((stage) => histograms[stage].save());

export function unpackWindow(node: NodeId, [startMs, counts, stages]: PackedWindow): Window {
  return {
    node,
    startMs,
    counts: unpackCounts(counts),
    stages: stages === 0 ? null : new StageDelays(unpackStages(stages)),
  };
}

function unpackCounts(packed: readonly number[]): FlowCounts {
  const counts = noFlow();
  for (const [at, field] of flowFields.entries()) counts[field] = packed[at] ?? 0;
  return counts;
}

const unpackStages = (packed: readonly number[][]): StageHistograms => ({
  beforeQueueManager: LogHistogram.restore(packed[0] ?? []),
  inQueueManager: LogHistogram.restore(packed[1] ?? []),
  connectionSetup: LogHistogram.restore(packed[2] ?? []),
  transmission: LogHistogram.restore(packed[3] ?? []),
});
