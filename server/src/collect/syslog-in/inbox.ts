import type { SourceLine } from "../tail/source.ts";
import type { TakenCount } from "./taken-count.ts";

/** What one node was sent and nobody took yet: bounded by lines and bytes, and what finds no room is counted. */
export class Inbox {
  #lines: SourceLine[] = [];
  #bytes = 0;
  #dropped = 0;
  #wake: (() => void) | null = null;
  /** Of every line that was put in, those that found no room too. */
  count: TakenCount | null = null;
  readonly #room = new Set<() => void>();
  readonly #mostLines: number;
  readonly #mostBytes: number;

  constructor(mostLines = 20_000, mostBytes = 16 << 20) {
    this.#mostLines = mostLines;
    this.#mostBytes = mostBytes;
  }

  /** Time to ask a sender that can wait to do so; what it has under way still finds room. */
  get filling(): boolean {
    return this.#lines.length * 2 > this.#mostLines || this.#bytes * 2 > this.#mostBytes;
  }

  put(line: SourceLine): void {
    this.count?.add();
    if (this.#lines.length >= this.#mostLines || this.#bytes + line.bytes.length > this.#mostBytes) this.#dropped += 1;
    else {
      // A copy: a small piece of a datagram or chunk would keep the whole of it.
      this.#lines.push({ bytes: Buffer.from(line.bytes), truncated: line.truncated });
      this.#bytes += line.bytes.length;
    }
    this.#wake?.();
  }

  /** `then` is called once there is room. */
  whenRoom(then: () => void): void {
    this.#room.add(then);
  }

  /** Nobody waits there any more. */
  forget(then: () => void): void {
    this.#room.delete(then);
  }

  take(): { readonly lines: readonly SourceLine[]; readonly dropped: number } {
    const taken = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#bytes = 0;
    this.#dropped = 0;
    const waiting = [...this.#room];
    this.#room.clear();
    for (const then of waiting) then();
    return taken;
  }

  /** Resolves when something is there, at the latest after so long. */
  async some(withinMs: number): Promise<void> {
    if (this.#lines.length > 0 || this.#dropped > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
