import { type DelayNumbers, type Direction, directions, type EpochMs, type Millis } from "@mailtide/shared";
import type { Cohorts, Scope } from "./cohorts.ts";
import { headlineMs } from "./headline.ts";
import { quietUnits } from "./quiet.ts";
import type { Recent, RecentWindow } from "./recent-window.ts";

export interface Numbers {
  readonly headlineMs: Millis | null;
  readonly recent: Recent;
  readonly shown: DelayNumbers;
}

/** The three numbers over some directions together. */
export function numbersOf(cohorts: Cohorts, window: RecentWindow, of: Scope, nowMs: EpochMs): Numbers {
  const recent = window.read(of, nowMs);
  const found = headlineMs(cohorts.groups(of), nowMs);
  // With mail enough to judge by, that no wait can be said means that there is none.
  const headline = found ?? (recent.unitsLast15Min >= quietUnits ? 0 : null);
  return {
    headlineMs: headline,
    recent,
    shown: {
      headlineSeconds: headline === null ? null : headline / 1_000,
      lateShare: recent.lateShare,
      typicalSeconds: recent.waits.median,
    },
  };
}

/** Each direction that had mail in the last hour. */
export function byDirection(
  cohorts: Cohorts,
  window: RecentWindow,
  nowMs: EpochMs,
): Partial<Record<Direction, DelayNumbers>> {
  const numbers: Partial<Record<Direction, DelayNumbers>> = {};
  for (const direction of directions) {
    if (cohorts.byDirection[direction].size === 0) continue;
    const { headlineMs: headline, recent, shown } = numbersOf(cohorts, window, direction, nowMs);
    if (recent.units > 0 || headline !== null) numbers[direction] = shown;
  }
  return numbers;
}

/** Doubtful waits move the headline by more than a tenth. */
export function isAtMost(cohorts: Cohorts, headline: Millis | null, nowMs: EpochMs): boolean {
  if (headline === null || headline === 0 || !isDoubtful(cohorts)) return false;
  const sure = headlineMs(cohorts.groups("all"), nowMs, true) ?? 0;
  return sure < headline * 0.9;
}

function isDoubtful(cohorts: Cohorts): boolean {
  for (const direction of directions)
    for (const { unsureOwn, unsurePaused, unsureLeft } of cohorts.live(direction))
      if (unsureOwn.total + unsurePaused.total + unsureLeft.total > 0) return true;
  return false;
}
