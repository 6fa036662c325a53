import type { DelaySection, EpochMs, Millis, PerSecond } from "@mailtide/shared";
import type { Work } from "./work.ts";

/** Waits that have ended keep their cohort live for so long. */
const echoMs = 300_000;

/**
 * The earliest on-time moment that work and rate allow: the best tenth of busy blocks does what is due or sleeps on us,
 * against the arrivals of now, until what is left is done within the target. Where arrivals are more than
 * that, the bound takes them as stopped and says only "unknown".
 */
export function recovery(
  headlineMs: Millis | null,
  targetMs: Millis,
  ownSleeping: number,
  work: Work,
  { nowMs, arrivingPerSecond: arriving }: { readonly nowMs: EpochMs; readonly arrivingPerSecond: PerSecond },
): DelaySection["recovery"] {
  const unsaid = { atMs: null, lowMs: null, highMs: null };
  if (headlineMs === null || headlineMs <= targetMs) return { state: "none", notBeforeMs: null, ...unsaid };
  const rate = work.busyRate();
  if (!rate || rate.high <= 0) return { state: "unknown", notBeforeMs: null, ...unsaid };
  const drains = rate.high > arriving;
  const backlog = Math.max(0, work.due + ownSleeping - (rate.high * targetMs) / 1_000);
  const seconds = backlog / (drains ? rate.high - arriving : rate.high);
  return {
    state: drains ? "recovering" : "unknown",
    notBeforeMs: Math.ceil(nowMs + seconds * 1_000 + echoMs),
    ...unsaid,
  };
}
