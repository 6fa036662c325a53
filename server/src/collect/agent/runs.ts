import type { EpochMs } from "@mailtide/shared";

/** So often must runs that were succeeded speak again: a last request of theirs may have been on its way. */
const alternationsForTwins = 3;
const withinMs = 300_000;
const calmAfterMs = 120_000;
const mostRuns = 8;

export interface Twins {
  readonly sinceMs: EpochMs;
  /** Addresses of the two that spoke last, in order; one where both come from there. */
  readonly from: readonly string[];
}

/**
 * Tells whether two processes speak as the same node. One that is started anew is never heard of again; twins take turns.
 */
export class Runs {
  #current: string | null = null;
  #currentFrom = "";
  /** And where they came from. */
  readonly #before = new Map<string, string>();
  #alternationsMs: EpochMs[] = [];
  #twinsSinceMs: EpochMs | null = null;

  /** Null when one speaks. */
  note(run: string, nowMs: EpochMs, from: string): Twins | null {
    if (run !== this.#current) {
      if (this.#before.delete(run)) this.#alternationsMs.push(nowMs);
      if (this.#current !== null) this.#before.set(this.#current, this.#currentFrom);
      const [oldest] = this.#before.keys();
      if (this.#before.size > mostRuns && oldest !== undefined) this.#before.delete(oldest);
      this.#current = run;
    }
    this.#currentFrom = from;
    this.#alternationsMs = this.#alternationsMs.filter((atMs) => atMs > nowMs - withinMs).slice(-mostRuns);
    const lastMs = this.#alternationsMs.at(-1);
    if (lastMs === undefined || lastMs < nowMs - calmAfterMs) this.#twinsSinceMs = null;
    else if (this.#alternationsMs.length >= alternationsForTwins)
      this.#twinsSinceMs ??= this.#alternationsMs[0] ?? nowMs;
    if (this.#twinsSinceMs === null) return null;
    const other = [...this.#before.values()].at(-1) ?? from;
    return { sinceMs: this.#twinsSinceMs, from: [...new Set([from, other])].sort() };
  }
}
