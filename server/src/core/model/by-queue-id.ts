import type { EpochMs, NodeId } from "@mailtide/shared";
import { hashOf, TextTable } from "../text/text-table.ts";
import type { Book, Done, Row } from "./done.ts";
import type { Message } from "./message.ts";
import { RowIndex } from "./row-index.ts";
import type { KeyedMessages } from "./queue-key.ts";

/** The messages of a node by queue id, and in the order in which they came. */
export class ByQueueId implements KeyedMessages<Message>, Book {
  readonly node: NodeId;
  readonly #done: Done;
  readonly #messages = new TextTable<Message>();
  /** Those that are put away. */
  readonly #rows = new RowIndex();
  #oldest: Message | null = null;
  #newest: Message | null = null;
  readonly #walks = new Set<{ next: Message | null }>();
  /** What was asked for last: two lines of one message often follow each other. */
  #last: Message | undefined;
  /** The last that came back among the others: the next one's place is near. */
  #near: Message | null = null;
  #orders = 0;

  constructor(node: NodeId, done: Done) {
    this.node = node;
    this.#done = done;
  }

  get(id: string): Message | undefined {
    if (this.#last?.id === id) return this.#last;
    const hash = hashOf(id);
    return (this.#last = this.#messages.get(id, hash) ?? this.#takeBack(id, hash));
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
    const hash = hashOf(message.id);
    const before = this.#messages.set(message.id, message, hash);
    if (before !== undefined) this.#unlink(before);
    const row = this.#rows.find(hash, message.id, this.#done.idOf);
    if (row >= 0) this.#rows.delete(hash, row);
    message.order = this.#orders += 1;
    message.older = this.#newest;
    if (this.#newest === null) this.#oldest = message;
    else this.#newest.newer = message;
    this.#newest = message;
  }

  /** Only this one, not another that has its id now. */
  delete(message: Message): void {
    if (this.#last === message) this.#last = undefined;
    if (this.#messages.delete(message.id, message)) this.#unlink(message);
  }

  putAway(message: Message, hash: number, row: Row): boolean {
    if (this.#last === message) this.#last = undefined;
    // Another may have its id by now.
    if (this.#messages.get(message.id, hash) !== message) return true;
    if (!this.#rows.add(hash, row)) return false;
    this.#messages.delete(message.id, message, hash);
    this.#unlink(message);
    return true;
  }

  takeBack(message: Message, row: Row): void {
    const hash = hashOf(message.id);
    if (!this.#rows.delete(hash, row)) return;
    this.#messages.set(message.id, message, hash);
    this.#link(message);
  }

  forgetRow(hash: number, row: Row): void {
    this.#rows.delete(hash, row);
  }

  /** The oldest first, with those that are put away. */
  *all(): Generator<Message> {
    this.#done.takeAll();
    yield* this.values();
  }

  /** Those that are not put away, the oldest first; others may come and go meanwhile. */
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
    this.#done.takeAll();
    for (let message = this.#newest; message !== null; message = message.older) yield message;
  }

  #takeBack(id: string, hash: number): Message | undefined {
    const row = this.#rows.find(hash, id, this.#done.idOf);
    return row < 0 ? undefined : this.#done.take(row);
  }

  /** Where it stood among the others. */
  #link(message: Message): void {
    const { order } = message;
    let older = this.#near ?? this.#newest;
    while (older !== null && older.order > order) ({ older } = older);
    let newer = older === null ? this.#oldest : older.newer;
    while (newer !== null && newer.order < order) [older, newer] = [newer, newer.newer];
    message.older = older;
    message.newer = newer;
    if (older === null) this.#oldest = message;
    else older.newer = message;
    if (newer === null) this.#newest = message;
    else newer.older = message;
    if (this.#walks.size > 0) for (const walk of this.#walks) if (walk.next === newer) walk.next = message;
    this.#near = message;
  }

  #unlink(message: Message): void {
    const { older, newer } = message;
    if (this.#near === message) this.#near = null;
    if (this.#walks.size > 0) for (const walk of this.#walks) if (walk.next === message) walk.next = newer;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    message.older = message.newer = null;
  }
}
