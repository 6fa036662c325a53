import type { EpochMs, Millis } from "@mailtide/shared";
import { durationText } from "../../core/text/figures.ts";

/**
 * Whether the lines of a log that is followed at its end say the time at which they come. Zones differ by quarters of an
 * hour: a distance that stays at some of them is a zone that is read wrongly, or a clock that was set wrongly. A writer that
 * buffers or catches up stays nowhere.
 */
export class ZoneWatch {
  #lookedMs: EpochMs = -Infinity;
  #since: { readonly atMs: EpochMs; readonly shiftMs: Millis } | null = null;
  #batches = 0;
  #shiftMs: Millis | null = null;

  /** All there was has been read. */
  looked(nowMs: EpochMs): void {
    this.#lookedMs = nowMs;
  }

  /** Lines have come; `saysMs`: the time that the last of them says. */
  came(saysMs: EpochMs, nowMs: EpochMs): void {
    // What had been written before somebody looked is as old as it says.
    if (nowMs - this.#lookedMs > mostBetweenMs) return;
    const shiftMs = nowMs - saysMs;
    if (!isZones(shiftMs)) {
      this.#since = null;
      this.#batches = 0;
      this.#shiftMs = null;
      return;
    }
    if (this.#since === null || Math.abs(shiftMs - this.#since.shiftMs) > slackMs) {
      this.#since = { atMs: nowMs, shiftMs };
      this.#batches = 0;
    }
    this.#batches += 1;
    if (this.#batches >= enoughBatches && nowMs - this.#since.atMs >= enoughMs) this.#shiftMs = shiftMs;
  }

  /** In words; null as long as nothing is known to be wrong. */
  get problem(): string | null {
    if (this.#shiftMs === null) return null;
    const far = durationText(Math.round(Math.abs(this.#shiftMs) / 900_000) * 900);
    const direction = this.#shiftMs > 0 ? "behind" : "ahead of";
    return `its lines come with times ${far} ${direction} this clock: the node's timezone is not the one that the log is written in, or the host that writes it has a wrong clock`;
  }
}

/** Several times a second it is looked whether there is more. */
const mostBetweenMs = 5_000;
const slackMs = 120_000;
const quarterMs = 900_000;
/** From UTC-12 to UTC+14, read as one another. */
const mostMs = 26 * 3_600_000 + slackMs;
const enoughMs = 60_000;
const enoughBatches = 3;

function isZones(shiftMs: Millis): boolean {
  const far = Math.abs(shiftMs);
  const rest = far % quarterMs;
  return far > quarterMs - slackMs && far <= mostMs && Math.min(rest, quarterMs - rest) <= slackMs;
}
