import type { EpochMs, Millis } from "@mailtide/shared";
import type { TruthRow } from "./contract.ts";

/**
 * What the delay really was. The generator tells every step of every unit here; the headline is worked out from that by
 * the product's definition, in code that shares nothing with the product's estimators.
 */
export interface Truth {
  accept(atMs: EpochMs): Unit;
  /** The attempt that began at `sinceMs` failed on the far side; the next is due at `dueMs`. */
  remote(unit: Unit, sinceMs: EpochMs, dueMs: EpochMs): void;
  /** We try again. */
  retry(unit: Unit, atMs: EpochMs): void;
  leave(unit: Unit, atMs: EpochMs): void;
  /** Blocked, bounced or expired: gone from the count, unless it waited on us beyond the target before. */
  drop(unit: Unit, atMs: EpochMs): void;
  row(atMs: EpochMs): TruthRow;
}

export interface Unit {
  readonly acceptedMs: EpochMs;
  readonly cohort: Cohort;
  readonly minute: Minute;
  remoteMs: Millis;
  remoteSinceMs: EpochMs | null;
  remoteDueMs: EpochMs;
  /** Own wait before the last remote wait that was longer than the target: it no longer keeps a cohort alive. */
  settledMs: Millis;
}
interface Cohort {
  readonly startMs: EpochMs;
  size: number;
  readonly ended: Millis[];
  recent: { readonly endMs: EpochMs; readonly waitMs: Millis }[];
  readonly waiting: Set<Unit>;
}
interface Minute {
  readonly startMs: EpochMs;
  size: number;
  endedLate: number;
  readonly waiting: Set<Unit>;
}

const binMs = 300_000;
export const targetMs = 300_000;
export const queueRunDelayMs = 300_000;
const hourMs = 3_600_000;

