import type { SqlDetails } from "../../../core/observation.ts";
import { maskStatement } from "../sql/mask.ts";
import { type Deadline, numeric, type Row, type SqlSession } from "../sql/session.ts";
import { blockersOf, type Held, isDdl, type Waiting } from "./metadata.ts";

export interface Locks {
  readonly blocked: NonNullable<SqlDetails["blocked"]>;
  readonly ddl: NonNullable<SqlDetails["ddl"]>;
  readonly waits: number;
  readonly blind: string | null;
}

const mostRows = 20;
/** Names of users have up to 128 characters, and no more than this is taken of an agent. */
const longestLabel = 200;
/** As many sessions as are looked at: the longest first. */
const mostSessions = 500;

/**
 * MariaDB: METADATA_LOCK_INFO lists locks that are held and by whom, but not who waits for which; that is read from the
 * waiting statements, which name their tables.
 */
export async function mariadbLocks(session: SqlSession, deadline: Deadline, hasLockInfo: boolean): Promise<Locks> {
  const [sessions, rowLocks, held] = await session.query(
    [
      `SELECT ID AS id, USER AS user, DB AS db, STATE AS state, INFO AS statement, TIME_MS / 1000 AS seconds
        FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'
        ORDER BY TIME_MS DESC LIMIT ${mostSessions}`,
      `SELECT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS blocker
        FROM information_schema.INNODB_LOCK_WAITS w
        JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
        JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id LIMIT ${mostSessions}`,
      hasLockInfo
        ? `SELECT THREAD_ID AS id, LOCK_MODE AS mode, TABLE_NAME AS name FROM information_schema.METADATA_LOCK_INFO
            WHERE LOCK_TYPE = 'Table metadata lock' LIMIT ${mostSessions}`
        : "SELECT 0 AS id, '' AS mode, '' AS name LIMIT 0",
    ],
    deadline,
  );
  const locks = (held ?? []).map((row): Held => ({
    session: String(row["id"]),
    mode: String(row["mode"]),
    table: String(row["name"]),
  }));
  const blind = hasLockInfo ? null : "the plugin metadata_lock_info is not loaded: who holds a table is not seen";
  return locksOf(sessions ?? [], rowLocks ?? [], (waiting) => blockersOf(waiting, locks), locks, blind);
}

/** MySQL 8: performance_schema knows who waits for whom. */
export async function mysqlLocks(session: SqlSession, deadline: Deadline): Promise<Locks> {
  const [sessions, rowLocks, tableLocks] = await session.query(
    [
      `SELECT PROCESSLIST_ID AS id, PROCESSLIST_USER AS user, PROCESSLIST_DB AS db, PROCESSLIST_STATE AS state,
          PROCESSLIST_INFO AS statement, PROCESSLIST_TIME AS seconds
        FROM performance_schema.threads WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_ID <> CONNECTION_ID()
        ORDER BY PROCESSLIST_TIME DESC LIMIT ${mostSessions}`,
      `SELECT r.PROCESSLIST_ID AS waiter, b.PROCESSLIST_ID AS blocker FROM performance_schema.data_lock_waits w
        JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
        JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID LIMIT ${mostSessions}`,
      `SELECT r.PROCESSLIST_ID AS waiter, b.PROCESSLIST_ID AS blocker FROM performance_schema.metadata_locks p
        JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE
          AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME
          AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID AND (g.LOCK_STATUS = 'GRANTED' OR g.LOCK_TYPE = 'EXCLUSIVE')
        JOIN performance_schema.threads r ON r.THREAD_ID = p.OWNER_THREAD_ID
        JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID
        WHERE p.LOCK_STATUS = 'PENDING' LIMIT ${mostSessions}`,
    ],
    deadline,
  );
  return locksOf(sessions ?? [], [...(rowLocks ?? []), ...(tableLocks ?? [])], () => [], [], null);
}

function locksOf(
  rows: readonly Row[],
  rowLocks: readonly Row[],
  inferred: (waiting: readonly Waiting[]) => readonly (readonly [waiter: string, blocker: string])[],
  held: readonly Held[],
  blind: string | null,
): Locks {
  const sessions = rows.map(sessionOf);
  const labels = new Map(sessions.map(({ id, label }) => [id, label]));
  const metadata = sessions.filter(({ state }) => /^Waiting for .*(?:metadata|table level|commit) lock/iu.test(state));
  const blockers = new Map<string, Set<string>>(metadata.map(({ id }) => [id, new Set()]));
  const pairs = [
    ...rowLocks.map((row) => [String(row["waiter"]), String(row["blocker"])] as const),
    ...inferred(metadata.map(({ id, raw, seconds }) => ({ session: id, statement: raw, seconds }))),
  ];
  for (const [waiter, blocker] of pairs) {
    const known = blockers.get(waiter) ?? new Set();
    known.add(labels.get(blocker) ?? blocker);
    blockers.set(waiter, known);
  }
  const blocked = sessions
    .filter(({ id }) => blockers.has(id))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, mostRows)
    .map(({ id, label, seconds, raw }) => ({
      session: label,
      blockedBy: [...(blockers.get(id) ?? [])].slice(0, mostRows),
      seconds,
      ...(raw === "" ? {} : { statement: maskStatement(raw, "mysql") }),
    }));
  // LOCK TABLES leaves no statement behind: only its lock shows it.
  const exclusive = new Set(held.filter(({ mode }) => isExclusive(mode)).map(({ session }) => session));
  const ddl = sessions
    .filter(({ id, raw }) => isDdl(raw) || exclusive.has(id))
    .slice(0, mostRows)
    .map(({ id, label, seconds, raw }) => ({
      session: label,
      statement: maskStatement(raw, "mysql"),
      seconds,
      granted: !metadata.some((waiting) => waiting.id === id),
    }));
  return { blocked, ddl, waits: blockers.size, blind };
}

/** Modes that shut readers out (MariaDB documentation, "Metadata Lock Info Plugin"). */
const isExclusive = (mode: string): boolean => mode === "MDL_EXCLUSIVE" || mode === "MDL_SHARED_NO_READ_WRITE";

function sessionOf(row: Row) {
  const raw = typeof row["statement"] === "string" ? row["statement"] : "";
  const [user, db] = [row["user"], row["db"]].map((each) => (typeof each === "string" ? each : ""));
  const id = String(row["id"]);
  return {
    id,
    label: `${id}${user === "" ? "" : ` ${user}@${db}`}`.slice(0, longestLabel),
    state: typeof row["state"] === "string" ? row["state"] : "",
    // Masked once it is shown: that of every session, a long statement each, would hold the loop for seconds.
    raw: raw.slice(0, 20_000),
    seconds: Math.max(0, numeric(row["seconds"]) ?? 0),
  };
}
