import type { EpochMs, Millis } from "@mailtide/shared";
import { binMs, headlineOf, trim, type WaitCohort } from "./headline.ts";
import { count, type WaitCounts } from "./wait-counts.ts";

/** (message, recipient domain), from acceptance until it has left. */
export interface Unit {
  readonly acceptedMs: EpochMs;
  readonly minute: Minute;
  remoteMs: Millis;
  remoteSinceMs: EpochMs | null;
  remoteDueMs: EpochMs;
  /** Own wait before the last remote wait that was longer than the target: it no longer keeps a cohort alive. */
  settledMs: Millis;
}

/** What was accepted within a minute. */
export interface Minute {
  readonly startMs: EpochMs;
  readonly cohort: Cohort;
  size: number;
  endedLate: number;
  readonly waiting: Set<Unit>;
  /** Own waits that ended; null once nobody will ask for them. */
  ended: WaitCounts | null;
}
interface Cohort extends WaitCohort {
  readonly minutes: Minute[];
}

/** What every unit went through. The simulated platform tells each step; the numbers are worked out from that alone. */
export interface Units {
  accept(atMs: EpochMs): Unit;
  /** It waits on others since then; the next attempt is due at `dueMs`. */
  remote(unit: Unit, sinceMs: EpochMs, dueMs: EpochMs): void;
  /** We try again. */
  retry(unit: Unit, atMs: EpochMs): void;
  leave(unit: Unit, atMs: EpochMs): void;
  /** Undeliverable or expired: gone from the count, unless it waited on us beyond the target before. */
  bounce(unit: Unit, atMs: EpochMs): void;
  /** Thrown away as hostile: gone from the count. */
  discard(unit: Unit): void;
}

export interface UnitBook extends Units {
  readonly accepted: number;
  readonly waiting: number;
  /** In order of time; those with units that wait, and those of the last hour. */
  readonly minutes: readonly Minute[];
  remoteCount(nowMs: EpochMs): number;
  headlineMs(nowMs: EpochMs): Millis;
  lateShare(nowMs: EpochMs): number | null;
  stuck(nowMs: EpochMs, headlineMs: Millis): { readonly count: number; readonly oldestMs: Millis | null };
  /** Lets go of what can no longer count, so that a day needs no more memory than its backlog. */
  forget(nowMs: EpochMs): void;
}

export const targetMs: Millis = 300_000;
const minuteMs: Millis = 60_000;
const hourMs: Millis = 3_600_000;
const leastStuckMs: Millis = 1_800_000;

