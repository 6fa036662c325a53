import type { EpochMs } from "@mailtide/shared";
import { IANAZone } from "luxon";

export interface LogClockOptions {
  /** IANA zone of timestamps that state none. Throws when it is unknown. */
  readonly zone: string;
  /** The year of the first line, for logs that are read from a file. */
  readonly firstYear?: number;
  /** For live logs without `firstYear`: the year is the newest that is not after this instant plus one day. */
  readonly now?: () => EpochMs;
}

/**
 * Turns log timestamps without year or zone into instants. Remembers the line before, because only the order of lines
 * tells December from January and the first 02:30 of an autumn night from the second: one clock per log.
 */
export class LogClock {
  readonly #zone: IANAZone;
  readonly #now: () => EpochMs;
  #year: number | undefined;
  #month = 0;
  /** The minute of the last line and the instant at which it began: most lines share it. */
  #minuteKey = -1;
  #minuteMs = 0;
  /** The last minute of wall time that no change of the clock is near, and what it is ahead of UTC: asking the zone costs. */
  #plainMinute = Number.NaN;
  #plainOffsetMs = 0;
  /** The wall time of the last line that stood in a doubtful hour, as if it were UTC. */
  #doubtfulMs = Number.NEGATIVE_INFINITY;
  #second = false;
  #wasDoubtful = false;

  constructor(options: LogClockOptions) {
    this.#zone = IANAZone.create(options.zone);
    if (!this.#zone.isValid) throw new Error(`unknown time zone "${options.zone}"`);
    this.#year = options.firstYear;
    this.#now = options.now ?? ((): EpochMs => Number.POSITIVE_INFINITY);
    if (options.firstYear === undefined && options.now === undefined)
      throw new Error("a log clock needs a year or now");
  }

  /** A timestamp without year, as RFC 3164 has it; `month` from 1. */
  withoutYear(month: number, day: number, hour: number, minute: number, second: number): EpochMs {
    const key = ((month * 32 + day) * 24 + hour) * 60 + minute;
    if (key === this.#minuteKey) return this.#minuteMs + second * 1000;
    const year = this.#year === undefined ? newestYear(month, day, this.#now()) : this.#yearOf(month);
    const atMs = this.wall(year, month, day, hour, minute, 0);
    // Within a doubtful hour each line may be the step back, and a straggler's year holds for itself only.
    const plain = !this.#wasDoubtful && (this.#year === undefined || year === this.#year);
    this.#minuteKey = plain ? key : -1;
    this.#minuteMs = atMs;
    return atMs + second * 1000;
  }

  /** Wall time in the log's zone. In a doubtful hour the first occurrence, until time steps back. */
  wall(year: number, month: number, day: number, hour: number, minute: number, second: number): EpochMs {
    const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
    const localMinute = Math.floor(localMs / minuteMs);
    if (localMinute === this.#plainMinute) {
      this.#wasDoubtful = false;
      return localMs - this.#plainOffsetMs;
    }
    const before = localMs - this.#zone.offset(localMs - dayMs) * 60_000;
    const after = localMs - this.#zone.offset(localMs + dayMs) * 60_000;
    this.#wasDoubtful = false;
    if (before === after) {
      this.#plainMinute = localMinute;
      this.#plainOffsetMs = localMs - before;
      return before;
    }
    const beforeHolds = localMs - this.#zone.offset(before) * 60_000 === before;
    const afterHolds = localMs - this.#zone.offset(after) * 60_000 === after;
    if (beforeHolds && afterHolds) return this.#doubtful(localMs, before, after);
    // A wall time that the spring change leaves out counts on from before the change.
    return afterHolds ? after : before;
  }

  #doubtful(localMs: number, firstMs: number, secondMs: number): EpochMs {
    this.#wasDoubtful = true;
    if (Math.abs(localMs - this.#doubtfulMs) > dayMs) this.#second = false;
    else if (localMs < this.#doubtfulMs - stragglerMs) this.#second = true;
    this.#doubtfulMs = localMs;
    return this.#second ? secondMs : firstMs;
  }

  #yearOf(month: number): number {
    const year = this.#year ?? 0;
    const back = this.#month - month;
    // The first line of all, or no month passed.
    if (this.#month === 0 || back === 0) this.#month = month;
    else if (back >= halfYear) {
      this.#month = month;
      this.#year = year + 1;
      return year + 1;
    } else if (back === january - december) return year - 1;
    else if (back < 0) this.#month = month;
    return year;
  }
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Lines of several writers can be a little out of order without the clock having been set back. */
const stragglerMs = 60_000;
const halfYear = 6;
const january = 1;
const december = 12;

function newestYear(month: number, day: number, nowMs: EpochMs): number {
  const latestMs = nowMs + dayMs;
  let year = new Date(latestMs).getUTCFullYear();
  // A date of 29 February belongs to a leap year; eight years hold at least one.
  for (let tries = 0; tries < 9; tries++, year--) {
    const atMs = Date.UTC(year, month - 1, day);
    if (atMs <= latestMs && new Date(atMs).getUTCDate() === day) return year;
  }
  return year;
}
