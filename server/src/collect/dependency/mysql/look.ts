import type { SqlDetails } from "../../../core/observation.ts";
import { type Deadline, numeric, type Row } from "../sql/session.ts";
import type { SqlLooked } from "../sql/probe.ts";
import { type Locks, mariadbLocks, mysqlLocks } from "./locks.ts";
import { type MysqlAddress, MysqlSession } from "./session.ts";

/** What the privileged connection sees: locks, who blocks whom, DDL, connections, transactions, replication. */
export class Look {
  readonly #address: MysqlAddress;
  #session: MysqlSession | null = null;
  #mariadb = true;
  #hasLockInfo = false;

  constructor(address: MysqlAddress) {
    this.#address = address;
  }

  /** Rejects when it could not look. */
  async look(deadline: Deadline): Promise<SqlLooked> {
    if (this.#session?.usable !== true) this.#session = await this.#open(deadline);
    const session = this.#session;
    const [totals] = await session.query([totalsSql], deadline);
    const total = totals?.[0] ?? {};
    const longest = numeric(total["longest_transaction"]);
    return {
      connectionsUsed: await this.#connected(session, deadline),
      connectionsMax: numeric(total["allowed"]) ?? 0,
      ...(longest === null ? {} : { longestTransactionSeconds: longest }),
      ...lockDetails(await this.#locks(session, deadline)),
      ...(await this.#replication(session, deadline)),
    };
  }

  close(): void {
    this.#session?.close();
    this.#session = null;
  }

  async #open(deadline: Deadline): Promise<MysqlSession> {
    const session = await MysqlSession.open(this.#address, deadline);
    const [rows] = await session.query(
      [
        "SELECT VERSION() AS version, (SELECT COUNT(*) FROM information_schema.PLUGINS " +
          "WHERE PLUGIN_NAME = 'METADATA_LOCK_INFO' AND PLUGIN_STATUS = 'ACTIVE') AS lock_info",
      ],
      deadline,
    );
    this.#mariadb = /mariadb/iu.test(String(rows?.[0]?.["version"]));
    this.#hasLockInfo = numeric(rows?.[0]?.["lock_info"]) === 1;
    return session;
  }

  async #connected(session: MysqlSession, deadline: Deadline): Promise<number> {
    const [rows] = await session.query(["SHOW GLOBAL STATUS LIKE 'Threads_connected'"], deadline);
    return numeric(rows?.[0]?.["Value"]) ?? 0;
  }

  #locks(session: MysqlSession, deadline: Deadline): Promise<Locks> {
    return this.#mariadb ? mariadbLocks(session, deadline, this.#hasLockInfo) : mysqlLocks(session, deadline);
  }

  /** A right that is missing here takes nothing from the rest. */
  async #replication(session: MysqlSession, deadline: Deadline): Promise<SqlLooked> {
    const ask = this.#mariadb ? "SHOW ALL SLAVES STATUS" : "SHOW REPLICA STATUS";
    const [rows] = await session.query([ask], deadline).catch((error: unknown) => {
      if (session.usable) return [[]];
      throw error;
    });
    return replicationOf(rows ?? []);
  }
}

/** Needs PROCESS: without it the server refuses INNODB_TRX (1227), where it would hide other sessions silently elsewhere. */
const totalsSql = `
  SELECT @@GLOBAL.max_connections AS allowed,
    (SELECT MAX(TIMESTAMPDIFF(MICROSECOND, trx_started, NOW(6))) / 1e6 FROM information_schema.INNODB_TRX
      WHERE trx_mysql_thread_id <> CONNECTION_ID()) AS longest_transaction`;

function lockDetails({ blocked, ddl, waits, blind }: Locks): SqlDetails {
  return {
    lockWaits: waits,
    longestWaitSeconds: Math.max(0, ...blocked.map(({ seconds }) => seconds)),
    blocked,
    ddl,
    ...(blind === null ? {} : { blind }),
  };
}

/** The slowest of all sources; a source that is not copied from has no lag but a reason. */
function replicationOf(rows: readonly Row[]): SqlLooked {
  if (rows.length === 0) return {};
  const lags = rows.map((row) => numeric(row["Seconds_Behind_Source"] ?? row["Seconds_Behind_Master"]));
  const stoppedAt = lags.indexOf(null);
  const lag = Math.max(-1, ...lags.filter((each) => each !== null));
  const row = rows[stoppedAt] ?? {};
  const why = [row["Last_SQL_Error"], row["Last_IO_Error"]].find((text) => typeof text === "string" && text !== "");
  return {
    ...(lag < 0 ? {} : { replicationLagSeconds: lag }),
    ...(stoppedAt < 0
      ? {}
      : {
          replicationStopped: `replication has stopped${typeof why === "string" ? `: ${withoutStatement(why)}` : ""}`,
        }),
  };
}

/** What a copied statement holds is the customers'; it stands at the end, and may be cut off there. */
const withoutStatement = (why: string): string =>
  why
    .slice(0, 2_000)
    .replace(/\s*\bQuery: '[^]*$/u, "")
    .slice(0, 200);
