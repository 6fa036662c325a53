import type { EpochMs, Millis } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";

/** How many different keys were seen in a sliding window. A sketch can stand behind this later. */
export interface DistinctCounter {
  add(key: string, atMs: EpochMs): void;
  count(nowMs: EpochMs): { readonly count: number; readonly exact: boolean };
}

export interface ActiveSetOptions {
  readonly windowMs: Millis;
  /** The window moves in steps of this. */
  readonly stepMs: Millis;
  readonly most: number;
}

/**
 * The keys of a sliding window, exactly, up to a bound; beyond it the count is a lower bound until the window has moved
 * past the overflow. Keys stand in the order of the step in which they were last seen, so that forgetting is cheap.
 */
export class ActiveSet implements DistinctCounter {
  readonly #options: ActiveSetOptions;
  readonly #lastStep = new InOrder<number>();
  #newestStep = -Infinity;
  #overflowStep = -Infinity;

  constructor(options: ActiveSetOptions) {
    this.#options = options;
  }

  has(key: string): boolean {
    return this.#lastStep.has(key);
  }

  add(key: string, atMs: EpochMs): void {
    const step = Math.max(this.#newestStep, Math.floor(atMs / this.#options.stepMs));
    this.#newestStep = step;
    const before = this.#lastStep.get(key);
    if (before === step) return;
    if (before === undefined && this.#lastStep.size >= this.#options.most) {
      this.#forget(step);
      if (this.#lastStep.size >= this.#options.most) {
        this.#overflowStep = step;
        return;
      }
    }
    this.#lastStep.put(key, step);
  }

  count(nowMs: EpochMs): { readonly count: number; readonly exact: boolean } {
    const step = Math.floor(nowMs / this.#options.stepMs);
    this.#forget(step);
    return { count: this.#lastStep.size, exact: this.#overflowStep <= this.#firstGone(step) };
  }

  #clear(): void {
    this.#lastStep.clear();
    this.#newestStep = this.#overflowStep = -Infinity;
  }

  /** `[newest, overflow, step, [keys], step, [keys], ...]`. */
  save(): unknown[] {
    const groups = new Map<number, string[]>();
    for (const [key, step] of this.#lastStep.entries()) {
      const group = groups.get(step);
      if (group === undefined) groups.set(step, [key]);
      else group.push(key);
    }
    return [finiteOrNull(this.#newestStep), finiteOrNull(this.#overflowStep), ...[...groups].flat()];
  }

  restore([newest, overflow, ...groups]: unknown[]): void {
    this.#clear();
    this.#newestStep = typeof newest === "number" ? newest : -Infinity;
    this.#overflowStep = typeof overflow === "number" ? overflow : -Infinity;
    for (let at = 0; at + 1 < groups.length; at += 2)
      for (const key of groups[at + 1] as string[]) this.#lastStep.put(key, groups[at] as number);
  }

  #forget(step: number): void {
    const gone = this.#firstGone(step);
    for (let next = this.#lastStep.oldest(); next !== undefined && next[1] <= gone; next = this.#lastStep.oldest())
      this.#lastStep.delete(next[0]);
  }

  /** Keys last seen in this step or before are out of the window. */
  #firstGone(step: number): number {
    return step - Math.round(this.#options.windowMs / this.#options.stepMs);
  }
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
