import type { EpochMs } from "@mailtide/shared";
import { detach } from "../text/detach.ts";
import type { Message } from "./message.ts";
import type { KeyedMessages } from "./queue-key.ts";

/**
 * The messages of a node by queue id. The lines of a message come soon after each other, and an id that was just cut out
 * of a line has to be hashed before a map can find it: so a small table by a few of its characters is asked first.
 */
export class ByQueueId implements KeyedMessages<Message> {
  readonly #messages = new Map<string, Message>();
  readonly #lately: (Message | undefined)[] = Array.from({ length: places }, () => undefined);

  get(id: string): Message | undefined {
    const place = placeOf(id);
    const lately = this.#lately[place];
    if (lately !== undefined && lately.id === id) return lately;
    const message = this.#messages.get(id);
    if (message !== undefined) this.#lately[place] = message;
    return message;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** A listing may not say whose it is: what was adopted from one is found by its id alone. */
  mayBeOf({ state, birth, arrivalMs }: Message, sinceMs: EpochMs): boolean {
    return state !== "done" && (birth === "unknown" || arrivalMs <= sinceMs);
  }

  /** The id as it may be kept. */
  own(id: string): string {
    return detach(id);
  }

  /** In the place of any other with its id. */
  put(message: Message): void {
    this.#messages.set(message.id, message);
    this.#lately[placeOf(message.id)] = message;
  }

  /** Only this one, not another that has its id now. */
  delete(message: Message): void {
    if (this.#messages.get(message.id) !== message) return;
    this.#messages.delete(message.id);
    const place = placeOf(message.id);
    if (this.#lately[place] === message) this.#lately[place] = undefined;
  }

  /** The oldest id first. */
  values(): IterableIterator<Message> {
    return this.#messages.values();
  }
}

/** Of a long id, characters of its inode and of its microseconds; short ones differ at their end. */
function placeOf(id: string): number {
  const end = id.length;
  if (end < 8) return end === 0 ? 0 : id.charCodeAt(end - 1) & (places - 1);
  return (
    (id.charCodeAt(end - 1) +
      31 * id.charCodeAt(end - 2) +
      7 * id.charCodeAt(end - 3) +
      97 * id.charCodeAt(end - 6) +
      13 * id.charCodeAt(end - 7)) &
    (places - 1)
  );
}

/** A power of two. */
const places = 1_024;