export function createTruth(): Truth {
  const cohorts: Cohort[] = [];
  const minutes: Minute[] = [];
  const elsewhere = new Set<Unit>();
  let waiting = 0;
  let accepted = 0;

  const end = (unit: Unit, atMs: EpochMs, counts: boolean) => {
    const waitMs = ownWait(unit, atMs);
    waiting--;
    elsewhere.delete(unit);
    unit.cohort.waiting.delete(unit);
    unit.minute.waiting.delete(unit);
    if (!counts && waitMs <= targetMs) {
      unit.cohort.size--;
      unit.minute.size--;
      return;
    }
    unit.cohort.ended.push(waitMs);
    unit.cohort.recent.push({ endMs: atMs, waitMs: waitMs - unit.settledMs });
    if (waitMs > targetMs) unit.minute.endedLate++;
  };

  return {
    accept(atMs) {
      accepted++;
      waiting++;
      const cohort = current(cohorts, atMs, binMs, (startMs) => ({
        startMs,
        size: 0,
        ended: [],
        recent: [],
        waiting: new Set<Unit>(),
      }));
      const minute = current(minutes, atMs, 60_000, (startMs) => ({
        startMs,
        size: 0,
        endedLate: 0,
        waiting: new Set<Unit>(),
      }));
      const unit: Unit = {
        acceptedMs: atMs,
        cohort,
        minute,
        remoteMs: 0,
        remoteSinceMs: null,
        remoteDueMs: 0,
        settledMs: 0,
      };
      cohort.size++;
      minute.size++;
      cohort.waiting.add(unit);
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
    leave: (unit, atMs) => end(unit, atMs, true),
    drop: (unit, atMs) => end(unit, atMs, false),
    row(atMs) {
      forget(cohorts, minutes, atMs);
      let remote = 0;
      for (const unit of elsewhere) if (isRemote(unit, atMs)) remote++;
      return {
        at: new Date(atMs).toISOString(),
        headlineSeconds: Math.round(headline(cohorts, atMs) / 100) / 10,
        lateShare: lateShare(minutes, atMs),
        waiting: waiting - remote,
        remote,
        accepted,
      };
    },
  };
}

/** The longest wait, so far or ended, that surely more than one in twenty of a live cohort suffers. */
function headline(cohorts: readonly Cohort[], nowMs: EpochMs): Millis {
  let best = 0;
  for (const cohort of cohorts) {
    // Nobody can have waited longer than since the cohort began, and later cohorts began later.
    if (nowMs - cohort.startMs <= best) break;
    const waiting = [...cohort.waiting];
    const alive = waiting.filter((unit) => !isRemote(unit, nowMs)).map((unit) => ownWait(unit, nowMs) - unit.settledMs);
    for (const { waitMs } of cohort.recent) alive.push(waitMs);
    const third = nthLargest(alive, 3);
    if (third === null || third <= best) continue;
    const waits = waiting.map((unit) => ownWait(unit, nowMs)).concat(cohort.ended);
    const sure = nthLargest(waits, enough(cohort.size));
    if (sure !== null) best = Math.max(best, Math.min(sure, third));
  }
  return best;
}

/** The smallest k >= 3 for which the Wilson lower bound (z = 3.09) of k/n is at least 5 %. */
export function enough(n: number): number {
  const z = 3.09;
  const lower = (k: number) => {
    const share = k / n;
    const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
    return (share + (z * z) / (2 * n) - spread) / (1 + (z * z) / n);
  };
  let k = Math.max(3, Math.floor(n * 0.05));
  while (k <= n && lower(k) < 0.05) k++;
  return k;
}

function lateShare(minutes: readonly Minute[], nowMs: EpochMs): number | null {
  let size = 0;
  let late = 0;
  for (const minute of minutes) {
    if (minute.startMs < nowMs - hourMs) continue;
    size += minute.size;
    late += minute.endedLate;
    for (const unit of minute.waiting) if (ownWait(unit, nowMs) > targetMs) late++;
  }
  return size === 0 ? null : Math.round((late / size) * 10_000) / 10_000;
}

/** Lets go of cohorts that can no longer count, so that a day needs no more memory than its backlog. */
function forget(cohorts: Cohort[], minutes: Minute[], nowMs: EpochMs): void {
  for (const cohort of cohorts) {
    if (cohort.recent.length > 0) cohort.recent = cohort.recent.filter(({ endMs }) => endMs > nowMs - binMs);
  }
  const done = cohorts.findIndex(
    (cohort) => cohort.waiting.size > 0 || cohort.recent.length > 0 || cohort.startMs > nowMs - hourMs,
  );
  cohorts.splice(0, Math.max(0, done));
  while (minutes[0] !== undefined && minutes[0].startMs < nowMs - hourMs) minutes.shift();
}

/** A retry that is past due by more than one queue run is ours. */
const isRemote = (unit: Unit, nowMs: EpochMs) =>
  unit.remoteSinceMs !== null && nowMs <= unit.remoteDueMs + queueRunDelayMs;
const remoteNow = (unit: Unit, nowMs: EpochMs): Millis =>
  unit.remoteSinceMs === null ? 0 : Math.min(nowMs, unit.remoteDueMs + queueRunDelayMs) - unit.remoteSinceMs;
const ownWait = (unit: Unit, nowMs: EpochMs): Millis =>
  nowMs - unit.acceptedMs - unit.remoteMs - remoteNow(unit, nowMs);

function nthLargest(values: readonly number[], n: number): number | null {
  return Float64Array.from(values).sort()[values.length - n] ?? null;
}

function current<T extends { readonly startMs: EpochMs }>(
  list: T[],
  atMs: EpochMs,
  stepMs: Millis,
  create: (startMs: EpochMs) => T,
): T {
  const startMs = Math.floor(atMs / stepMs) * stepMs;
  const last = list.at(-1);
  if (last !== undefined && last.startMs === startMs) return last;
  const fresh = create(startMs);
  list.push(fresh);
  return fresh;
}
