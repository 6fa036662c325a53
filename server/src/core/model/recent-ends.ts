import type { Direction, EpochMs } from "@mailtide/shared";
import { type Cohort, cohortMs, liveBin } from "./cohort.ts";
import type { Counter } from "./counter.ts";
import type { Unit } from "./unit.ts";

interface Counted {
  readonly startMs: EpochMs;
  readonly recent: Counter;
}

/** How many waits of one cohort ended in one second, by bin. */
interface Ended<Of> {
  readonly direction: Direction;
  readonly cohort: Of;
  readonly bins: Map<number, number>;
}

/**
 * Waits that ended a moment ago keep their cohort live. By the second of their end, as counts: what has left is not kept
 * for it, and a second grows old at once.
 */
export class RecentEnds<Of extends Counted = Cohort> {
  /** Ends of this second and before are old. */
  oldSecond = 0;
  readonly #seconds = new Map<number, Ended<Of>[]>();
  /** Where was counted last. */
  #last: { readonly second: number; readonly ended: Ended<Of> } | null = null;
  /** No second before this one has a list. */
  #first = Infinity;

  count(direction: Direction, cohort: Of, second: number, bin: number, delta: number): void {
    cohort.recent.add(bin, delta);
    const { bins } = this.#at(direction, cohort, second);
    const count = (bins.get(bin) ?? 0) + delta;
    if (count === 0) bins.delete(bin);
    else bins.set(bin, count);
  }

  /** `onChange` is told each cohort that has fewer now. */
  makeOld(second: number, onChange: (direction: Direction, cohort: Of) => void): void {
    if (second <= this.oldSecond) return;
    this.oldSecond = second;
    if (second - this.#first < this.#seconds.size)
      for (; this.#first <= second; this.#first++) this.#drop(this.#first, onChange);
    else {
      for (const each of this.#seconds.keys()) if (each <= second) this.#drop(each, onChange);
      this.#first = second + 1;
    }
  }

  /** In an order that does not depend on when it was last restored. */
  save(counted: Iterable<Unit>): SavedEnds {
    const rows = new Map<string, SavedEnd>();
    for (const [second, all] of this.#seconds)
      for (const { direction, cohort, bins } of all)
        for (const [bin, count] of bins) put(rows, [second, direction, cohort.startMs, bin, count]);
    for (const unit of counted) {
      if (unit.phase === "own" || !unit.counted || unit.recentSecond <= this.oldSecond) continue;
      const startMs = Math.floor(unit.acceptedMs / cohortMs) * cohortMs;
      put(rows, [unit.recentSecond, unit.direction, startMs, liveBin(unit), -1]);
    }
    const kept = [...rows.values()].filter(([, , , , count]) => count !== 0);
    return { oldSecond: this.oldSecond, rows: kept.sort(inOrder) };
  }

  #at(direction: Direction, cohort: Of, second: number): Ended<Of> {
    const last = this.#last;
    if (last !== null && last.second === second && last.ended.cohort === cohort) return last.ended;
    let all = this.#seconds.get(second);
    if (all === undefined) {
      this.#seconds.set(second, (all = []));
      if (second < this.#first) this.#first = second;
    }
    let ended = all.find((each) => each.cohort === cohort);
    if (ended === undefined) all.push((ended = { direction, cohort, bins: new Map() }));
    this.#last = { second, ended };
    return ended;
  }

  #drop(second: number, onChange: (direction: Direction, cohort: Of) => void): void {
    const all = this.#seconds.get(second);
    if (all === undefined) return;
    this.#seconds.delete(second);
    this.#last = null;
    for (const { direction, cohort, bins } of all) {
      for (const [bin, count] of bins) cohort.recent.add(bin, -count);
      onChange(direction, cohort);
    }
  }
}

type SavedEnd = [second: number, direction: Direction, cohortStartMs: EpochMs, bin: number, count: number];
export interface SavedEnds {
  readonly oldSecond: number;
  readonly rows: readonly SavedEnd[];
}

function put(rows: Map<string, SavedEnd>, [second, direction, startMs, bin, count]: SavedEnd): void {
  const key = `${second} ${direction} ${startMs} ${bin}`;
  const before = rows.get(key);
  if (before === undefined) rows.set(key, [second, direction, startMs, bin, count]);
  else before[4] += count;
}

function inOrder(a: SavedEnd, b: SavedEnd): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0) || a[2] - b[2] || a[3] - b[3];
}
