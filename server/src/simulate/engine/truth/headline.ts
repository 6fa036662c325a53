import type { EpochMs, Millis } from "@mailtide/shared";

/** What began within five minutes, seen as waits. */
export interface WaitCohort {
  readonly startMs: EpochMs;
  size: number;
  /** Waits that ended; of an old cohort only the longest. */
  ended: Millis[];
  /** Those that ended lately, without what came before a long remote wait. */
  recent: { readonly endMs: EpochMs; readonly waitMs: Millis }[];
  /** Calls back with every wait that goes on: all of it, and what keeps the cohort alive (null: it waits on others). */
  waits(nowMs: EpochMs, each: (waitMs: Millis, aliveMs: Millis | null) => void): void;
}

export const binMs: Millis = 300_000;

/** The longest wait, so far or ended, that surely more than one in twenty of a live cohort suffers. */
export function headlineOf(cohorts: readonly WaitCohort[], nowMs: EpochMs): Millis {
  let best = 0;
  for (const cohort of cohorts) {
    // Nobody can have waited longer than since the cohort began, and later cohorts began later.
    if (nowMs - cohort.startMs <= best) break;
    const all: Millis[] = [];
    const alive: Millis[] = [];
    cohort.waits(nowMs, (waitMs, aliveMs) => {
      all.push(waitMs);
      if (aliveMs !== null) alive.push(aliveMs);
    });
    for (const { endMs, waitMs } of cohort.recent) if (endMs > nowMs - binMs) alive.push(waitMs);
    const third = nthLargest(alive, 3);
    if (third === null || third <= best) continue;
    const sure = nthLargest(all.concat(cohort.ended), enough(cohort.size));
    if (sure !== null) best = Math.max(best, Math.min(sure, third));
  }
  return best;
}

/** The smallest k >= 3 for which the Wilson lower bound (z = 3.09) of k/n is at least 5 %. */
export function enough(n: number): number {
  const z = 3.09;
  const lower = (k: number) => {
    const share = k / n;
    const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
    return (share + (z * z) / (2 * n) - spread) / (1 + (z * z) / n);
  };
  let k = Math.max(3, Math.floor(n * 0.05));
  while (k <= n && lower(k) < 0.05) k++;
  return k;
}

/**
 * Forgets what can no longer count. The size of a cohort whose five minutes are over only shrinks, and with it the place
 * that decides, so that longer waits than that are all that is needed.
 */
export function trim(cohort: WaitCohort, nowMs: EpochMs): void {
  if (cohort.recent.length > 0) cohort.recent = cohort.recent.filter(({ endMs }) => endMs > nowMs - binMs);
  const needed = enough(cohort.size);
  if (nowMs < cohort.startMs + binMs || cohort.ended.length < 2 * needed + 100) return;
  cohort.ended = [...Float64Array.from(cohort.ended).sort().subarray(-needed)];
}

function nthLargest(values: readonly number[], n: number): number | null {
  if (values.length < n) return null;
  return Float64Array.from(values).sort()[values.length - n] ?? null;
}
