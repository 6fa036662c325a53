import { type Attribution, attributions, type EpochMs } from "@mailtide/shared";
import { attribute } from "../../core/model/attribution.ts";
import { type Hops, hopOf } from "../../core/model/hops.ts";
import { classifyReason } from "../../core/model/reason.ts";
import type { QueueSnapshot, ReasonClass, WaitingCount } from "../../core/observation.ts";
import { SpaceSaving } from "../../core/sketch/space-saving.ts";
import type { ListedEntry } from "./listing.ts";

export interface SnapshotOptions {
  readonly mta: string;
  /** When the listing began: ages are counted to here. */
  readonly atMs: EpochMs;
  readonly hops: Hops;
  /** False where a listing never says why mail waits: then no reason means that it is not known. */
  readonly tellsReasons?: boolean;
  /** False where senders and recipients are not told either. */
  readonly tellsAddresses?: boolean;
}

/**
 * Adds up a queue listing, entry by entry, in memory that does not grow with the queue: the names of queues are the MTA's,
 * the heaviest domains and senders are approximate beyond `heaviestKept` of them, everything else is counts.
 */
export class SnapshotBuilder {
  readonly #options: SnapshotOptions;
  readonly #queues = new Map<string, OpenQueue>();
  readonly #waiting: Record<Attribution, OpenWaiting>;
  readonly #reasons = new Map<ReasonClass, { count: number; sample: string }>();
  readonly #domains = new SpaceSaving(heaviestKept);
  readonly #senders = new SpaceSaving(heaviestKept);
  /** Thousands of entries give the same reason. */
  readonly #judged = new Map<string, Judged>();
  #recipients = 0;
  #namesNobody: boolean;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#namesNobody = options.tellsAddresses === false;
    this.#waiting = Object.fromEntries(
      attributions.map((name) => [name, { count: 0, oldest: null }]),
    ) as unknown as Record<Attribution, OpenWaiting>;
  }

  add(entry: ListedEntry): void {
    const { arrivalMs } = entry;
    const ageSeconds = arrivalMs === null ? null : Math.max(0, (this.#options.atMs - arrivalMs) / 1000);
    this.#count(entry, ageSeconds);
    const waiting = this.#waiting[this.#judge(entry)];
    waiting.count += entry.messages ?? 1;
    if (ageSeconds !== null) waiting.oldest = Math.max(waiting.oldest ?? 0, ageSeconds);
    if (entry.namesNobody === true) this.#namesNobody = true;
    if (this.#namesNobody) return;
    this.#senders.add(entry.sender);
    this.#recipients += entry.recipients.length + (entry.moreRecipients ?? 0);
    let last = "";
    const domains = entry.recipients.length > 1 ? new Set<string>() : null;
    for (const { address } of entry.recipients) {
      const domain = domainOf(address);
      if (domain === last || domains?.has(domain) === true) continue;
      last = domain;
      domains?.add(domain);
      this.#domains.add(domain);
    }
  }

  finish(): QueueSnapshot {
    const waiting = Object.fromEntries(
      attributions.map((name): [Attribution, WaitingCount] => {
        const { count, oldest } = this.#waiting[name];
        // A listing knows no earlier attempts: the age is the most that can have been our wait.
        const ours = name === "own" || name === "unknown";
        return [name, { count, oldestAgeSeconds: oldest, oldestOwnWaitSeconds: ours ? oldest : null }];
      }),
    ) as Record<Attribution, WaitingCount>;
    return {
      mta: this.#options.mta,
      atMs: this.#options.atMs,
      queues: Object.fromEntries(this.#queues),
      waiting,
      reasons: [...this.#reasons]
        .map(([name, { count, sample }]) => ({ class: name, count, sample }))
        .sort((a, b) => b.count - a.count || (a.class < b.class ? -1 : 1)),
      topDomains: heaviest(this.#domains),
      topSenders: heaviest(this.#senders),
      recipients: this.#namesNobody ? null : this.#recipients,
    };
  }

  #count(entry: ListedEntry, ageSeconds: number | null): void {
    const queue = this.#queues.get(entry.queue) ?? {
      count: 0,
      bytes: 0,
      oldestAgeSeconds: null,
      ageHistogram: Array.from({ length: ageEdgesMinutes.length + 1 }, () => 0),
    };
    if (queue.count === 0) {
      // No MTA has so many queues: whoever prints such a listing shall not fill our memory.
      if (this.#queues.size >= mostQueues) return;
      this.#queues.set(entry.queue, queue);
    }
    queue.count += entry.messages ?? 1;
    queue.bytes = queue.bytes === null || entry.sizeBytes === null ? null : queue.bytes + entry.sizeBytes;
    if (ageSeconds === null) return;
    queue.oldestAgeSeconds = Math.max(queue.oldestAgeSeconds ?? 0, ageSeconds);
    const bin = ageEdgesMinutes.findIndex((edge) => ageSeconds <= edge * 60);
    const place = bin < 0 ? ageEdgesMinutes.length : bin;
    queue.ageHistogram[place] = (queue.ageHistogram[place] ?? 0) + 1;
  }

  /** Whose wait it is; of several recipients the one that weighs most. */
  #judge({ queue, recipients }: ListedEntry): Attribution {
    if (heldQueues.has(queue)) return "held";
    let whose: Attribution | undefined;
    let classes = 0;
    for (const { reason } of recipients) {
      if (reason === null) continue;
      const judged = this.#judgeReason(reason);
      if (whose === undefined || weight[judged.whose] > weight[whose]) whose = judged.whose;
      const bit = 1 << judged.place;
      if ((classes & bit) !== 0) continue;
      classes |= bit;
      judged.reason.count += 1;
    }
    // Not tried yet, or being tried for the first time: our queue manager's turn.
    const told = queue !== "deferred" && this.#options.tellsReasons !== false;
    return whose ?? (told ? "own" : "unknown");
  }

  #judgeReason(reason: string): Judged {
    const known = this.#judged.get(reason);
    if (known !== undefined) return known;
    const name = classifyReason(reason);
    let counted = this.#reasons.get(name);
    if (counted === undefined) {
      counted = { count: 0, sample: reason.slice(0, longestSample) };
      this.#reasons.set(name, counted);
    }
    const hop = hopOf({ event: "delivery", status: "deferred", reason });
    const place = [...this.#reasons.keys()].indexOf(name);
    const judged: Judged = { reason: counted, place, whose: attribute(reason, undefined, hop, this.#options.hops) };
    if (this.#judged.size >= heaviestKept) this.#judged.clear();
    this.#judged.set(reason, judged);
    return judged;
  }
}

interface Judged {
  readonly reason: { count: number };
  /** Of its class among those met, to count a message once for each. */
  readonly place: number;
  readonly whose: Attribution;
}

interface OpenQueue {
  count: number;
  bytes: number | null;
  oldestAgeSeconds: number | null;
  readonly ageHistogram: number[];
}

interface OpenWaiting {
  count: number;
  oldest: number | null;
}

/** Upper edges of the histogram, as qshape(1) has them; the last bin is open. */
const ageEdgesMinutes = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
const heldQueues = new Set(["hold", "corrupt", "frozen"]);
const weight: Readonly<Record<Attribution, number>> = {
  own: 5,
  unknown: 4,
  held: 3,
  remote: 2,
  recipient: 1,
  policy: 0,
};
const heaviestKept = 5_000;
const heaviestShown = 20;
const mostQueues = 64;
const longestSample = 200;

function heaviest(counter: SpaceSaving): { name: string; count: number }[] {
  return counter
    .entries()
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, heaviestShown)
    .map(({ key, count }) => ({ name: key, count }));
}

function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 ? "" : address.slice(at + 1).toLowerCase();
}
