import type { EpochMs, Seconds, Sentence } from "@mailtide/shared";
import type { ProbeDetails, ProbeObservation, RoundTripDetails, SqlDetails } from "../observation.ts";
import { worstLock } from "./lock.ts";
import { sqlView } from "./sql-view.ts";

/** Look-ups that wait this long for a lock are felt by the mail. */
const lockSeconds = 5;
const saturatedShare = 0.9;

/**
 * Sessions that wait for a lock, with the DDL statement that stands in front of them where there is one; null while no
 * wait is long enough to matter. `sinceMs` is when that began.
 */
export function lockNote({ details }: ProbeObservation, sinceMs: EpochMs | undefined): Sentence | null {
  const waits = details?.lockWaits ?? 0;
  const longestSeconds = details?.longestWaitSeconds ?? 0;
  if (details === undefined || sinceMs === undefined || waits === 0 || longestSeconds < lockSeconds) return null;
  const ddl = worstLock(sqlView(details))?.statement ?? null;
  return {
    id: "dependency.lock-held",
    params: { sinceMs, waits, ddl },
    parts: [
      { text: "lock held since " },
      { atMs: sinceMs, strong: true },
      { text: `, ${waits} ${waits === 1 ? "session waits" : "sessions wait"}` },
      ...(ddl === null ? [] : [{ text: ": " }, { strong: ddl }]),
    ],
  };
}

export function failingNote(sinceMs: EpochMs, error: string, details: SqlDetails | undefined): Sentence {
  const saturated = saturatedNote(details);
  return {
    id: "dependency.failing",
    params: { sinceMs, error },
    parts: [
      { text: "failing since " },
      { atMs: sinceMs, strong: true },
      { text: `: ${error}` },
      ...(saturated === null ? [] : [{ text: "; " }, ...saturated.parts]),
    ],
  };
}

export function slowNote(usualSeconds: Seconds | null): Sentence {
  if (usualSeconds === null) return { id: "dependency.slow", params: {}, parts: [{ text: "slower than allowed" }] };
  return {
    id: "dependency.slower-than-usual",
    params: { usualSeconds },
    parts: [{ text: "slow, usually " }, { durationSeconds: usualSeconds, strong: true }],
  };
}

export function saturatedNote(details: SqlDetails | undefined): Sentence | null {
  const used = details?.connectionsUsed;
  const allowed = details?.connectionsMax;
  if (used === undefined || allowed === undefined || allowed === 0 || used < saturatedShare * allowed) return null;
  return {
    id: "dependency.saturated",
    params: { used, allowed },
    parts: [{ strong: `${used} of ${allowed}` }, { text: " connections used" }],
  };
}

/** It answers, and something will stop it soon. */
export function concernNote(details: ProbeDetails | undefined): Sentence | null {
  const what = details?.concern;
  if (what === undefined) return null;
  return { id: "dependency.concern", params: { what }, parts: [{ text: what }] };
}

/** By how it filled in the last quarter of an hour. */
export function fullSoonNote(seconds: Seconds): Sentence {
  return {
    id: "dependency.full-soon",
    params: { seconds },
    parts: [{ text: "no room for mail in " }, { durationSeconds: seconds, strong: true }, { text: " as it fills now" }],
  };
}

export function blindNote({ type, details }: ProbeObservation): Sentence | null {
  const why = details?.blind;
  if (why === undefined) return null;
  const misses = type === "postgres" || type === "mysql" ? "locks may be missed" : "sees only part";
  return { id: "dependency.blind", params: { why }, parts: [{ text: `${misses}: ${why}` }] };
}

/** What else is known of probe mail while the way through the platform is good. */
export function roundTripNote(details: RoundTripDetails | undefined): Sentence | null {
  const { lateSeconds, waitingSeconds, probesOvertaken } = details ?? {};
  if (lateSeconds !== undefined)
    return {
      id: "dependency.late-return",
      params: { lateSeconds },
      parts: [{ text: "an older one came back after " }, { durationSeconds: lateSeconds, strong: true }],
    };
  if (waitingSeconds !== undefined)
    return {
      id: "dependency.not-back-yet",
      params: { waitingSeconds },
      parts: [{ text: "not back for " }, { durationSeconds: waitingSeconds, strong: true }],
    };
  if (probesOvertaken === undefined) return null;
  return {
    id: "dependency.overtaken",
    params: { probesOvertaken },
    parts: [{ strong: String(probesOvertaken) }, { text: " older not back: stuck or lost" }],
  };
}
