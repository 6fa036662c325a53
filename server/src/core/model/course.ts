import type { DelayTendency, EpochMs, Millis } from "@mailtide/shared";

const spanMs = 180_000;
/** Less than this is the noise of single messages. */
const leastChangeMs = 5_000;
const leastSlope = 0.1;

/** The headline's last minutes: where it goes, and since when it is late. */
export class Course {
  lateSinceMs: EpochMs | null = null;
  past: [atMs: EpochMs, headlineMs: Millis][] = [];

  add(nowMs: EpochMs, headlineMs: Millis | null, targetMs: Millis): DelayTendency {
    const value = headlineMs ?? 0;
    if (value <= targetMs) this.lateSinceMs = null;
    else this.lateSinceMs ??= nowMs;
    if (this.past.at(-1)?.[0] !== nowMs) this.past.push([nowMs, value]);
    const stale = this.past.findIndex(([atMs]) => atMs >= nowMs - spanMs);
    if (stale > 0) this.past.splice(0, stale);
    const [first] = this.past;
    if (!first || nowMs === first[0]) return "steady";
    const change = value - first[1];
    if (Math.abs(change) < leastChangeMs || Math.abs(change) < leastSlope * (nowMs - first[0])) return "steady";
    return change > 0 ? "rising" : "falling";
  }
}
