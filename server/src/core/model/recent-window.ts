import { type Direction, directions, type EpochMs, type Millis, type Seconds, type Share } from "@mailtide/shared";
import type { Scope } from "./cohorts.ts";
import { Counter } from "./counter.ts";
import { type Slice, type Slices, sliceMs, SliceSums } from "./slice-sums.ts";
import { survivalQuantiles } from "./survival.ts";
import { startSecond, type Unit } from "./unit.ts";
import { waitBin } from "./wait-bins.ts";

const hourMs = 3_600_000;
/** Low, median and high. */
const waitShares: readonly Share[] = [0.1, 0.5, 0.9];

export interface Recent {
  /** Accepted in the last hour, and how many of them are late. */
  readonly units: number;
  readonly late: number;
  readonly lateShare: Share | null;
  readonly unitsLast15Min: number;
  /** Kaplan-Meier quantiles of the own waits of the units accepted in the last 15 minutes; null when not reached. */
  readonly waits: { readonly median: Seconds | null; readonly low: Seconds | null; readonly high: Seconds | null };
  /** Of the units accepted 5 to 15 minutes ago, those that left; null when there are none. */
  readonly leftShare: Share | null;
}

/** The last hour's units by acceptance, for what the wall shows beside the headline. */
export class RecentWindow {
  readonly slices: Readonly<Record<Direction, Slices>> = { in: new Map(), out: new Map(), internal: new Map() };
  /** What the slices come to, kept up with every change of a unit: nobody walks an hour of slices every second. */
  readonly #sums: Readonly<Record<Direction, SliceSums>>;
  readonly #targetMs: Millis;
  /** What was counted last of each direction: taking back, changing and adding speak of the same. */
  readonly #last: Record<Direction, { readonly key: number; readonly slice: Slice } | null> = {
    in: null,
    out: null,
    internal: null,
  };
  /** Nothing older is counted any more. */
  oldest = Number.MIN_SAFE_INTEGER;

  constructor(targetMs: Millis) {
    this.#targetMs = targetMs;
    const sums = (direction: Direction) => new SliceSums(this.slices[direction]);
    this.#sums = { in: sums("in"), out: sums("out"), internal: sums("internal") };
  }

  count(unit: Unit, delta: 1 | -1): void {
    const key = Math.floor(unit.acceptedMs / sliceMs);
    if (key < this.oldest) return;
    const slice = this.slice(unit.direction, key);
    const sums = this.#sums[unit.direction];
    if (unit.phase === "own") {
      const second = startSecond(unit);
      slice.own.add(second, delta);
      sums.own(key, second, delta);
      return;
    }
    const paused = unit.phase === "paused";
    const bin = waitBin(unit.waitMs);
    (paused ? slice.paused : slice.left).add(bin, delta);
    const late = unit.waitMs > this.#targetMs;
    sums.ended(key, paused, bin, delta, late);
    if (!late) return;
    if (paused) slice.latePaused += delta;
    else slice.lateLeft += delta;
  }

  slice(direction: Direction, key: number): Slice {
    const last = this.#last[direction];
    if (last?.key === key) return last.slice;
    const slices = this.slices[direction];
    let slice = slices.get(key);
    if (!slice) slices.set(key, (slice = newSlice()));
    this.#last[direction] = { key, slice };
    return slice;
  }

  /** What was saved of a slice: the units that left. */
  restoreLeft(direction: Direction, key: number, left: readonly number[], lateLeft: number): void {
    const slice = this.slice(direction, key);
    slice.left.restore(left);
    slice.lateLeft = lateLeft;
    this.#sums[direction].forgetAll();
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor((nowMs - hourMs) / sliceMs);
    const before = this.oldest;
    if (oldest <= before) return;
    this.oldest = oldest;
    for (const direction of directions) {
      this.#last[direction] = null;
      const slices = this.slices[direction];
      // Nothing is counted before the oldest, so that mostly one or two places are to be looked at.
      if (oldest - before < slices.size) for (let key = before; key < oldest; key++) this.#drop(direction, key);
      else for (const key of slices.keys()) if (key < oldest) this.#drop(direction, key);
    }
  }

  #drop(direction: Direction, key: number): void {
    const slice = this.slices[direction].get(key);
    if (slice === undefined) return;
    this.#sums[direction].drop(slice, key);
    this.slices[direction].delete(key);
  }

  read(scope: Scope, nowMs: EpochMs): Recent {
    const of = scope === "all" ? directions : [scope];
    let units = 0;
    let late = 0;
    let young = 0;
    let middle = 0;
    let middleLeft = 0;
    const ended: Counter[] = [];
    const going: Counter[] = [];
    const growing: Counter[] = [];
    for (const direction of of) {
      const sum = this.#sums[direction].at(nowMs, this.#targetMs);
      units += sum.units;
      late += sum.late;
      young += sum.young;
      middle += sum.middle;
      middleLeft += sum.middleLeft;
      ended.push(sum.youngLeft);
      going.push(sum.youngPaused);
      growing.push(sum.youngOwn);
    }
    const quantiles = survivalQuantiles({ ended, going, growing }, nowMs, waitShares);
    return {
      units,
      late,
      lateShare: units > 0 ? late / units : null,
      unitsLast15Min: young,
      waits: { low: quantiles[0] ?? null, median: quantiles[1] ?? null, high: quantiles[2] ?? null },
      leftShare: middle > 0 ? middleLeft / middle : null,
    };
  }
}

function newSlice(): Slice {
  return { own: new Counter(), paused: new Counter(), left: new Counter(), latePaused: 0, lateLeft: 0 };
}
