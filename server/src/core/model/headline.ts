import type { EpochMs, Millis } from "@mailtide/shared";
import type { Cohort } from "./cohort.ts";
import { binMs } from "./wait-bins.ts";

const z = 3.09;
const share = 0.05;
/** Fewer than this prove nothing, however small the cohort. */
const atLeastUnits = 3;

/**
 * How many of n units must wait so long that the Wilson lower bound of their share (z = 3.09) reaches 5 %. The bound
 * inverts the score test (Wilson, JASA 22, 1927), so it needs no search: 9 of 60, 27 of 300, 102 of 1,500.
 */
export function unitsNeeded(n: number): number {
  return Math.max(atLeastUnits, Math.ceil(n * share + z * Math.sqrt(n * share * (1 - share))));
}

/** Cohorts of the same five minutes, one for each direction that is looked at. */
export type CohortGroup = readonly Cohort[];

/**
 * The longest wait of which we are sure that more than one in twenty of the mails accepted at some time suffers it, and
 * still does. Null when no cohort allows any wait to be said. `sureOnly` leaves the doubtful waits out.
 */
export function headlineMs(groups: Iterable<CohortGroup>, nowMs: EpochMs, sureOnly = false): Millis | null {
  let best: Millis | null = null;
  const live = [...groups].filter((group) => group.some((cohort) => cohort.live));
  live.sort((a, b) => startOf(a) - startOf(b));
  for (const group of live) {
    // Nobody in it, nor in any later one, can have waited longer than this.
    if (best !== null && nowMs - startOf(group) <= best) break;
    const wait = cohortMsOf(group, nowMs, best ?? -1, sureOnly);
    if (wait !== null && (best === null || wait > best)) best = wait;
  }
  return best;
}

/** Units by wait: pairs of wait and count. A second list is taken off the first. */
type Tally = [waitMs: Millis, count: number][];

function cohortMsOf(group: CohortGroup, nowMs: EpochMs, floorMs: Millis, sureOnly: boolean): Millis | null {
  const needed = unitsNeeded(sum(group, (cohort) => cohort.units));
  const live = liveTally(group, nowMs, floorMs);
  if (totalOf(live) < atLeastUnits) return null;
  const all = waitTally(group, nowMs, floorMs, sureOnly);
  if (totalOf(all) < needed) return null;
  return Math.min(largest(live, atLeastUnits), largest(all, needed));
}

/** Own waits, so far or ended, longer than the floor. */
function waitTally(group: CohortGroup, nowMs: EpochMs, floorMs: Millis, sureOnly: boolean): Tally {
  const tally: Tally = [];
  for (const cohort of group) {
    addStarts(tally, cohort.own.counts, nowMs, floorMs, 1);
    addBins(tally, cohort.paused.counts, floorMs, 1);
    addBins(tally, cohort.left.counts, floorMs, 1);
    if (!sureOnly) continue;
    addStarts(tally, cohort.unsureOwn.counts, nowMs, floorMs, -1);
    addBins(tally, cohort.unsurePaused.counts, floorMs, -1);
    addBins(tally, cohort.unsureLeft.counts, floorMs, -1);
  }
  return tally;
}

/** What waits on us now or ended an own wait a moment ago. */
function liveTally(group: CohortGroup, nowMs: EpochMs, floorMs: Millis): Tally {
  const tally: Tally = [];
  for (const cohort of group) {
    addStarts(tally, cohort.own.counts, nowMs, floorMs, 1);
    addBins(tally, cohort.recent.counts, floorMs, 1);
    addStarts(tally, cohort.restarted.counts, nowMs, floorMs, -1);
    addStarts(tally, cohort.restarts.counts, nowMs, floorMs, 1);
  }
  return tally;
}

function addStarts(
  tally: Tally,
  starts: ReadonlyMap<number, number>,
  nowMs: EpochMs,
  floorMs: Millis,
  sign: number,
): void {
  for (const [second, count] of starts) {
    const waitMs = Math.max(0, nowMs - second * 1_000);
    if (waitMs > floorMs) tally.push([waitMs, sign * count]);
  }
}

function addBins(tally: Tally, bins: ReadonlyMap<number, number>, floorMs: Millis, sign: number): void {
  for (const [bin, count] of bins) if (binMs(bin) > floorMs) tally.push([binMs(bin), sign * count]);
}

/** The k-th largest wait; the tally holds at least k. */
function largest(tally: Tally, k: number): Millis {
  // Takings-off stand after what they are taken off.
  tally.sort((a, b) => b[0] - a[0] || b[1] - a[1]);
  let seen = 0;
  for (let i = 0; i < tally.length; i++) {
    const [waitMs, count] = tally[i] ?? [0, 0];
    seen += count;
    if (seen >= k && tally[i + 1]?.[0] !== waitMs) return waitMs;
  }
  return 0;
}

function totalOf(tally: Tally): number {
  return tally.reduce((total, [, count]) => total + count, 0);
}

function startOf(group: CohortGroup): EpochMs {
  return group[0]?.startMs ?? 0;
}

function sum(group: CohortGroup, of: (cohort: Cohort) => number): number {
  return group.reduce((total, cohort) => total + of(cohort), 0);
}
