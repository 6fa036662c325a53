import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { abortedWith } from "../../../loop/aborted-with.ts";

/** Where a Redis listens and as whom we come. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  /** A local socket in place of host and port. */
  readonly path: string | null;
  readonly tls: { readonly ca: string | undefined } | null;
  readonly user: string;
  readonly password: string;
  readonly database: number;
}

/** The server said no; `code` is the first word of its answer. */
export class RedisRefusal extends Error {
  readonly code: string;
  constructor(said: string) {
    super(said.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim());
    this.code = /^[A-Z]+/u.exec(said)?.[0] ?? "";
  }
}

/**
 * A connection that asks one thing after the other (RESP2, Redis documentation, "Redis serialization protocol"). The
 * signal destroys the socket, whatever is awaited then.
 */
export class RedisSession {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #unread: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on("data", (chunk: Buffer) => (this.#unread = Buffer.concat([this.#unread, chunk])));
    // Whoever waits hears of it from the event it waits for.
    socket.on("error", () => undefined);
  }

  /** Connects and signs in; rejects with RedisRefusal or what the network said. */
  static async open(address: RedisAddress, signal: AbortSignal): Promise<RedisSession> {
    const session = await RedisSession.#connect(address, signal);
    try {
      const { user, password, database } = address;
      if (password !== "") await session.ask(...(user === "" ? ["AUTH", password] : ["AUTH", user, password]));
      if (database !== 0) await session.ask("SELECT", String(database));
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** What a server says unasked before it hangs up: that no connection is left. Null when it is silent for a moment. */
  static async greeting(address: RedisAddress, signal: AbortSignal): Promise<RedisRefusal | null> {
    const session = await RedisSession.#connect(address, signal);
    try {
      const said = session.#answer().then(
        () => null,
        (error: unknown) => (error instanceof RedisRefusal ? error : null),
      );
      return await Promise.race([said, sleep(greetingMs, null)]);
    } finally {
      session.close();
    }
  }

  static async #connect({ host, port, path, tls }: RedisAddress, signal: AbortSignal): Promise<RedisSession> {
    signal.throwIfAborted();
    const socket =
      path !== null
        ? connectPlain({ path, signal })
        : tls === null
          ? connectPlain({ host, port, signal })
          : connectTls({ host, port, ...(tls.ca === undefined ? {} : { ca: tls.ca }) });
    const cut = (): void => void socket.destroy();
    signal.addEventListener("abort", cut, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", cut));
    try {
      await once(socket, tls === null || path !== null ? "connect" : "secureConnect", { signal });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new RedisSession(socket, signal);
  }

  /** One command; the text of its answer. */
  async ask(...words: readonly string[]): Promise<string> {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${parts.join("")}`);
    return this.#answer();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Lists are never asked for. */
  async #answer(): Promise<string> {
    const line = await this.#line();
    const rest = line.slice(1);
    if (line.startsWith("+") || line.startsWith(":")) return rest;
    if (line.startsWith("-")) throw new RedisRefusal(rest);
    const bytes = Number(rest);
    if (!line.startsWith("$") || !Number.isInteger(bytes)) throw new Error("does not speak Redis' protocol");
    if (bytes < 0) return "";
    return (await this.#bytes(bytes + 2)).subarray(0, bytes).toString("utf8");
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\r\n");
      if (end >= 0) return (await this.#bytes(end + 2)).subarray(0, end).toString("utf8");
      await this.#more();
    }
  }

  async #bytes(count: number): Promise<Buffer> {
    while (this.#unread.length < count) await this.#more();
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#unread.length > mostBytes) throw new Error("answers without end");
    if (this.#socket.destroyed || this.#socket.readableEnded) throw new ClosedUnanswered();
    const quiet = abortedWith(this.#signal);
    const { signal } = quiet;
    try {
      // Asked for before the data listener of the constructor runs again: nothing is missed between.
      await Promise.race([
        once(this.#socket, "data", { signal }),
        once(this.#socket, "close", { signal }).then(() => Promise.reject(new ClosedUnanswered())),
      ]);
    } finally {
      quiet.abort();
    }
  }
}

/** The connection ended where an answer was due. */
class ClosedUnanswered extends Error {
  override readonly message = "closed the connection without an answer";
}

/** A full server says so at once. */
const greetingMs = 250;
const mostBytes = 1_048_576;
