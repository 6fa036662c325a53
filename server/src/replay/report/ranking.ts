import { type Cause, type EpochMs, type Severity, severities } from "@mailtide/shared";
import { isSymptom } from "../../core/incident/title.ts";
import { type ToldCause, toldCause } from "./told-cause.ts";

export interface RankedCause {
  readonly cause: ToldCause;
  /** 0 to 1, falling from one to the next. It says where a cause stands, and is no probability. */
  readonly score: number;
  readonly startedAtMs: EpochMs;
}

/**
 * What an incident was due to, likeliest first, told from nothing but its alerts: what customers merely feel (late mail) stands
 * behind what may be the reason for it; of those the more severe goes first, then what began earlier. There are six such
 * classes; a cause in class c, the k-th of n in it, scores 1 - (c + k/n)/6.
 */
export function rankCauses(
  alerts: readonly { rule: string; cause: Cause; severity: Severity; startedAtMs: EpochMs }[],
): RankedCause[] {
  const found = new Map<ToldCause, { level: number; startedAtMs: EpochMs }>();
  for (const { rule, cause: finer, severity, startedAtMs } of alerts) {
    const cause = toldCause(finer);
    const level = (isSymptom({ rule }) ? severities.length : 0) + severities.indexOf(severity);
    const before = found.get(cause);
    found.set(cause, {
      level: Math.min(level, before?.level ?? level),
      startedAtMs: Math.min(startedAtMs, before?.startedAtMs ?? startedAtMs),
    });
  }
  const ranked = [...found].sort(
    ([nameA, a], [nameB, b]) => a.level - b.level || a.startedAtMs - b.startedAtMs || (nameA < nameB ? -1 : 1),
  );
  return ranked.map(([cause, { level, startedAtMs }]) => {
    const peers = ranked.filter(([, other]) => other.level === level);
    const place = peers.findIndex(([other]) => other === cause);
    const score = 1 - (level + place / peers.length) / (2 * severities.length);
    return { cause, score: Math.round(score * 1000) / 1000, startedAtMs };
  });
}
