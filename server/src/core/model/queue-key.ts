import type { EpochMs } from "@mailtide/shared";
import type { MailEvent } from "../event.ts";
import { Instances } from "./instances.ts";

/**
 * Postfix instances of one host give the same short queue ids: what `postfix-out/smtp` says of an id is about
 * `postfix-out/ID`. The instance that is simply called postfix, and every other program, say what they mean by the id alone.
 */
export class QueueKeys<Message> {
  readonly #messages: KeyedMessages<Message>;
  readonly #instances = new Instances();

  constructor(messages: KeyedMessages<Message>) {
    this.#messages = messages;
  }

  /** By which name the message is followed that a line speaks of. */
  of({ process, event, action }: MailEvent, queueId: string, atMs: EpochMs): string {
    const instance = this.#instances.of(process, atMs);
    if (instance === "") return queueId;
    const key = instance + queueId;
    if (event === "client" || action === "pickup" || this.#messages.get(key) !== undefined) return key;
    const plain = this.#messages.get(queueId);
    if (plain === undefined || !this.#messages.mayBeOf(plain, this.#instances.sinceMs(instance))) return key;
    // Under its id alone a listing of the other instance would say that it is gone.
    if (this.#messages.rename === undefined) return queueId;
    this.#messages.rename(plain, key);
    return key;
  }

  /** The messages of this id: one for each instance at most. */
  all(id: string): Message[] {
    const plain = this.#messages.get(id);
    const found = plain === undefined ? [] : [plain];
    if (this.#instances.areNone) return found;
    for (const instance of this.#instances.names()) {
      const message = this.#messages.get(instance + id);
      if (message !== undefined) found.push(message);
    }
    return found;
  }

  /** A message has this name: what it begins with is an instance. */
  note(key: string): void {
    this.#instances.note(instanceOf(key), -Infinity);
  }
}

/** Those of a node, by the names that they are followed by. */
export interface KeyedMessages<Message> {
  get(key: string): Message | undefined;
  /** Whether one without an instance may be of one that is known since then: it began too early, or nobody saw it begin. */
  mayBeOf(message: Message, sinceMs: EpochMs): boolean;
  /** It is of an instance, as is known now; where it is missing, it goes on under the name that it has. */
  rename?(message: Message, key: string): void;
}

/** `postfix-out/` of `postfix-out/ID`; ids have no slash. */
export function instanceOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}

export function queueIdOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
