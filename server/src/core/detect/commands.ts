/**
 * Commands that a person copies into a shell or an SQL prompt. They are built from fixed words; what comes from outside
 * goes in only when it is made of characters that mean nothing to a shell. Else there is no command.
 */
/** What may stand in a command as the name of a destination. */
export const isPlainDomain = (domain: string): boolean =>
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})+$/.test(domain);

/** Probes name a session by its number and whose it is: `4711 mail@db`. Only the number is for a command. */
const numberOf = (session: string): string | null => /^(\d{1,18})(?: |$)/.exec(session)?.[1] ?? null;

export type SqlKind = "postgres" | "mysql";

/** Ends what the session runs now, keeps the session. */
export function cancelStatement(kind: SqlKind, session: string): string | null {
  const number = numberOf(session);
  if (number === null) return null;
  return kind === "postgres" ? `SELECT pg_cancel_backend(${number});` : `KILL QUERY ${number};`;
}

/** Ends the session; its transaction is rolled back. */
export function endSession(kind: SqlKind, session: string): string | null {
  const number = numberOf(session);
  if (number === null) return null;
  return kind === "postgres" ? `SELECT pg_terminate_backend(${number});` : `KILL ${number};`;
}

export const showLocks: Readonly<Record<SqlKind, string>> = {
  postgres:
    "SELECT pid, pg_blocking_pids(pid) AS blocked_by, state, now() - query_start AS runs, left(query, 80) AS query " +
    "FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0 ORDER BY query_start;",
  mysql:
    "SELECT id, state, time, left(info, 80) AS query FROM information_schema.processlist " +
    "WHERE state LIKE 'Waiting for%lock%' ORDER BY time DESC;",
};

export const showSessions: Readonly<Record<SqlKind, string>> = {
  postgres:
    "SELECT usename, application_name, client_addr, state, count(*) FROM pg_stat_activity " +
    "GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC;",
  mysql:
    "SELECT user, substring_index(host, ':', 1) AS client, command, count(*) FROM information_schema.processlist " +
    "GROUP BY 1, 2, 3 ORDER BY 4 DESC;",
};

export const showReplication: Readonly<Record<SqlKind | "redis", string>> = {
  postgres:
    "SELECT application_name, client_addr, state, replay_lag, reply_time, " +
    "pg_size_pretty(pg_wal_lsn_diff(sent_lsn, replay_lsn)) AS behind FROM pg_stat_replication;",
  mysql: "SHOW SLAVE STATUS;",
  redis: "redis-cli INFO replication",
};

export const showWrites: Readonly<Record<SqlKind | "redis", string>> = {
  postgres: "SELECT pg_is_in_recovery() AS is_copy, current_setting('default_transaction_read_only') AS read_only;",
  mysql: "SELECT @@GLOBAL.read_only; SHOW SLAVE STATUS;",
  redis: "redis-cli INFO | grep -E '^(role|maxmemory|used_memory|rdb_last_bgsave_status|aof_last_write_status)'",
};
