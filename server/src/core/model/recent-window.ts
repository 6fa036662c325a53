import type { Direction, EpochMs, Millis, Seconds, Share } from "@mailtide/shared";
import { Counter } from "./counter.ts";
import { survivalQuantiles } from "./survival.ts";
import { startSecond, type Unit } from "./unit.ts";
import { waitBin } from "./wait-bins.ts";

/** Slices by acceptance: a window's edge is exact to one of these. */
const sliceMs = 10_000;
const hourMs = 3_600_000;
const quarterMs = 900_000;

/** Units accepted in ten seconds. */
export interface Slice {
  readonly own: Counter;
  readonly paused: Counter;
  readonly left: Counter;
  /** Those of them with an own wait over the target. */
  latePaused: number;
  lateLeft: number;
}
export type Slices = Map<number, Slice>;

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
  readonly #targetMs: Millis;
  /** Nothing older is counted any more. */
  oldest = Number.MIN_SAFE_INTEGER;

  constructor(targetMs: Millis) {
    this.#targetMs = targetMs;
  }

  count(unit: Unit, delta: 1 | -1): void {
    const key = Math.floor(unit.acceptedMs / sliceMs);
    if (key < this.oldest) return;
    const slice = this.slice(unit.direction, key);
    if (unit.phase === "own") {
      slice.own.add(startSecond(unit), delta);
      return;
    }
    const paused = unit.phase === "paused";
    (paused ? slice.paused : slice.left).add(waitBin(unit.waitMs), delta);
    if (unit.waitMs <= this.#targetMs) return;
    if (paused) slice.latePaused += delta;
    else slice.lateLeft += delta;
  }

  slice(direction: Direction, key: number): Slice {
    const slices = this.slices[direction];
    let slice = slices.get(key);
    if (!slice) slices.set(key, (slice = newSlice()));
    return slice;
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor((nowMs - hourMs) / sliceMs);
    if (oldest <= this.oldest) return;
    this.oldest = oldest;
    for (const slices of Object.values(this.slices))
      for (const key of slices.keys()) if (key < oldest) slices.delete(key);
  }

  read(directions: readonly Direction[], nowMs: EpochMs): Recent {
    const lateBefore = nowMs - this.#targetMs;
    const [quarter, five] = [Math.floor((nowMs - quarterMs) / sliceMs), Math.floor((nowMs - 300_000) / sliceMs)];
    let [units, late, young, middle, middleLeft] = [0, 0, 0, 0, 0];
    const ended = new Counter();
    const going = new Counter();
    for (const direction of directions) {
      for (const [key, slice] of this.slices[direction]) {
        const count = slice.own.total + slice.paused.total + slice.left.total;
        units += count;
        late += slice.latePaused + slice.lateLeft;
        for (const [second, waiting] of slice.own.counts) if (second * 1_000 < lateBefore) late += waiting;
        if (key < quarter) continue;
        young += count;
        for (const [bin, left] of slice.left.counts) ended.add(bin, left);
        for (const [bin, waiting] of slice.paused.counts) going.add(bin, waiting);
        for (const [second, waiting] of slice.own.counts) going.add(waitBin(nowMs - second * 1_000), waiting);
        if (key >= five) continue;
        middle += count;
        middleLeft += slice.left.total;
      }
    }
    const [low = null, median = null, high = null] = survivalQuantiles(ended.counts, going.counts, [0.1, 0.5, 0.9]);
    return {
      units,
      late,
      lateShare: units > 0 ? late / units : null,
      unitsLast15Min: young,
      waits: { median, low, high },
      leftShare: middle > 0 ? middleLeft / middle : null,
    };
  }
}

function newSlice(): Slice {
  return { own: new Counter(), paused: new Counter(), left: new Counter(), latePaused: 0, lateLeft: 0 };
}
