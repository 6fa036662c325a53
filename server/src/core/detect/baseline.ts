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
  // In the order of time, so that the old ones stand in front.
  const known = medians.get(samples);
  let old = known?.old ?? 0;
  while (old > 0 && nowMs - (samples[old - 1]?.[0] ?? nowMs) < judgedMs) old -= 1;
  while (old < samples.length && nowMs - (samples[old]?.[0] ?? nowMs) >= judgedMs) old += 1;
  if (old < enough) return null;
  if (known?.old === old) return known.median;
  const values = samples.slice(0, old).map(([, value]) => value);
  const median = values.sort((a, b) => a - b)[Math.floor(old / 2)] ?? null;
  medians.set(samples, { old, median });
  return median;
}

/** Asked for every second, new every half minute. */
const medians = new WeakMap<Baseline["samples"], { readonly old: number; readonly median: number | null }>();
