import type { EpochMs } from "@mailtide/shared";

/** So often must runs that were succeeded speak again: a last request of theirs may have been on its way. */
const alternationsForTwins = 3;
const withinMs = 300_000;
const calmAfterMs = 120_000;
const mostRuns = 8;

/**
 * Tells whether two processes speak as the same node. One that is started anew is never heard of again; twins take turns.
 */
export class Runs {
  #current: string | null = null;
  readonly #before = new Set<string>();
  #alternationsMs: EpochMs[] = [];
  #twinsSinceMs: EpochMs | null = null;

  /** Since when two speak; null when one does. */
  note(run: string, nowMs: EpochMs): EpochMs | null {
    if (run !== this.#current) {
      if (this.#before.delete(run)) this.#alternationsMs.push(nowMs);
      if (this.#current !== null) this.#before.add(this.#current);
      const [oldest] = this.#before;
      if (this.#before.size > mostRuns && oldest !== undefined) this.#before.delete(oldest);
      this.#current = run;
    }
    this.#alternationsMs = this.#alternationsMs.filter((atMs) => atMs > nowMs - withinMs).slice(-mostRuns);
    const lastMs = this.#alternationsMs.at(-1);
    if (lastMs === undefined || lastMs < nowMs - calmAfterMs) this.#twinsSinceMs = null;
    else if (this.#alternationsMs.length >= alternationsForTwins)
      this.#twinsSinceMs ??= this.#alternationsMs[0] ?? nowMs;
    return this.#twinsSinceMs;
  }
}