/** `runDelayMs`: a retry that is past due by more than one queue run is ours. */
export function createUnitBook(runDelayMs: Millis): UnitBook {
  let cohorts: Cohort[] = [];
  let minutes: Minute[] = [];
  const elsewhere = new Set<Unit>();
  let waiting = 0;
  let accepted = 0;

  const isRemote = (unit: Unit, nowMs: EpochMs) =>
    unit.remoteSinceMs !== null && nowMs <= unit.remoteDueMs + runDelayMs;
  const remoteNow = (unit: Unit, nowMs: EpochMs): Millis =>
    unit.remoteSinceMs === null ? 0 : Math.max(0, Math.min(nowMs, unit.remoteDueMs + runDelayMs) - unit.remoteSinceMs);
  const ownWait = (unit: Unit, nowMs: EpochMs): Millis =>
    nowMs - unit.acceptedMs - unit.remoteMs - remoteNow(unit, nowMs);

  const minuteAt = (atMs: EpochMs): Minute => {
    const startMs = Math.floor(atMs / minuteMs) * minuteMs;
    const last = minutes.at(-1);
    if (last?.startMs === startMs) return last;
    const cohort = cohortAt(startMs);
    const minute = { startMs, cohort, size: 0, endedLate: 0, waiting: new Set<Unit>(), ended: new Map() };
    cohort.minutes.push(minute);
    minutes.push(minute);
    return minute;
  };
  const cohortAt = (atMs: EpochMs): Cohort => {
    const startMs = Math.floor(atMs / binMs) * binMs;
    const last = cohorts.at(-1);
    if (last?.startMs === startMs) return last;
    const own: Minute[] = [];
    const cohort: Cohort = {
      startMs,
      size: 0,
      ended: [],
      recent: [],
      minutes: own,
      waits(nowMs, each) {
        for (const minute of own) {
          for (const unit of minute.waiting) {
            const waitMs = ownWait(unit, nowMs);
            each(waitMs, isRemote(unit, nowMs) ? null : waitMs - unit.settledMs);
          }
        }
      },
    };
    cohorts.push(cohort);
    return cohort;
  };

  const end = (unit: Unit, atMs: EpochMs, base: "stays" | "stays if late" | "leaves") => {
    const waitMs = ownWait(unit, atMs);
    const { minute } = unit;
    const { cohort } = minute;
    if (!minute.waiting.delete(unit)) throw new Error("a unit left twice");
    waiting--;
    elsewhere.delete(unit);
    if (base === "leaves" || (base === "stays if late" && waitMs <= targetMs)) {
      cohort.size--;
      minute.size--;
      return;
    }
    cohort.ended.push(waitMs);
    cohort.recent.push({ endMs: atMs, waitMs: waitMs - unit.settledMs });
    if (waitMs > targetMs) minute.endedLate++;
    if (minute.ended !== null) count(minute.ended, waitMs);
  };

  return {
    get accepted() {
      return accepted;
    },
    get waiting() {
      return waiting;
    },
    get minutes() {
      return minutes;
    },
    accept(atMs) {
      accepted++;
      waiting++;
      const minute = minuteAt(atMs);
      const unit: Unit = { acceptedMs: atMs, minute, remoteMs: 0, remoteSinceMs: null, remoteDueMs: 0, settledMs: 0 };
      minute.cohort.size++;
      minute.size++;
      minute.waiting.add(unit);
      return unit;
    },
    remote(unit, sinceMs, dueMs) {
      unit.remoteSinceMs = sinceMs;
      unit.remoteDueMs = dueMs;
      elsewhere.add(unit);
    },
    retry(unit, atMs) {
      const elsewhereMs = remoteNow(unit, atMs);
      unit.remoteMs += elsewhereMs;
      unit.remoteSinceMs = null;
      elsewhere.delete(unit);
      if (elsewhereMs > targetMs) unit.settledMs = ownWait(unit, atMs);
    },
    leave: (unit, atMs) => end(unit, atMs, "stays"),
    bounce: (unit, atMs) => end(unit, atMs, "stays if late"),
    discard: (unit) => end(unit, 0, "leaves"),
    remoteCount(nowMs) {
      let remote = 0;
      for (const unit of elsewhere) if (isRemote(unit, nowMs)) remote++;
      return remote;
    },
    headlineMs: (nowMs) => headlineOf(cohorts, nowMs),
    lateShare(nowMs) {
      let size = 0;
      let late = 0;
      for (let place = minutes.length - 1; place >= 0; place--) {
        const minute = minutes[place];
        if (minute === undefined || minute.startMs < nowMs - hourMs) break;
        size += minute.size;
        late += minute.endedLate;
        if (nowMs - minute.startMs <= targetMs) continue;
        for (const unit of minute.waiting) if (ownWait(unit, nowMs) > targetMs) late++;
      }
      return size === 0 ? null : late / size;
    },
    stuck(nowMs, headlineMs) {
      const limitMs = Math.max(3 * headlineMs, leastStuckMs);
      let stuck = 0;
      let oldestMs: Millis | null = null;
      for (const minute of minutes) {
        if (nowMs - minute.startMs <= limitMs) break;
        for (const unit of minute.waiting) {
          if (isRemote(unit, nowMs)) continue;
          const waitMs = ownWait(unit, nowMs);
          if (waitMs <= limitMs) continue;
          stuck++;
          oldestMs = Math.max(oldestMs ?? 0, waitMs);
        }
      }
      return { count: stuck, oldestMs };
    },
    forget(nowMs) {
      for (const cohort of cohorts) trim(cohort, nowMs);
      const counts = (minute: Minute) => minute.waiting.size > 0 || minute.startMs >= nowMs - hourMs;
      cohorts = cohorts.filter((cohort) => cohort.recent.length > 0 || cohort.minutes.some(counts));
      minutes = minutes.filter(counts);
    },
  };
}
