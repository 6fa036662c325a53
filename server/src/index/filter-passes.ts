import type { EpochMs } from "@mailtide/shared";
import type { MailEvent } from "../core/event.ts";
import type { OpenHops, StoredHops } from "./open-hops.ts";
import { type FilterPass, type HopRecord, mostFilters } from "./record.ts";
import { cut, mostText } from "./text.ts";

/** Content filters by the name that stands before `[pid]`. */
const filters: readonly (readonly [process: RegExp, name: string])[] = [
  [/^amavis(?:d)?(?:-new)?$/, "amavis"],
  [/^clamav-milter$/, "clamav"],
  [/^clamd(?:@\S{0,32})?$/, "clamav"],
  [/^spamd(?: child)?$/, "spamassassin"],
  [/^rspamd(?:_\w{1,32})?$/, "rspamd"],
  // Its workers that take mail by HTTP, as its own log calls them.
  [/^(?:normal|controller)$/, "rspamd"],
];
/** Another host's lines may come so much later. */
const waitMs = 60_000;
const mostWaiting = 10_000;
/** A filter looks at a message within this time of its arrival, or the message is another. */
const longestPassMs = 3_600_000;
const disorderMs = 1_000;

interface Waiting {
  readonly node: string;
  readonly queueId: string;
  readonly messageId: string;
  readonly pass: FilterPass;
  readonly untilMs: EpochMs;
}

/** Puts what content filters say of a message to its record, by the queue id that they name, else by the Message-ID. */
export class FilterPasses {
  readonly #hops: OpenHops;
  readonly #stored: StoredHops;
  #waiting: Waiting[] = [];
  /** Passes of messages that no line has told of. */
  unmatched = 0;

  constructor(hops: OpenHops, stored: StoredHops) {
    this.#hops = hops;
    this.#stored = stored;
  }

  /** False when the line is no filter's. */
  take(node: string, atMs: EpochMs, event: MailEvent): boolean {
    const filter = filterOf(event);
    if (filter === null) return false;
    const queueId = cut(event.queueId, mostText.queueId);
    const messageId = cut(event.messageId, mostText.messageId);
    if (event.event !== "other" || event.action === undefined || (queueId === "" && messageId === "")) return true;
    // How it ended is said in another line.
    if (event.action === "begun") return true;
    const pass: FilterPass = {
      filter,
      atMs,
      seconds: event.delay ?? null,
      action: cut(event.action, 32),
      score: event.score ?? null,
      nextQueueId: cut(event.nextQueueId, mostText.queueId),
    };
    const hop = queueId === "" ? null : (this.#hops.recent(node, null, queueId) ?? this.#hops.anywhere(queueId));
    if (hop !== null && fits(hop, pass)) this.#put(hop, pass);
    else if (this.#waiting.length >= mostWaiting) this.unmatched += 1;
    else this.#waiting.push({ node, queueId, messageId, pass, untilMs: atMs + waitMs });
    return true;
  }

  /** Once all lines of a turn are in and stored: those whose message was not known yet. True when one found its message. */
  match(nowMs: EpochMs): boolean {
    if (this.#waiting.length === 0) return false;
    const before = this.#waiting.length;
    let given = 0;
    this.#waiting = this.#waiting.filter((each) => {
      const hop = this.#hopOf(each);
      if (hop !== null) {
        this.#put(hop, each.pass);
        return false;
      }
      if (nowMs < each.untilMs) return true;
      given += 1;
      return false;
    });
    this.unmatched += given;
    return before - given > this.#waiting.length;
  }

  #hopOf({ node, queueId, messageId, pass }: Waiting): HopRecord | null {
    if (queueId !== "") {
      const hop = this.#hops.find(node, null, queueId) ?? this.#hops.anywhere(queueId);
      return hop !== null && fits(hop, pass) ? hop : null;
    }
    const same = this.#stored.byMessageId(messageId, 20).filter((hop) => fits(hop, pass));
    // The oldest: what a filter gives back has the same Message-ID, and it was not looked at again.
    // Logs count in whole seconds, in which a quick filter gives it back: then the one that was heard of first.
    const first = same.toSorted((a, b) => a.arrivalMs - b.arrivalMs || a.rowId - b.rowId)[0] ?? null;
    if (first === null) return null;
    const hop = this.#hops.same(first);
    if (hop === first) this.#hops.add(hop);
    return hop;
  }

  #put(hop: HopRecord, pass: FilterPass): void {
    if (hop.filters.length >= mostFilters) return;
    const told = hop.filters.some(
      ({ filter, atMs, action }) => filter === pass.filter && atMs === pass.atMs && action === pass.action,
    );
    if (told) return;
    hop.filters.push(pass);
    this.#hops.touch(hop);
  }
}

/** Of an MTA's line this looks at one letter: nearly every line is one. */
function filterOf({ process }: MailEvent): string | null {
  if (process === undefined || !/^[acnrs]/.test(process)) return null;
  return filters.find(([form]) => form.test(process))?.[1] ?? null;
}

function fits(hop: HopRecord, { atMs }: FilterPass): boolean {
  if (hop.arrivalMs > atMs + disorderMs || hop.arrivalMs < atMs - longestPassMs) return false;
  return hop.removedMs === null || hop.removedMs >= atMs - disorderMs;
}
