import type { DelaySection, EpochMs } from "@mailtide/shared";
import { quietUnits } from "./quiet.ts";
import type { Recent } from "./recent-window.ts";
import type { Work } from "./work.ts";

/** New mail overtakes the backlog when so many of those accepted 5 to 15 minutes ago are out. */
const overtakes = 0.5;

/** How long a unit accepted now will wait on us, by the discipline that is measured: mail overtakes, queues, or stands. */
export function expectedWait(recent: Recent, work: Work, notMovingSinceMs: EpochMs | null): DelaySection["expected"] {
  if (notMovingSinceMs !== null) return { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs };
  const { median, low, high } = recent.waits;
  if ((recent.leftShare === null || recent.leftShare >= overtakes) && median !== null)
    return { seconds: median, lowSeconds: low, highSeconds: high, notMovingSinceMs };
  // In a quiet night a retry or two make the rate: it says nothing of the mail to come.
  if (work.due > 0 && work.due < quietUnits && recent.unitsLast15Min < quietUnits)
    return { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs };
  const rate = work.busyRate();
  if (work.due === 0) return { seconds: 0, lowSeconds: 0, highSeconds: 0, notMovingSinceMs };
  const at = (perSecond: number | undefined) => (perSecond ? work.due / perSecond : null);
  return { seconds: at(rate?.median), lowSeconds: at(rate?.high), highSeconds: at(rate?.low), notMovingSinceMs };
}

/** Fewer that wait may be a quiet night. */
const standing = 3;
const standingMs = 60_000;

/** Since when mail has waited on us while nothing left. */
export class Movement {
  waitingSinceMs: EpochMs | null = null;

  /** Null while something moves. */
  read(ownWaiting: number, lastDepartureMs: EpochMs | null, nowMs: EpochMs): EpochMs | null {
    if (ownWaiting < standing) this.waitingSinceMs = null;
    else this.waitingSinceMs ??= nowMs;
    if (this.waitingSinceMs === null) return null;
    const sinceMs = Math.max(this.waitingSinceMs, lastDepartureMs ?? this.waitingSinceMs);
    return nowMs - sinceMs >= standingMs ? sinceMs : null;
  }
}
