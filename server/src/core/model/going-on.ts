import type { EpochMs, NodeId } from "@mailtide/shared";
import { fits } from "./joins.ts";
import type { Message } from "./message.ts";
import type { NodeBook } from "./node-book.ts";
import { keptMs } from "./returns.ts";

// Which message another may go on in, or be: looking alone, nothing is changed here.

interface Handed {
  readonly from: EpochMs;
  readonly atMs: EpochMs;
}

/** What a message goes on in that was handed over under this id. On the same node first: a filter gives it back. */
export function successor(
  books: ReadonlyMap<NodeId, NodeBook>,
  book: NodeBook,
  message: Message,
  id: string,
  handover: Handed,
): Message | null {
  const here = successorIn(book, message, id, handover);
  if (here !== null) return here;
  for (const other of books.values()) {
    const there = other === book ? null : successorIn(other, message, id, handover);
    if (there !== null) return there;
  }
  return null;
}

function successorIn(book: NodeBook, message: Message, id: string, handover: Handed): Message | null {
  let next: Message | null = null;
  for (const found of book.keys.all(id)) {
    if (found === message || found.state === "arriving" || found.birth === "unknown") continue;
    // Of two with this id, rather the one that nothing led to yet.
    if (fits(handover, found.arrivalMs) && (next === null || next.joined)) next = found;
  }
  return next;
}

/** Those that an address of ours gave us lately, the oldest first. */
export function cameFrom(books: ReadonlyMap<NodeId, NodeBook>, ip: string, atMs: EpochMs): Message[] {
  const found: Message[] = [];
  for (const { messages } of books.values())
    for (const message of messages.newestFirst()) {
      // What was there before we looked stands behind what came since, however old it is.
      if (message.birth === "client" && message.arrivalMs < atMs - keptMs) break;
      if (message.clientIp === ip && message.queue !== "incoming" && mayBeBack(message)) found.push(message);
    }
  return found.sort((a, b) => a.arrivalMs - b.arrivalMs);
}

/** A hop of ours brought it, which may have had it from us. */
export function mayBeBack({ birth, ours, authenticated, joined, messageHash }: Message): boolean {
  return birth === "client" && ours && !authenticated && !joined && messageHash !== 0;
}
