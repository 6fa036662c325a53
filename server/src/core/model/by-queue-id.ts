import type { EpochMs } from "@mailtide/shared";
import { detachWhole } from "../text/detach.ts";
import { TextTable } from "../text/text-table.ts";
import type { Message } from "./message.ts";
import type { KeyedMessages } from "./queue-key.ts";

/** The messages of a node by queue id, and in the order in which they came. */
export class ByQueueId implements KeyedMessages<Message> {
  readonly #messages = new TextTable<Message>();
  #oldest: Message | null = null;
  #newest: Message | null = null;
  readonly #walks = new Set<{ next: Message | null }>();
  /** What was asked for last: two lines of one message often follow each other. */
  #last: Message | undefined;

  get(id: string): Message | undefined {
    if (this.#last?.id === id) return this.#last;
    return (this.#last = this.#messages.get(id));
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** A listing may not say whose it is: what was adopted from one is found by its id alone. */
  mayBeOf({ state, birth, arrivalMs }: Message, sinceMs: EpochMs): boolean {
    return state !== "done" && (birth === "unknown" || arrivalMs <= sinceMs);
  }

  /** In the place of any other with its id. */
  put(message: Message): void {
    this.#last = message;
    const before = this.#messages.set(message.id, message);
    if (before !== undefined) this.#unlink(before);
    message.older = this.#newest;
    if (this.#newest === null) this.#oldest = message;
    else this.#newest.newer = message;
    this.#newest = message;
  }

  /** None has the name. */
  rename(message: Message, key: string): void {
    this.#messages.delete(message.id, message);
    message.id = detachWhole(key);
    this.#messages.set(message.id, message);
    this.#last = message;
  }

  /** Only this one, not another that has its id now. */
  delete(message: Message): void {
    if (this.#last === message) this.#last = undefined;
    if (this.#messages.delete(message.id, message)) this.#unlink(message);
  }

  /** The oldest first; others may come and go meanwhile. */
  *values(): Generator<Message> {
    const walk = { next: this.#oldest };
    this.#walks.add(walk);
    try {
      for (let message = walk.next; message !== null; message = walk.next) {
        walk.next = message.newer;
        yield message;
      }
    } finally {
      this.#walks.delete(walk);
    }
  }

  /** None may come or go meanwhile. */
  *newestFirst(): Generator<Message> {
    for (let message = this.#newest; message !== null; message = message.older) yield message;
  }

  #unlink(message: Message): void {
    const { older, newer } = message;
    if (this.#walks.size > 0) for (const walk of this.#walks) if (walk.next === message) walk.next = newer;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    message.older = message.newer = null;
  }
}
