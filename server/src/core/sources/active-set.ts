import type { EpochMs, Millis } from "@mailtide/shared";

export interface ActiveSetOptions {
  readonly windowMs: Millis;
  /** The window moves in steps of this. */
  readonly stepMs: Millis;
  readonly most: number;
}

/**
 * The keys of a sliding window, exactly, up to a bound; beyond it the count is a lower bound until the window has moved
 * past the overflow. Each step of the window lists the keys that were seen in it, so that forgetting a step touches only
 * those; a key that was seen again since stands in a later list too.
 */
export class ActiveSet {
  readonly #options: ActiveSetOptions;
  readonly #lastStep = new Map<string, number>();
  /** Oldest first. */
  #steps: { readonly step: number; readonly keys: string[] }[] = [];
  #newestStep = -Infinity;
  #overflowStep = -Infinity;

  constructor(options: ActiveSetOptions) {
    this.#options = options;
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
    this.#put(key, step);
  }

  count(nowMs: EpochMs): { readonly count: number; readonly exact: boolean } {
    const step = Math.floor(nowMs / this.#options.stepMs);
    this.#forget(step);
    return { count: this.#lastStep.size, exact: this.#overflowStep <= this.#firstGone(step) };
  }

  /** `[newest, overflow, step, [keys], step, [keys], ...]`. */
  save(): unknown[] {
    const groups: unknown[] = [];
    for (const { step, keys } of this.#steps) {
      const last = keys.filter((key) => this.#lastStep.get(key) === step);
      if (last.length > 0) groups.push(step, last);
    }
    return [finiteOrNull(this.#newestStep), finiteOrNull(this.#overflowStep), ...groups];
  }

  restore([newest, overflow, ...groups]: unknown[]): void {
    this.#lastStep.clear();
    this.#steps = [];
    this.#newestStep = typeof newest === "number" ? newest : -Infinity;
    this.#overflowStep = typeof overflow === "number" ? overflow : -Infinity;
    for (let at = 0; at + 1 < groups.length; at += 2)
      for (const key of groups[at + 1] as string[]) this.#put(key, groups[at] as number);
  }

  /** `step` is never before that of an earlier call. */
  #put(key: string, step: number): void {
    this.#lastStep.set(key, step);
    const last = this.#steps.at(-1);
    if (last?.step === step) last.keys.push(key);
    else this.#steps.push({ step, keys: [key] });
  }

  #forget(step: number): void {
    const gone = this.#firstGone(step);
    for (let oldest = this.#steps[0]; oldest !== undefined && oldest.step <= gone; oldest = this.#steps[0]) {
      for (const key of oldest.keys) if (this.#lastStep.get(key) === oldest.step) this.#lastStep.delete(key);
      this.#steps.shift();
    }
  }

  /** Keys last seen in this step or before are out of the window. */
  #firstGone(step: number): number {
    return step - Math.round(this.#options.windowMs / this.#options.stepMs);
  }
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
