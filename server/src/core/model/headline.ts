import type { EpochMs, Millis } from "@mailtide/shared";
import type { Counter } from "./counter.ts";
import { binMs } from "./wait-bins.ts";

/** Waits of what was accepted in the same five minutes; see `Cohort`. */
export interface Waits {
  readonly startMs: EpochMs;
  readonly units: number;
  readonly own: Counter;
  readonly paused: Counter;
  readonly left: Counter;
  readonly recent: Counter;
  readonly restarted: Counter;
  readonly restarts: Counter;
  readonly unsureOwn: Counter;
  readonly unsurePaused: Counter;
  readonly unsureLeft: Counter;
}
type Group = readonly Waits[];

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

/**
 * The longest wait of which we are sure that more than one in twenty of the mails accepted at some time suffers it, and
 * still does. Null when no cohort allows any wait to be said. `sureOnly` leaves the doubtful waits out.
 * `groups` are those in which some cohort is live, the oldest first.
 */
export function headlineMs(groups: readonly Group[], nowMs: EpochMs, sureOnly = false): Millis | null {
  let best: Millis | null = null;
  for (const group of groups) {
    // Nobody in it, nor in any later one, can have waited longer than this.
    if (best !== null && nowMs - startOf(group) <= best) break;
    const wait = cohortMsOf(group, nowMs, best ?? -1, sureOnly);
    if (wait !== null && (best === null || wait > best)) best = wait;
  }
  return best;
}

/** The wait that both the cohort as a whole and those of it who still suffer it allow to be said, when over the floor. */
function cohortMsOf(group: Group, nowMs: EpochMs, floorMs: Millis, sureOnly: boolean): Millis | null {
  let units = 0;
  let liveUnits = 0;
  for (const cohort of group) {
    units += cohort.units;
    liveUnits += cohort.own.total + cohort.recent.total;
  }
  // Most that are live are so by a retry or two.
  if (liveUnits < atLeastUnits) return null;
  const live = kthLongest(liveWaits(group, nowMs), atLeastUnits, floorMs);
  if (live === null) return null;
  const all = kthLongest(allWaits(group, nowMs, sureOnly), unitsNeeded(units), floorMs);
  return all === null ? null : Math.min(live, all);
}

/** Own waits, so far or ended. */
function allWaits(group: Group, nowMs: EpochMs, sureOnly: boolean): Descent[] {
  const descents: Descent[] = [];
  for (const cohort of group) {
    put(descents, cohort.own, 1, nowMs);
    put(descents, cohort.paused, 1);
    put(descents, cohort.left, 1);
    if (!sureOnly) continue;
    put(descents, cohort.unsureOwn, -1, nowMs);
    put(descents, cohort.unsurePaused, -1);
    put(descents, cohort.unsureLeft, -1);
  }
  return descents;
}

/** What waits on us now or ended an own wait a moment ago. */
function liveWaits(group: Group, nowMs: EpochMs): Descent[] {
  const descents: Descent[] = [];
  for (const cohort of group) {
    put(descents, cohort.own, 1, nowMs);
    put(descents, cohort.recent, 1);
    put(descents, cohort.restarted, -1, nowMs);
    put(descents, cohort.restarts, 1, nowMs);
  }
  return descents;
}

function put(descents: Descent[], counter: Counter, sign: 1 | -1, nowMs?: EpochMs): void {
  if (counter.total !== 0) descents.push(new Descent(counter, sign, nowMs));
}

/** Goes through a counter from the longest wait on: by the second they began in, when `nowMs` is given, else by wait bin. */
class Descent {
  readonly #counter: Counter;
  readonly #sign: 1 | -1;
  readonly #nowMs: EpochMs | undefined;
  #place: number;
  /** The next wait; -1 at the end. */
  waitMs: Millis = 0;

  constructor(counter: Counter, sign: 1 | -1, nowMs?: EpochMs) {
    this.#counter = counter;
    this.#sign = sign;
    this.#nowMs = nowMs;
    this.#place = nowMs === undefined ? counter.length - 1 : 0;
    this.#stand();
  }

  /** How many have the next wait; goes on to the one after. */
  take(): number {
    const count = this.#sign * this.#counter.countAt(this.#place);
    this.#place += this.#nowMs === undefined ? -1 : 1;
    this.#stand();
    return count;
  }

  #stand(): void {
    const counter = this.#counter;
    if (this.#nowMs === undefined) {
      while (this.#place >= 0 && counter.countAt(this.#place) === 0) this.#place -= 1;
      this.waitMs = this.#place < 0 ? -1 : binMs(counter.keyAt(this.#place));
    } else {
      while (this.#place < counter.length && counter.countAt(this.#place) === 0) this.#place += 1;
      this.waitMs = this.#place >= counter.length ? -1 : Math.max(0, this.#nowMs - counter.keyAt(this.#place) * 1_000);
    }
  }
}

/** The k-th longest of the waits over the floor; null when there are fewer. What is taken off never exceeds what is there. */
function kthLongest(descents: readonly Descent[], k: number, floorMs: Millis): Millis | null {
  let seen = 0;
  for (;;) {
    let longestMs = -1;
    for (const { waitMs } of descents) if (waitMs > longestMs) longestMs = waitMs;
    if (longestMs <= floorMs) return null;
    for (const descent of descents) while (descent.waitMs === longestMs) seen += descent.take();
    if (seen >= k) return longestMs;
  }
}

function startOf(group: Group): EpochMs {
  return group[0]?.startMs ?? 0;
}
