import type { Socket } from "node:net";
import type { Millis } from "@mailtide/shared";

interface Open {
  readonly socket: Socket;
  readonly from: string;
  heardMs: number;
}

/**
 * The connections of a listener, bounded. Where there are too many, the one that was silent longest ends, of the address
 * that holds most of them: whoever hoards connections keeps nobody else out.
 */
export class Connections {
  readonly #most: number;
  readonly #open = new Map<string, Open>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `from`: its address. Null, or the address that had too many. */
  add(socket: Socket, from: string): string | null {
    const crowd = this.#open.size >= this.#most ? this.#endOne() : null;
    const key = keyOf(socket);
    const one = { socket, from, heardMs: performance.now() };
    this.#open.set(key, one);
    socket.on("close", () => {
      if (this.#open.get(key) === one) this.#open.delete(key);
    });
    return crowd;
  }

  /** It said something; also by the TLS socket over it. */
  heard(socket: Socket): void {
    const one = this.#open.get(keyOf(socket));
    if (one !== undefined) one.heardMs = performance.now();
  }

  closeAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  /** Ends those that said nothing for so long; one that is made to wait cannot. */
  closeSilent(sinceMs: Millis): void {
    const beforeMs = performance.now() - sinceMs;
    for (const { socket, heardMs } of this.#open.values())
      if (heardMs <= beforeMs && !socket.isPaused()) socket.destroy();
  }

  #endOne(): string | null {
    const held = new Map<string, number>();
    for (const { from } of this.#open.values()) held.set(from, (held.get(from) ?? 0) + 1);
    const [crowd] = [...held].reduce((a, b) => (b[1] > a[1] ? b : a));
    let silent: readonly [string, Open] | null = null;
    for (const each of this.#open)
      if (each[1].from === crowd && (silent === null || each[1].heardMs < silent[1].heardMs)) silent = each;
    if (silent === null) return null;
    this.#open.delete(silent[0]);
    silent[1].socket.destroy();
    return crowd;
  }
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
