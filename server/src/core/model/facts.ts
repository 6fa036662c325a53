import type { EpochMs } from "@mailtide/shared";
import type { MessageFact } from "../message-fact.ts";
import type { Message } from "./message.ts";
import { detach } from "../text/detach.ts";
import { domainOf } from "./domain.ts";
import { directionOf, type NodeBook } from "./node-book.ts";

/** Says who wrote to whom, once for each message and recipient domain. */
export class Facts {
  onMessageFact: ((fact: MessageFact) => void) | null = null;

  note(book: NodeBook, message: Message, recipient: string, atMs: EpochMs): void {
    if (message.joined || message.birth === "unknown") return;
    if (message.sender !== null && message.unsaid === null) this.#tell(book, message, message.sender, recipient, atMs);
    else {
      (message.unsaid ??= []).push(detach(recipient));
      this.say(book, message, atMs);
    }
  }

  /** What was noted before the sender was known. */
  say(book: NodeBook, message: Message, atMs: EpochMs): void {
    const { sender, unsaid } = message;
    if (sender === null || unsaid === null) return;
    message.unsaid = null;
    for (const recipient of unsaid) this.#tell(book, message, sender, recipient, atMs);
  }

  #tell(book: NodeBook, message: Message, sender: string, recipient: string, atMs: EpochMs): void {
    if (this.onMessageFact === null) return;
    const { node, clientIp, authenticated, ownBounce } = message;
    const domain = domainOf(recipient);
    const direction = directionOf(book, message.ours, domain);
    const hosted = book.ownDomains.has(domain);
    this.onMessageFact({ node, atMs, clientIp, authenticated, direction, sender, recipient, hosted, ownBounce });
  }
}
