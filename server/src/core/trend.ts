import type { EpochMs, Seconds, TrendMark, TrendSection } from "@mailtide/shared";
import type { SavedPart } from "./part.ts";

const stepSeconds: Seconds = 180;
/** 15 hours: an origin day from its calm morning to its recovery. */
const rows = 300;

/**
 * The headline of the last hours, one row a step, the highest value of each step: what a chart must never lose is the peak.
 * A step in which nothing was known is null.
 */
export class Trend {
  readonly name = "trend";
  readonly format = 1;
  #atMs: EpochMs[] = [];
  #headlineSeconds: (Seconds | null)[] = [];
  #section: TrendSection | null = null;

  add(nowMs: EpochMs, headlineSeconds: Seconds | null): void {
    const stepMs = Math.floor(nowMs / (stepSeconds * 1000)) * stepSeconds * 1000;
    // A clock was set back.
    while ((this.#atMs.at(-1) ?? -Infinity) > stepMs) this.#pop();
    const last = this.#atMs.length - 1;
    const lastMs = this.#atMs[last];
    if (lastMs === undefined || stepMs > lastMs) {
      // Steps in which nobody looked are holes, not a line from before to after.
      if (lastMs !== undefined && stepMs > lastMs + stepSeconds * 1000) this.#push(lastMs + stepSeconds * 1000, null);
      this.#push(stepMs, headlineSeconds);
      return;
    }
    const before = this.#headlineSeconds[last] ?? null;
    const value =
      before === null || headlineSeconds === null ? (headlineSeconds ?? before) : Math.max(before, headlineSeconds);
    if (value === before) return;
    this.#headlineSeconds[last] = value;
    this.#section = null;
  }

  get fromMs(): EpochMs {
    return this.#atMs[0] ?? 0;
  }

  /** The same object until something changed, so that an unchanged trend is not sent again. */
  section(marks: readonly TrendMark[]): TrendSection {
    if (this.#section === null || !sameMarks(this.#section.marks, marks)) {
      this.#section = { stepSeconds, atMs: [...this.#atMs], headlineSeconds: [...this.#headlineSeconds], marks };
    }
    return this.#section;
  }

  save(): string {
    return JSON.stringify({ atMs: this.#atMs, headlineSeconds: this.#headlineSeconds });
  }

  restore(saved: SavedPart): boolean {
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as { atMs: EpochMs[]; headlineSeconds: (Seconds | null)[] };
    this.#atMs = state.atMs;
    this.#headlineSeconds = state.headlineSeconds;
    this.#section = null;
    return true;
  }

  #pop(): void {
    this.#atMs.pop();
    this.#headlineSeconds.pop();
    this.#section = null;
  }

  #push(atMs: EpochMs, headlineSeconds: Seconds | null): void {
    this.#atMs.push(atMs);
    this.#headlineSeconds.push(headlineSeconds);
    if (this.#atMs.length > rows) {
      this.#atMs.shift();
      this.#headlineSeconds.shift();
    }
    this.#section = null;
  }
}

function sameMarks(before: readonly TrendMark[], now: readonly TrendMark[]): boolean {
  return (
    before.length === now.length &&
    before.every((mark, at) => mark.atMs === now[at]?.atMs && mark.label.id === now[at]?.label.id)
  );
}
