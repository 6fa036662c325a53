import type { EpochMs, SqlView } from "@mailtide/shared";

/** A schema change that holds its lock, or waits for it, while others wait behind it. */
export interface Lock {
  readonly session: string;
  readonly statement: string;
  readonly seconds: number;
  readonly granted: boolean;
  /** Sessions that wait behind it, directly or through others. */
  readonly blocked: readonly string[];
  /** Who keeps the change itself from its lock. */
  readonly blocker: string | null;
}

/** The change that holds most sessions, then the one that lasts longest. */
export function worstLock(sql: SqlView): Lock | null {
  const locks = sql.ddl.map(({ session, statement, seconds, granted }): Lock => {
    const waiting = sql.blocked.find((entry) => entry.session === session);
    return {
      session,
      statement,
      seconds,
      granted,
      blocked: behind(session, sql),
      blocker: waiting?.blockedBy[0] ?? null,
    };
  });
  return locks.reduce<Lock | null>(
    (worst, lock) =>
      worst === null ||
      lock.blocked.length > worst.blocked.length ||
      (lock.blocked.length === worst.blocked.length && lock.seconds > worst.seconds)
        ? lock
        : worst,
    null,
  );
}

/** Who waits behind a session, directly or through others. The list is bounded by what the probe reports. */
function behind(session: string, { blocked }: SqlView): readonly string[] {
  const found = new Set<string>();
  const ahead = [session];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop())
    for (const entry of blocked)
      if (entry.session !== session && !found.has(entry.session) && entry.blockedBy.includes(next)) {
        found.add(entry.session);
        ahead.push(entry.session);
      }
  return [...found];
}

/** Since when a schema change is under way, or sessions wait for a lock, as it was told first. */
export interface LockSince {
  /** Of the schema change that they wait for; null when it is another lock. */
  readonly session: string | null;
  readonly sinceMs: EpochMs;
}

/**
 * Null where neither is. Databases tell how long a wait lasts, some in whole seconds, and each answer takes its time: the
 * same beginning comes out a little otherwise each time, and everything that names it must name the same instant.
 */
export function lockSince(before: LockSince | null, sql: SqlView, atMs: EpochMs): LockSince | null {
  const lock = worstLock(sql);
  const seconds = lock?.seconds ?? sql.longestWaitSeconds ?? 0;
  if (lock === null && ((sql.lockWaits ?? 0) === 0 || seconds === 0)) return null;
  const session = lock?.session ?? null;
  const sinceMs: EpochMs = Math.round(atMs - seconds * 1000);
  const isSame = before?.session === session && Math.abs(before.sinceMs - sinceMs) <= sameMs;
  return isSame ? before : { session, sinceMs };
}

const sameMs = 5_000;
