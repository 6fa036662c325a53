export interface Sample {
  readonly atMs: number;
  /** null: not known then. */
  readonly value: number | null;
}

/**
 * At most two samples a pixel column, its smallest and its largest in their order of time, so that no spike over a
 * threshold is lost (LTTB can lose one). A column that knows nothing stays a gap. `atMs` must ascend.
 */
export function downsample(samples: readonly Sample[], columns: number): readonly Sample[] {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || columns < 1 || samples.length <= columns * 2) return samples;
  const widthMs = (last.atMs - first.atMs) / columns;
  const out: Sample[] = [];
  let begin = 0;
  for (let column = 1; column <= columns; column++) {
    const endMs = column === columns ? Number.POSITIVE_INFINITY : first.atMs + column * widthMs;
    const end = firstFrom(samples, begin, endMs);
    if (end > begin) out.push(...extremes(samples, begin, end));
    begin = end;
  }
  return out;
}

/** Where the first sample at or after `atMs` stands, looking from `begin` on. */
function firstFrom(samples: readonly Sample[], begin: number, atMs: number): number {
  for (let index = begin; index < samples.length; index++) {
    if ((samples[index]?.atMs ?? 0) >= atMs) return index;
  }
  return samples.length;
}

function extremes(samples: readonly Sample[], begin: number, end: number): readonly Sample[] {
  let low: Sample | undefined;
  let high: Sample | undefined;
  for (let index = begin; index < end; index++) {
    const sample = samples[index];
    if (sample === undefined || sample.value === null) continue;
    if (low === undefined || sample.value < (low.value ?? 0)) low = sample;
    if (high === undefined || sample.value > (high.value ?? 0)) high = sample;
  }
  const unknown = samples[begin];
  if (low === undefined || high === undefined) return unknown === undefined ? [] : [unknown];
  if (low === high) return [low];
  return low.atMs < high.atMs ? [low, high] : [high, low];
}
