import { connect, type Socket } from "node:net";
import type { Connection } from "mysql2";
import { before, type Deadline, destroySoon, type Row, type SqlSession } from "../sql/session.ts";

/** Where a server is and who asks it. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  /** A local socket in place of both. */
  readonly socketPath: string | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** null: plain text. */
  readonly tls: { readonly verify: boolean; readonly ca: string | null } | null;
}

/**
 * One connection on a socket of ours, so that the deadline can destroy it under the library: a server that is stopped
 * neither answers nor closes. The server is told to give up a little before, once for the whole connection: these
 * variables are of seconds and not of statements, and what stands between (ProxySQL, MaxScale) keeps them with us.
 */
export class MysqlSession implements SqlSession {
  readonly #connection: Connection;
  readonly #socket: Socket;
  #usable = true;

  private constructor(connection: Connection, socket: Socket) {
    this.#connection = connection;
    this.#socket = socket;
  }

  /** Rejects with what the server or the network said, or DeadlinePassed. */
  static async open(address: MysqlAddress, deadline: Deadline): Promise<MysqlSession> {
    // Loaded only by whoever probes such a server.
    const { createConnection } = await import("mysql2");
    const { host, port, socketPath, user, password, database, tls } = address;
    const socket = connect(socketPath === null ? { host, port } : { path: socketPath });
    const connection = createConnection({
      host,
      user,
      password,
      ...(database === "" ? {} : { database }),
      stream: socket,
      ...(tls === null ? {} : { ssl: { rejectUnauthorized: tls.verify, ...(tls.ca === null ? {} : { ca: tls.ca }) } }),
      // None: ours destroys the socket, says it in our words, and does not count what this host stands still.
      connectTimeout: 0,
      connectAttributes: { program_name: "mailtide" },
    });
    const session = new MysqlSession(connection, socket);
    // An idle connection that the server ends says so here; the next use opens another.
    connection.on("error", () => session.destroy());
    connection.on("end", () => session.destroy());
    try {
      const ready = new Promise<void>((resolve, reject) => {
        connection.once("error", reject);
        connection.connect((error) => (error === null ? resolve() : reject(error)));
      });
      await before(deadline, "connecting", ready, () => session.destroy());
      await session.query([giveUpEarly(deadline.seconds)], deadline);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  get usable(): boolean {
    return this.#usable;
  }

  /** One after the other: several in one text would have to be allowed to everybody who can write one. */
  async query(statements: readonly string[], deadline: Deadline): Promise<(readonly Row[])[]> {
    const work = Promise.all(statements.map((statement) => this.#run(statement)));
    return before(deadline, "the look-up", work, () => this.destroy());
  }

  close(): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#connection.end(() => undefined);
    destroySoon(this.#socket);
  }

  destroy(): void {
    this.#usable = false;
    this.#socket.destroy();
  }

  #run(sql: string): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.#connection.query(sql, (error: Error | null, rows: unknown) => {
        if (error === null) resolve(Array.isArray(rows) ? (rows as Row[]) : []);
        else reject(error);
      });
    });
  }
}

/**
 * Locks are waited for in whole seconds, one at least. The comment that only MariaDB reads, and the one that only MySQL
 * reads (MariaDB documentation, "Comment Syntax"), limit the time of a statement.
 */
function giveUpEarly(deadlineSeconds: number): string {
  const lockSeconds = Math.max(1, Math.floor(deadlineSeconds * 0.7));
  const statementSeconds = deadlineSeconds * 0.8;
  return (
    `SET SESSION lock_wait_timeout = ${lockSeconds}, innodb_lock_wait_timeout = ${lockSeconds}` +
    ` /*M!100101 , max_statement_time = ${statementSeconds} */` +
    ` /*!50708 , max_execution_time = ${Math.ceil(statementSeconds * 1000)} */`
  );
}
