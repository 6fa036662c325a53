import { Socket } from "node:net";
import { Client, type ClientConfig, type QueryResult } from "pg";
import { before, type Deadline, destroySoon, type Row, type SqlSession } from "../sql/session.ts";

/**
 * One connection whose every wait ends. A server that hangs (stopped, a dead disk, a lost network) neither answers nor
 * closes, and `query_timeout` of the client library would leave its backend busy: so the server gets statement_timeout
 * and lock_timeout a little before the deadline, and at the deadline the socket is destroyed under the library.
 */
export class Session implements SqlSession {
  readonly #client: Client;
  readonly #socket: Socket;
  #usable = true;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  /** Rejects with what the server or the network said, or DeadlinePassed. */
  static async open(config: ClientConfig, deadline: Deadline): Promise<Session> {
    const socket = new Socket();
    const client = new Client({ ...config, stream: () => socket, application_name: "mailtide" });
    const session = new Session(client, socket);
    // An idle connection that the server ends says so here; the next use opens another.
    client.on("error", () => session.destroy());
    client.on("end", () => session.destroy());
    try {
      await before(deadline, "connecting", client.connect(), () => session.destroy());
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Runs statements in one round trip and gives the rows of each but the timeouts'. They are one simple query and thus one
   * implicit transaction: SET LOCAL ends with it, whatever happens. So it is right behind a pooler in transaction mode,
   * where SET would leak to whoever gets the server connection next, and where start-up options are refused.
   */
  async query(statements: readonly string[], deadline: Deadline): Promise<(readonly Row[])[]> {
    const leftMs = Math.max(50, deadline.leftMs());
    const timeouts = [
      `SET LOCAL statement_timeout = ${Math.ceil(leftMs * 0.8)}`,
      `SET LOCAL lock_timeout = ${Math.ceil(leftMs * 0.7)}`,
    ];
    const text = [...timeouts, ...statements].join(";\n");
    // For several statements the library gives several results, which its types do not say.
    const results = (await before(deadline, "the look-up", this.#client.query(text), () =>
      this.destroy(),
    )) as unknown as QueryResult<Row>[];
    return results.slice(timeouts.length).map((result) => result.rows);
  }

  close(): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#client.end().catch(() => undefined);
    destroySoon(this.#socket);
  }

  destroy(): void {
    this.#usable = false;
    this.#socket.destroy();
  }
}
