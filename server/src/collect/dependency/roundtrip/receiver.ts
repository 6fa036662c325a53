import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { addressOf, matcherOf, type ListenAddress } from "../../syslog-in/addresses.ts";
import { Conversation, type Receives } from "./conversation.ts";
import type { WayBack } from "./way-back.ts";

export interface ReceiverOptions extends Receives {
  readonly listen: ListenAddress;
  /** Addresses and prefixes that may connect. */
  readonly address: readonly string[];
}

/** Where probe mail comes back to: an SMTP server that takes nothing else, however many ask. */
export class Receiver implements WayBack {
  /** What waits for us waits where it is, and comes again. */
  readonly trouble = null;
  readonly #options: ReceiverOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  /** Connections that were turned away, and mail that was not ours. */
  strangers = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** Null while it does not listen. */
  get port(): number | null {
    const address = this.#server?.address() ?? null;
    return address === null || typeof address === "string" ? null : address.port;
  }

  /** Rejects when the address cannot be listened at: without a door of our own nothing could come back. */
  async ready(): Promise<boolean> {
    if (this.#server?.listening === true) return true;
    const { listen, address } = this.#options;
    const isAllowed = matcherOf(address);
    const server = createServer((socket) => {
      const from = addressOf(socket.remoteAddress);
      if (from === null || !isAllowed(from) || this.#sockets.size >= mostConnections) {
        this.strangers += 1;
        socket.on("error", () => undefined);
        socket.end("421 4.3.2 Not now, or not from you\r\n");
        socket.setTimeout(1_000, () => socket.destroy());
        return;
      }
      this.#converse(socket);
    });
    server.listen(listen.port, listen.host);
    await once(server, "listening");
    server.on("error", () => undefined);
    this.#server = server;
    return true;
  }

  keep(): undefined {
    return undefined;
  }

  kept(): void {
    // Nothing is left of what came.
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server === null) return;
    server.close();
    await once(server, "close");
  }

  #converse(socket: Socket): void {
    this.#sockets.add(socket);
    const conversation = new Conversation({
      takes: (recipient) => this.#counted(this.#options.takes(recipient)),
      mail: (recipient, beginning) => this.#counted(this.#options.mail(recipient, beginning)),
    });
    const end = setTimeout(() => socket.destroy(), longestMs);
    socket.setNoDelay(true);
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      clearTimeout(end);
      this.#sockets.delete(socket);
    });
    socket.on("data", (chunk) => {
      const answer = conversation.hear(chunk.toString("latin1"));
      // Who does not read our answers is not spoken to any longer.
      if (socket.writableLength > mostUnread) socket.destroy();
      else if (conversation.isOver) socket.end(answer);
      else if (answer !== "") socket.write(answer);
    });
    socket.write(conversation.greeting());
  }

  #counted(isOurs: boolean): boolean {
    if (!isOurs) this.strangers += 1;
    return isOurs;
  }
}

const mostConnections = 20;
const idleMs = 60_000;
const longestMs = 300_000;
const mostUnread = 64 * 1024;
