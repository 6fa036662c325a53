import type { EpochMs } from "@mailtide/shared";
import type { MessageFact } from "../message-fact.ts";
import type { Message } from "./message.ts";
import { detach } from "../text/detach.ts";
import { domainOf } from "./domain.ts";
import { directionOf, type NodeBook } from "./node-book.ts";

/** Says who wrote to whom, once for each message and recipient domain. */
export class Facts {
  onMessageFact: ((fact: MessageFact) => void) | null = null;
  onReturn: ((arrivalMs: EpochMs) => void) | null = null;

  /** Hear what a client brought as soon as it is accepted, and each recipient of it as soon as it is named. */
  onTaken: ((mail: Message) => void) | null = null;
  onNamed: ((mail: Message, recipient: string, original: string | undefined) => void) | null = null;

  /** `domain` is the recipient's. */
  note(book: NodeBook, message: Message, recipient: string, domain: string, atMs: EpochMs): void {
    if (message.joined || message.birth === "unknown") return;
    const { sender, unsaid } = message;
    if (sender !== null && unsaid === null) this.#tell(book, message, sender, recipient, domain, atMs);
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
    for (const recipient of unsaid) this.#tell(book, message, sender, recipient, domainOf(recipient), atMs);
  }

  /** A filter gave it back, or a hop of ours handed it on. What no client brought was not counted as coming in. */
  noteReturn({ clientIp, arrivalMs }: Message): void {
    if (clientIp !== null) this.onReturn?.(arrivalMs);
  }

  #tell(book: NodeBook, message: Message, sender: string, recipient: string, domain: string, atMs: EpochMs): void {
    if (this.onMessageFact === null) return;
    const { node, clientIp, authenticated, ownBounce } = message;
    const direction = directionOf(book, message.ours, domain);
    const hosted = book.ownDomains.has(domain);
    this.onMessageFact({ node, atMs, clientIp, authenticated, direction, sender, recipient, hosted, ownBounce });
  }
}
