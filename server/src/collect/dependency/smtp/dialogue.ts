import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { cleanText } from "../../../core/text/clean.ts";

/** What a server said to a command: its code, the lines behind it, and how long it took. */
export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
  readonly seconds: number;
}

/** The server refused a step; 4xx is for now, 5xx for good (RFC 5321, 4.2.1). */
export class StepRefused extends Error {
  readonly code: number;
  constructor(step: string, { code, lines }: Reply) {
    const text = (lines[0] ?? "").replace(/[^\s<>@]+@[^\s<>@]+/g, "(address)");
    const lasts = code >= 500 ? ", for good" : code >= 400 ? ", for now" : "";
    super(`says ${code} ${cleanText(text, longestText)} to ${step}${lasts}`);
    this.code = code;
  }
}

/** A conversation with an SMTP server, a step at a time; what is left of it goes with `close`. */
export class Dialogue {
  #socket: Socket;
  readonly #signal: AbortSignal;
  #heard = "";
  /** Awaited together with each piece that comes: one listener for the whole conversation. */
  #closed: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#signal = signal;
    this.#socket = socket;
    this.#listen(socket);
  }

  static async open(at: Peer, signal: AbortSignal) {
    const { host, port, implicit } = at;
    const socket = implicit
      ? connectTls({ host, port, servername: nameOf(host), rejectUnauthorized: at.verify })
      : connect(at.socket === undefined ? { host, port } : { path: at.socket });
    try {
      await once(socket, implicit ? "secureConnect" : "connect", { signal });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new Dialogue(socket, signal);
  }

  /** Says a line (none: waits for the greeting) and resolves to the reply; a code of another class rejects with its words. */
  async step(name: string, line: string | null, wanted: 2 | 3 = 2): Promise<Reply> {
    const startedMs = performance.now();
    if (line !== null) this.#socket.write(`${line}\r\n`);
    const text = await this.#reply();
    const lines = text.split(/\r?\n/).filter((each) => each !== "");
    const reply = {
      code: Number(text.slice(0, 3)),
      lines: lines.map((each) => each.slice(4)),
      seconds: (performance.now() - startedMs) / 1000,
    };
    if (Math.floor(reply.code / 100) !== wanted) throw new StepRefused(name, reply);
    return reply;
  }

  /** Goes on in TLS, after a granted STARTTLS. What was said in clear after the grant is not believed (RFC 3207, 4.2). */
  async secure({ host, verify }: TlsOptions): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    this.#heard = "";
    const socket = connectTls({ socket: plain, servername: nameOf(host), rejectUnauthorized: verify });
    this.#socket = socket;
    await once(socket, "secureConnect", { signal: this.#signal });
    this.#listen(socket);
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on("error", () => undefined);
    this.#closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (chunk) => {
      if (this.#heard.length < mostCharacters) this.#heard += chunk.toString("latin1");
    });
  }

  /** The next whole reply, however many lines it has (RFC 5321, 4.2.1). */
  async #reply(): Promise<string> {
    const socket = this.#socket;
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/.exec(this.#heard)?.[0];
      if (whole !== undefined) {
        this.#heard = this.#heard.slice(whole.length);
        return whole;
      }
      if (this.#heard !== "" && !/^\d{0,3}(?:$|[- \r\n])/.test(this.#heard)) throw new Error(notSmtp(this.#heard));
      if (this.#heard.length >= mostCharacters) throw new Error("answers without end");
      if (socket.destroyed || socket.readableEnded) throw new Error("hung up in the middle of the conversation");
      await Promise.race([once(socket, "data", { signal: this.#signal }), this.#closed]);
    }
  }
}

interface Peer extends TlsOptions {
  readonly port: number;
  /** A local socket in place of host and port. */
  readonly socket?: string | undefined;
  /** TLS from the start. */
  readonly implicit: boolean;
}

export interface TlsOptions {
  readonly host: string;
  /** Whether the certificate must be trusted and bear the name. */
  readonly verify: boolean;
}

/** An address is no name that a certificate is asked for by (RFC 6066, 3). */
const nameOf = (host: string): string => (/^[\d.]+$|:/.test(host) ? "" : host);

const notSmtp = (text: string): string => `does not speak SMTP: "${cleanText(text, 60)}"`;
const longestText = 160;
const mostCharacters = 16_384;
