import type { EpochMs, Millis } from "@mailtide/shared";
import type { CaptureCounts } from "./contract.ts";

/** An input may be this much out of order before a line counts as late. */
const watermarkMs: Millis = 2_000;
/** A step of more than this that the next line takes back is a broken line, not a gap. */
const brokenStepMs: Millis = 3_600_000;

/** Gives each item of an input its place in time: never before what came earlier in the same input. */
export class TimeOrder {
  readonly #counts: CaptureCounts;
  /** NaN: nothing came yet. */
  #lastMs: EpochMs = Number.NaN;

  constructor(counts: CaptureCounts) {
    this.#counts = counts;
  }

  /** NaN stands for an item without a time, and for no next one. */
  placeOf(atMs: EpochMs, nextMs: EpochMs): EpochMs {
    const lastMs = this.#lastMs;
    if (atMs === lastMs) return atMs;
    if (Number.isNaN(atMs)) return firstNumber(lastMs, nextMs);
    if (Number.isNaN(lastMs)) return (this.#lastMs = atMs - nextMs > brokenStepMs ? nextMs : atMs);
    if (atMs < lastMs - watermarkMs && lastMs < this.#counts.endMs) this.#counts.late++;
    // One garbled date must not hold back everything after it.
    const broken = atMs - lastMs > brokenStepMs && atMs - nextMs > brokenStepMs;
    return broken ? lastMs : (this.#lastMs = Math.max(lastMs, atMs));
  }
}

const firstNumber = (lastMs: EpochMs, nextMs: EpochMs): EpochMs =>
  Number.isNaN(lastMs) ? (Number.isNaN(nextMs) ? 0 : nextMs) : lastMs;
