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
  for (let column = 1; column <= columns && begin < samples.length; column++) {
    const endMs = first.atMs + column * widthMs;
    let end = begin;
    while (end < samples.length && (column === columns || (samples[end]?.atMs ?? endMs) < endMs)) end++;
    out.push(...extremes(samples, begin, end));
    begin = end;
  }
  return out;
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
