import type { EpochMs } from "@mailtide/shared";

/** Samples of a figure over the last half hour, for as long as no better usual is known. Bounded, JSON. */
export interface Baseline {
  readonly samples: readonly (readonly [atMs: EpochMs, value: number])[];
}
export const emptyBaseline: Baseline = { samples: [] };

const everyMs = 30_000;
const keptMs = 30 * 60_000;
/** The newest minutes are what is to be judged, so they do not count as usual. */
const judgedMs = 5 * 60_000;
const enough = 10;

export function learn(baseline: Baseline, value: number, nowMs: EpochMs): Baseline {
  const last = baseline.samples.at(-1);
  if (last !== undefined && nowMs - last[0] < everyMs) return baseline;
  return { samples: [...baseline.samples.filter(([at]) => nowMs - at <= keptMs), [nowMs, value]] };
}

/** The median of what was seen before the last five minutes; null until at least ten minutes are known. */
export function baselineOf({ samples }: Baseline, nowMs: EpochMs): number | null {
  const old = samples.filter(([at]) => nowMs - at >= judgedMs).map(([, value]) => value);
  if (old.length < enough) return null;
  return old.sort((a, b) => a - b)[Math.floor(old.length / 2)] ?? null;
}
