import type { EpochMs } from "@mailtide/shared";

const minuteMs = 60_000;
const minutes = 15;
/** A power of two, over the minutes that are asked for. */
const slots = 16;

/** What left a host lately, by minute. */
export class Departures {
  /** Null when nothing was seen to leave. */
  lastMs: EpochMs | null = null;
  readonly #minutes: number[] = Array.from({ length: slots }, () => -1);
  readonly #counts: number[] = Array.from({ length: slots }, () => 0);

  note(atMs: EpochMs): void {
    if (this.lastMs === null || atMs > this.lastMs) this.lastMs = atMs;
  }

  /** A unit has left, for somebody who gets it. */
  count(atMs: EpochMs): void {
    const minute = Math.floor(atMs / minuteMs);
    const slot = minute % slots;
    const at = this.#minutes[slot] ?? -1;
    // Of a line that comes far too late nobody asks any more.
    if (minute < at) return;
    if (minute > at) {
      this.#minutes[slot] = minute;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** Units that left in the last quarter of an hour, to the minute. */
  lately(nowMs: EpochMs): number {
    const now = Math.floor(nowMs / minuteMs);
    return this.#counts.reduce((sum, count, slot) => {
      const minute = this.#minutes[slot] ?? -1;
      return minute > now - minutes && minute <= now ? sum + count : sum;
    }, 0);
  }

  save(): [minute: number, count: number][] {
    return this.#minutes.flatMap((minute, slot) => (minute < 0 ? [] : [[minute, this.#counts[slot] ?? 0]]));
  }

  restore(saved: readonly (readonly [minute: number, count: number])[]): void {
    for (const [minute, count] of saved) {
      this.#minutes[minute % slots] = minute;
      this.#counts[minute % slots] = count;
    }
  }
}
