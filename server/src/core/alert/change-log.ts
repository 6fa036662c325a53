import type { EpochMs } from "@mailtide/shared";
import type { Change } from "../observation.ts";

const maxChanges = 500;
const keptMs = 24 * 3_600_000;

/** The changes of the last 24 hours, in order of their start; a later word about the same id (its end) replaces it. */
export class ChangeLog {
  #changes: Change[] = [];
  dropped = 0;

  add(change: Change, atMs: EpochMs): void {
    const others = this.#changes.filter(({ id }) => id !== change.id);
    this.#changes = [...others, change].sort((a, b) => a.startAtMs - b.startAtMs);
    this.forget(atMs);
    if (this.#changes.length > maxChanges) {
      this.#changes.shift();
      this.dropped++;
    }
  }

  forget(nowMs: EpochMs): void {
    if (this.#changes.some((change) => isOld(change, nowMs)))
      this.#changes = this.#changes.filter((change) => !isOld(change, nowMs));
  }

  all(): readonly Change[] {
    return this.#changes;
  }

  save(): { readonly changes: readonly Change[]; readonly dropped: number } {
    return { changes: this.#changes, dropped: this.dropped };
  }

  restore(saved: ReturnType<ChangeLog["save"]>): void {
    this.#changes = [...saved.changes];
    this.dropped = saved.dropped;
  }
}

/** One that has not ended is kept as long as one that ended when it was said. */
const isOld = (change: Change, nowMs: EpochMs): boolean => nowMs - (change.endAtMs ?? change.startAtMs) > keptMs;
