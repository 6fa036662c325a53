import type { EpochMs, Millis } from "@mailtide/shared";
import { Counter } from "./counter.ts";

/** Slices by acceptance: a window's edge is exact to one of these. */
export const sliceMs = 10_000;
const quarterMs = 900_000;
const fiveMinutesMs = 300_000;

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

/**
 * The slices of one direction added up: over the whole window, over its last quarter of an hour ("young"), and over
 * those of the young that are older than five minutes ("middle"). Edges move with time, a slice at a time.
 */
export class SliceSums {
  readonly #slices: ReadonlyMap<number, Slice>;
  units = 0;
  young = 0;
  middle = 0;
  middleLeft = 0;
  youngLeft = new Counter();
  youngPaused = new Counter();
  /** By second of the virtual start, as is the next. */
  youngOwn = new Counter();
  #own = new Counter();
  /** Units that ended or paused late. */
  #lateEnded = 0;
  /** Own waits that began before `#lateSecond`. */
  #lateOwn = 0;
  #lateSecond = -Infinity;
  /** First slices of the young, and of those behind the middle. Not known before the first look. */
  #quarter = Infinity;
  #five = Infinity;

  constructor(slices: ReadonlyMap<number, Slice>) {
    this.#slices = slices;
  }

  get late(): number {
    return this.#lateEnded + this.#lateOwn;
  }

  own(key: number, second: number, delta: 1 | -1): void {
    this.#count(key, delta);
    this.#addOwn(second, delta);
    if (key >= this.#quarter) this.youngOwn.add(second, delta);
  }

  ended(key: number, paused: boolean, bin: number, delta: 1 | -1, late: boolean): void {
    this.#count(key, delta);
    if (late) this.#lateEnded += delta;
    if (key < this.#quarter) return;
    (paused ? this.youngPaused : this.youngLeft).add(bin, delta);
    if (!paused && key < this.#five) this.middleLeft += delta;
  }

  /** The slice goes out of the window. */
  drop(slice: Slice, key: number): void {
    if (key >= this.#quarter) this.#addYoung(slice, key, -1);
    this.#addWhole(slice, -1);
  }

  /** The slices were changed by another hand: they are added up anew at the next look. */
  forgetAll(): void {
    this.#quarter = Infinity;
  }

  /** Moves the edges to `nowMs`. */
  at(nowMs: EpochMs, targetMs: Millis): this {
    const quarter = Math.floor((nowMs - quarterMs) / sliceMs);
    const five = Math.floor((nowMs - fiveMinutesMs) / sliceMs);
    if (quarter < this.#quarter || five < this.#five) this.#sumAll(quarter, five);
    else this.#moveEdges(quarter, five);
    this.#moveLate(Math.ceil((nowMs - targetMs) / 1_000));
    return this;
  }

  #count(key: number, delta: 1 | -1): void {
    this.units += delta;
    if (key < this.#quarter) return;
    this.young += delta;
    if (key < this.#five) this.middle += delta;
  }

  #addOwn(second: number, count: number): void {
    this.#own.add(second, count);
    if (second < this.#lateSecond) this.#lateOwn += count;
  }

  #addWhole(slice: Slice, times: 1 | -1): void {
    this.units += times * unitsOf(slice);
    this.#lateEnded += times * (slice.latePaused + slice.lateLeft);
    for (let place = 0; place < slice.own.length; place++)
      this.#addOwn(slice.own.keyAt(place), times * slice.own.countAt(place));
  }

  #addYoung(slice: Slice, key: number, times: 1 | -1): void {
    this.young += times * unitsOf(slice);
    this.youngLeft.addAll(slice.left, times);
    this.youngPaused.addAll(slice.paused, times);
    this.youngOwn.addAll(slice.own, times);
    if (key < this.#five) this.#addMiddle(slice, times);
  }

  #addMiddle(slice: Slice, times: 1 | -1): void {
    this.middle += times * unitsOf(slice);
    this.middleLeft += times * slice.left.total;
  }

  #moveEdges(quarter: number, five: number): void {
    if (quarter === this.#quarter && five === this.#five) return;
    if (five - this.#quarter > this.#slices.size) {
      this.#sumAll(quarter, five);
      return;
    }
    for (let key = this.#five; key < five; key++) {
      const slice = this.#slices.get(key);
      if (slice) this.#addMiddle(slice, 1);
    }
    this.#five = five;
    for (let key = this.#quarter; key < quarter; key++) {
      const slice = this.#slices.get(key);
      if (slice) this.#addYoung(slice, key, -1);
    }
    this.#quarter = quarter;
  }

  #moveLate(second: number): void {
    if (second === this.#lateSecond) return;
    if (second < this.#lateSecond) {
      this.#lateSecond = -Infinity;
      this.#lateOwn = 0;
    }
    const end = this.#own.placeOf(second);
    for (let place = this.#own.placeOf(this.#lateSecond); place < end; place++)
      this.#lateOwn += this.#own.countAt(place);
    this.#lateSecond = second;
  }

  #sumAll(quarter: number, five: number): void {
    this.units = this.young = this.middle = this.middleLeft = 0;
    this.youngLeft = new Counter();
    this.youngPaused = new Counter();
    this.youngOwn = new Counter();
    this.#own = new Counter();
    this.#lateEnded = this.#lateOwn = 0;
    this.#quarter = quarter;
    this.#five = five;
    for (const [key, slice] of this.#slices) {
      this.#addWhole(slice, 1);
      if (key >= quarter) this.#addYoung(slice, key, 1);
    }
  }
}

const unitsOf = ({ own, paused, left }: Slice): number => own.total + paused.total + left.total;
