import type { EpochMs, Millis } from "@mailtide/shared";

/** Of a time that was to last so long. One that would last longer than that began by a clock that was set back since: it is over. */
export const isRunning = (untilMs: EpochMs, nowMs: EpochMs, lengthMs: Millis): boolean =>
  untilMs > nowMs && untilMs - nowMs <= lengthMs;
