import type { DelayTendency, EpochMs, Millis } from "@mailtide/shared";

const spanMs = 180_000;
/** Less than this is the noise of single messages. */
const leastChangeMs = 5_000;
const leastSlope = 0.1;

/** The headline's last minutes: where it goes, and since when it is late. */
export class Course {
  lateSinceMs: EpochMs | null = null;
  /** Those before `#first` are too old: moving up the rest every second costs more than their places. */
  #atMs: EpochMs[] = [];
  #headlineMs: Millis[] = [];
  #first = 0;

  get past(): [atMs: EpochMs, headlineMs: Millis][] {
    return this.#atMs.slice(this.#first).map((atMs, at) => [atMs, this.#headlineMs[this.#first + at] ?? 0]);
  }

  set past(past: readonly (readonly [atMs: EpochMs, headlineMs: Millis])[]) {
    this.#atMs = past.map(([atMs]) => atMs);
    this.#headlineMs = past.map(([, headlineMs]) => headlineMs);
    this.#first = 0;
  }

  add(nowMs: EpochMs, headlineMs: Millis | null, targetMs: Millis): DelayTendency {
    const value = headlineMs ?? 0;
    if (value <= targetMs) this.lateSinceMs = null;
    else this.lateSinceMs ??= nowMs;
    if (this.#atMs.at(-1) !== nowMs) {
      this.#atMs.push(nowMs);
      this.#headlineMs.push(value);
    }
    this.#forget(nowMs - spanMs);
    const firstMs = this.#atMs[this.#first] ?? nowMs;
    if (nowMs === firstMs) return "steady";
    const change = value - (this.#headlineMs[this.#first] ?? 0);
    if (Math.abs(change) < leastChangeMs || Math.abs(change) < leastSlope * (nowMs - firstMs)) return "steady";
    return change > 0 ? "rising" : "falling";
  }

  #forget(beforeMs: EpochMs): void {
    while ((this.#atMs[this.#first] ?? Infinity) < beforeMs) this.#first += 1;
    if (2 * this.#first <= this.#atMs.length) return;
    this.#atMs.splice(0, this.#first);
    this.#headlineMs.splice(0, this.#first);
    this.#first = 0;
  }
}
