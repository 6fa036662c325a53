import type { ByQueueId } from "./by-queue-id.ts";
import type { Message } from "./message.ts";

/**
 * Postfix instances of one host give the same short queue ids. postmulti(1) has their names begin with `postfix-`, and by
 * its name an instance logs: what `postfix-out/smtp` says of an id is about `postfix-out/ID`. The instance that is simply
 * called postfix, and every other program, say what they mean by the id alone.
 */
export class QueueKeys {
  readonly #messages: ByQueueId;
  /** Each with its slash. */
  readonly #instances = new Set<string>();

  constructor(messages: ByQueueId) {
    this.#messages = messages;
  }

  /** By which name the message is followed that a process of this name speaks of. */
  of(process: string | undefined, queueId: string): string {
    const instance = instanceOf(process);
    if (instance === "") return queueId;
    const key = instance + queueId;
    this.note(key);
    if (!this.#instances.has(instance)) return queueId;
    // A listing does not say whose it is: what was adopted from one is found by its id alone.
    const adopted = this.#messages.get(key) === undefined ? this.#messages.get(queueId) : undefined;
    return adopted?.birth === "unknown" && adopted.state === "queued" ? queueId : key;
  }

  /** The messages of this id: one for each instance at most. */
  all(id: string): Message[] {
    const plain = this.#messages.get(id);
    const found = plain === undefined ? [] : [plain];
    for (const instance of this.#instances) {
      const message = this.#messages.get(instance + id);
      if (message !== undefined) found.push(message);
    }
    return found;
  }

  note(key: string): void {
    const instance = instanceOf(key);
    // Remote syslog may bear any name.
    if (instance !== "" && this.#instances.size < mostInstances) this.#instances.add(instance);
  }
}

/** `postfix-out/` of `postfix-out/smtp`, and of a key that begins so. Nearly always one look at one character. */
export function instanceOf(text: string | undefined): string {
  if (text === undefined || text.charCodeAt(7) !== dash || !text.startsWith("postfix-")) return "";
  const slash = text.indexOf("/");
  return slash < 0 || slash > longestInstance ? "" : text.slice(0, slash + 1);
}

export function queueIdOf(key: string): string {
  return key.slice(instanceOf(key).length);
}

const dash = 45;
const longestInstance = 64;
const mostInstances = 16;
