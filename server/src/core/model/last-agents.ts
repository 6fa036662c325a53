import type { MailEvent } from "../event.ts";
import { InOrder } from "../sketch/in-order.ts";
import { detach } from "../text/detach.ts";

type AgentRow = readonly [words: string, process: string];

/** More are forgotten, the oldest first. */
const mostKept = 1_000;
const longestWords = 512;
const suspended = "delivery temporarily suspended: ";

/**
 * Which delivery agent said that a host cannot be reached. While Postfix lets the host rest, error(8) repeats these words and
 * not whose they are: that mail waits for a store of ours by lmtp(8) could not be told from the host's address.
 */
export class LastAgents {
  readonly #byWords = new InOrder<string>();

  /** The event with the agent whose words it repeats, where that is known; of an agent's own words, whose they are is kept. */
  complete(event: MailEvent): MailEvent {
    const { process, status, reason } = event;
    // What smtp(8) says needs no keeping: words that nobody is known of are taken to be its.
    if (process === "postfix/smtp" || status !== "deferred" || reason === undefined) return event;
    const isRepeated = process === undefined || process.endsWith("/error");
    if (!isRepeated) {
      if (mayRest(reason)) this.#keep(reason.slice(0, longestWords), process);
      return event;
    }
    if (this.#byWords.size === 0) return event;
    const words = reason.startsWith(suspended) ? reason.slice(suspended.length) : reason;
    const agent = this.#byWords.get(words.slice(0, longestWords));
    return agent === undefined ? event : { ...event, process: agent };
  }

  save(): readonly AgentRow[] {
    return [...this.#byWords.entries()];
  }

  restore(rows: readonly AgentRow[]): void {
    for (const [words, process] of rows) this.#keep(words, process);
  }

  #keep(words: string, process: string): void {
    if (this.#byWords.get(words) === process) return;
    if (!this.#byWords.has(words) && this.#byWords.size >= mostKept) this.#byWords.dropOldest();
    this.#byWords.set(detach(words), detach(process));
  }
}

/** A host that answered about one mail may take the next: Postfix does not let it rest, and each answer has other words. */
function mayRest(reason: string): boolean {
  return !(reason.startsWith("host ") && reason.includes(" said: "));
}
