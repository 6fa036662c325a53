import type { EpochMs, Millis } from "@mailtide/shared";
import { cohortMs } from "../model/cohort.ts";
import { Counter } from "../model/counter.ts";
import { headlineMs, type Waits } from "../model/headline.ts";
import { RecentEnds, type SavedEnds } from "../model/recent-ends.ts";
import { waitBin } from "../model/wait-bins.ts";
import type { Triple } from "./triples.ts";

const recentSeconds = 300;
const knownMs = 80_000_000;
const none = new Counter();
const nothing = {
  own: none,
  paused: none,
  left: none,
  recent: none,
  restarted: none,
  restarts: none,
  unsureOwn: none,
  unsurePaused: none,
  unsureLeft: none,
} as const;

/** Triples that were refused first in the same five minutes. */
class SenderCohort implements Waits {
  readonly startMs: EpochMs;
  /** All of them, also those that never came back. */
  units = 0;
  /** How many of them are remembered. */
  remembered = 0;
  /** What was accepted in the same time. */
  taken = 0;
  /** Open ones that came back, by the second of their first refusal. */
  readonly own = new Counter();
  /** Waits that ended, by bin: all, and those of the last five minutes. */
  readonly left = new Counter();
  readonly recent = new Counter();
  readonly paused = none;
  readonly restarted = none;
  readonly restarts = none;
  readonly unsureOwn = none;
  readonly unsurePaused = none;
  readonly unsureLeft = none;

  constructor(startMs: EpochMs) {
    this.startMs = startMs;
  }

  get live(): boolean {
    return this.own.total + this.recent.total > 0;
  }
}

/** The waits of triples as counts, in the cohorts of their first refusal. */
export class SenderCohorts {
  readonly #cohorts = new Map<EpochMs, SenderCohort>();
  readonly #recents = new RecentEnds<SenderCohort>();
  /** How many that came back wait. */
  waiting = 0;

  begin(triple: Triple): void {
    const cohort = this.#of(triple);
    cohort.units += 1;
    cohort.remembered += 1;
  }

  /** It is back, and waits. */
  wait(triple: Triple, delta: 1 | -1): void {
    this.#of(triple).own.add(triple.firstSecond, delta);
    this.waiting += delta;
  }

  /** Counts the wait that ended at its `endSecond`, or takes it back. */
  end(triple: Triple, delta: 1 | -1): void {
    const cohort = this.#of(triple);
    const { firstSecond, endSecond } = triple;
    const bin = waitBin(Math.max(0, endSecond - firstSecond) * 1_000);
    cohort.left.add(bin, delta);
    if (endSecond > this.#recents.oldSecond) this.#recents.count("in", cohort, endSecond, bin, delta);
  }

  /** It is not remembered any more; `isOut`: nor does it count. */
  forget(triple: Triple, isOut: boolean): void {
    const cohort = this.#of(triple);
    cohort.remembered -= 1;
    if (isOut) cohort.units -= 1;
  }

  /** `takenIn` says how much mail was accepted in the five minutes that begin then. */
  advance(nowMs: EpochMs, takenIn: (startMs: EpochMs) => number): void {
    this.#recents.makeOld(Math.floor(nowMs / 1_000) - recentSeconds, () => undefined);
    for (const [startMs, cohort] of this.#cohorts) {
      const ageMs = nowMs - startMs;
      // Later it moves no more, and after a day nobody knows it.
      if (ageMs <= 2 * cohortMs || (cohort.taken === 0 && ageMs < knownMs)) cohort.taken = takenIn(startMs);
      if (cohort.remembered === 0 && !cohort.live && ageMs > cohortMs) this.#cohorts.delete(startMs);
    }
  }

  /** By the rule of the headline; with `all`, as if what was accepted in the same time had been offered with it. */
  headlineMs(nowMs: EpochMs, all: boolean): Millis | null {
    const live = [...this.#cohorts.values()].filter((cohort) => cohort.live).sort((a, b) => a.startMs - b.startMs);
    return headlineMs(
      live.map((cohort) => (all ? [cohort, { ...nothing, startMs: cohort.startMs, units: cohort.taken }] : [cohort])),
      nowMs,
    );
  }

  get areAny(): boolean {
    return this.#cohorts.size > 0;
  }

  save(): SavedCohorts {
    const cohorts = [...this.#cohorts.values()].sort((a, b) => a.startMs - b.startMs);
    return {
      cohorts: cohorts.map(({ startMs, units, taken, left }) => [startMs, units, taken, left.save()]),
      recents: this.#recents.save([]),
    };
  }

  /** Before the triples, which are to be given to `restoreTriple`. */
  restore({ cohorts, recents }: SavedCohorts): void {
    for (const [startMs, units, taken, left] of cohorts) {
      const cohort = this.#at(startMs);
      cohort.units = units;
      cohort.taken = taken;
      cohort.left.restore(left);
    }
    this.#recents.oldSecond = recents.oldSecond;
    for (const [second, direction, startMs, bin, count] of recents.rows)
      this.#recents.count(direction, this.#at(startMs), second, bin, count);
  }

  restoreTriple(triple: Triple): void {
    this.#of(triple).remembered += 1;
    if (triple.isBack && triple.endSecond === 0) this.wait(triple, 1);
  }

  #of({ firstSecond }: Triple): SenderCohort {
    return this.#at(Math.floor((firstSecond * 1_000) / cohortMs) * cohortMs);
  }

  #at(startMs: EpochMs): SenderCohort {
    let cohort = this.#cohorts.get(startMs);
    if (cohort === undefined) this.#cohorts.set(startMs, (cohort = new SenderCohort(startMs)));
    return cohort;
  }
}

export interface SavedCohorts {
  readonly cohorts: readonly (readonly [startMs: EpochMs, units: number, taken: number, left: readonly number[]])[];
  readonly recents: SavedEnds;
}
