import type { ClientConfig } from "pg";
import type { SqlDetails } from "../../../core/observation.ts";
import { maskStatement } from "../sql/mask.ts";
import type { SqlLooked } from "../sql/probe.ts";
import { type Deadline, numeric, type Row } from "../sql/session.ts";
import { replicationOf, replicationSql } from "./replication.ts";
import { Session } from "./session.ts";

/** What the privileged connection sees: locks, who blocks whom, DDL, connections, transactions, replication. */
export class Look {
  readonly #config: ClientConfig;
  #session: Session | null = null;
  /** PostgreSQL's server_version_num, for example 150004. */
  #version = 0;

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** Rejects when it could not look. */
  async look(deadline: Deadline): Promise<SqlLooked> {
    if (this.#session?.usable !== true) this.#session = await this.#open(deadline);
    const version = this.#version;
    const [totals, blocked, ddl, replication] = await this.#session.query(
      [totalsSql(version), blockedSql(version), ddlSql(version), replicationSql(version)],
      deadline,
    );
    return { ...detailsOf(totals?.[0] ?? {}, blocked ?? [], ddl ?? []), ...replicationOf(replication?.[0] ?? {}) };
  }

  close(): void {
    this.#session?.close();
    this.#session = null;
  }

  async #open(deadline: Deadline): Promise<Session> {
    const session = await Session.open(this.#config, deadline);
    const [rows] = await session.query(["SELECT current_setting('server_version_num')::int AS version"], deadline);
    this.#version = Number(rows?.[0]?.["version"] ?? 0);
    return session;
  }
}

const mostRows = 20;

/** `waitstart` came with PostgreSQL 14; before it, the statement's start is the nearest that is known. */
const waitSince = (version: number): string =>
  version >= 140_000 ? "coalesce(l.waitstart, a.query_start)" : "a.query_start";
const label = (alias: string): string =>
  `${alias}.pid || coalesce(' ' || ${alias}.usename || '@' || ${alias}.datname, '')`;
/**
 * What a waiting session waits with. Activity is a snapshot of when the look began, locks are read after it: a session
 * that began to wait in between is still idle there, with the statement before.
 */
const waitingStatement = "CASE WHEN a.state = 'active' THEN a.query END";
/** `now()` is the same instant in all statements of one look, so that their ages compare. */
const secondsSince = (instant: string): string => `greatest(0, extract(epoch FROM now() - ${instant}))::float8`;

const totalsSql = (version: number): string => `
  SELECT
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      ${version >= 160_000 ? "- current_setting('reserved_connections')::int" : ""} AS allowed,
    (SELECT count(*) FROM pg_locks WHERE NOT granted)::int AS lock_waits,
    (SELECT max(${secondsSince("a.xact_start")}) FROM pg_stat_activity a
      WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()) AS longest_transaction,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees`;

/**
 * The blockers are asked for the longest waits only: pg_blocking_pids() holds up the lock manager while it looks. Of many that
 * block one, those that wait themselves come first, by which a chain is found, then the oldest transaction.
 */
const blockedSql = (version: number): string => `
  SELECT ${label("w")} AS session, w.seconds, w.query,
    ARRAY(SELECT coalesce(${label("b")}, p.pid::text)
      FROM unnest(pg_blocking_pids(w.pid)) AS p(pid) LEFT JOIN pg_stat_activity b ON b.pid = p.pid
      ORDER BY (b.wait_event_type = 'Lock') IS TRUE DESC, b.xact_start, p.pid LIMIT ${mostRows}) AS blocked_by
  FROM (SELECT l.pid, a.usename, a.datname, ${waitingStatement} AS query, ${secondsSince(waitSince(version))} AS seconds
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE NOT l.granted ORDER BY seconds DESC NULLS LAST LIMIT ${mostRows}) AS w
  ORDER BY w.seconds DESC NULLS LAST`;

/** Relations from 16384 on are users' (FirstNormalObjectId); autovacuum takes the same lock for a moment and is left out. */
const ddlSql = (version: number): string => `
  SELECT DISTINCT ON (l.granted, seconds, l.pid) ${label("a")} AS session,
    CASE WHEN l.granted THEN a.query ELSE ${waitingStatement} END AS query, l.granted,
    CASE WHEN l.granted THEN ${secondsSince("a.query_start")} ELSE ${secondsSince(waitSince(version))} END AS seconds
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation >= 16384
    AND a.pid <> pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
  ORDER BY l.granted, seconds DESC, l.pid LIMIT ${mostRows}`;

function detailsOf(totals: Row, blocked: readonly Row[], ddl: readonly Row[]): SqlDetails {
  const longest = numeric(totals["longest_transaction"]);
  return {
    connectionsUsed: numeric(totals["used"]) ?? 0,
    connectionsMax: numeric(totals["allowed"]) ?? 0,
    lockWaits: numeric(totals["lock_waits"]) ?? 0,
    longestWaitSeconds: Math.max(0, ...blocked.map((row) => numeric(row["seconds"]) ?? 0)),
    blocked: blocked.map((row) => {
      const statement = statementOf(row);
      return {
        session: String(row["session"]),
        blockedBy: Array.isArray(row["blocked_by"]) ? row["blocked_by"].map(String) : [],
        seconds: numeric(row["seconds"]) ?? 0,
        ...(statement === "" ? {} : { statement }),
      };
    }),
    ddl: ddl.map((row) => ({
      session: String(row["session"]),
      statement: statementOf(row),
      seconds: numeric(row["seconds"]) ?? 0,
      granted: row["granted"] === true,
    })),
    ...(longest === null ? {} : { longestTransactionSeconds: longest }),
    ...(totals["sees"] === true ? {} : { blind: "the role is not in pg_monitor: other sessions are hidden from it" }),
  };
}

/** Without pg_monitor the server writes `<insufficient privilege>` here. */
const statementOf = (row: Row): string => (typeof row["query"] === "string" ? maskStatement(row["query"]) : "");
