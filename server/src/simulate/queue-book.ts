import type { EpochMs, Seconds } from "@mailtide/shared";
import { firstRecipient, type Message } from "./message.ts";
import { domainOf } from "./people.ts";
import { queueRunDelayMs } from "./truth.ts";

/** All queue files of a node, and the listing that `postqueue` would give. A file belongs to one queue at a time. */
export interface QueueBook {
  readonly deferred: ReadonlySet<Message>;
  add(message: Message): void;
  defer(message: Message): void;
  activate(message: Message): void;
  remove(message: Message): void;
  /** Messages of others than ourselves. */
  countMail(): number;
  /** The document of `mailtide queue`, at a whole minute. */
  document(atMs: EpochMs): object;
}

/** qshape's upper edges. */
const edgesMinutes = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
const listLength = 20;
const attributions = ["own", "remote", "recipient", "policy", "held", "unknown"];

interface Share {
  count: number;
  bytes: number;
  oldestMs: EpochMs;
  readonly ages: number[];
}
const emptyShare = (): Share => ({ count: 0, bytes: 0, oldestMs: Infinity, ages: Array.from({ length: 10 }, () => 0) });

export function createQueueBook(node: string): QueueBook {
  const active = createActive();
  const deferred = new Set<Message>();
  const domains = new Map<string, number>();
  const senders = new Map<string, number>();
  let recipients = 0;
  let ownBounces = 0;
  const count = (message: Message, step: number) => {
    shift(domains, domainOf(firstRecipient(message)), step);
    shift(senders, message.sender || "MAILER-DAEMON", step);
    recipients += step * message.recipients.length;
    if (message.ownBounce) ownBounces += step;
  };

  return {
    deferred,
    add(message) {
      active.add(message);
      count(message, 1);
    },
    defer(message) {
      active.remove(message);
      deferred.add(message);
    },
    activate(message) {
      deferred.delete(message);
      active.add(message);
    },
    remove(message) {
      if (!deferred.delete(message)) active.remove(message);
      count(message, -1);
    },
    countMail: () => active.count + deferred.size - ownBounces,
    document(atMs) {
      const queues = { active: active.share(atMs), deferred: emptyShare() };
      const waiting = { own: { ...queues.active }, remote: emptyShare() };
      const reasons = new Map<string, { class: string; count: number; sample: string }>();
      for (const message of deferred) {
        const { deferral } = message;
        if (deferral === null) continue;
        include(queues.deferred, message, atMs);
        const own = deferral.own || atMs > deferral.dueMs + queueRunDelayMs;
        include(own ? waiting.own : waiting.remote, message, atMs);
        const known = reasons.get(deferral.class);
        if (known !== undefined) known.count++;
        else reasons.set(deferral.class, { class: deferral.class, count: 1, sample: deferral.reason });
      }
      return {
        version: 1,
        node,
        at: new Date(atMs).toISOString(),
        mta: "postfix",
        queues: {
          maildrop: queueOf(emptyShare(), atMs),
          hold: queueOf(emptyShare(), atMs),
          incoming: queueOf(emptyShare(), atMs),
          active: queueOf(queues.active, atMs),
          deferred: queueOf(queues.deferred, atMs),
        },
        waiting: Object.fromEntries(
          attributions.map((name) => {
            const share = name === "own" ? waiting.own : name === "remote" ? waiting.remote : emptyShare();
            const age = ageSeconds(share, atMs);
            return [
              name,
              { count: share.count, oldestAgeSeconds: age, oldestOwnWaitSeconds: name === "own" ? age : null },
            ];
          }),
        ),
        reasons: [...reasons.values()].sort((a, b) => b.count - a.count || (a.class < b.class ? -1 : 1)),
        topDomains: heaviest(domains),
        topSenders: heaviest(senders),
        recipients,
      };
    },
  };
}

/**
 * The active queue can hold the mail of hours. It is counted by the minute of arrival as it comes and goes, because
 * looking at every file once a minute took longer than the rest of the day.
 */
function createActive() {
  /** In order of arrival; what came back from the deferred queue is not, and is kept apart. */
  const fresh = new Set<Message>();
  const returned = new Set<Message>();
  const byMinute = new Map<number, number>();
  let bytes = 0;
  const count = (message: Message, step: number) => {
    bytes += step * message.sizeBytes;
    shift(byMinute, Math.floor(message.arrivalMs / 60_000), step);
  };
  return {
    get count() {
      return fresh.size + returned.size;
    },
    add(message: Message) {
      (message.deferral === null ? fresh : returned).add(message);
      count(message, 1);
    },
    remove(message: Message) {
      if (!fresh.delete(message)) returned.delete(message);
      count(message, -1);
    },
    share(atMs: EpochMs): Share {
      const share = emptyShare();
      share.count = fresh.size + returned.size;
      share.bytes = bytes;
      for (const message of fresh) {
        share.oldestMs = message.arrivalMs;
        break;
      }
      for (const message of returned) share.oldestMs = Math.min(share.oldestMs, message.arrivalMs);
      // At a whole minute all arrivals of one minute are of the same age class, because the edges are whole minutes.
      for (const [minute, messages] of byMinute) {
        const place = placeOf(atMs / 60_000 - minute);
        share.ages[place] = (share.ages[place] ?? 0) + messages;
      }
      return share;
    },
  };
}

function placeOf(ageMinutes: number): number {
  let place = 0;
  while (ageMinutes > (edgesMinutes[place] ?? Infinity)) place++;
  return place;
}

function include(share: Share, message: Message, atMs: EpochMs): void {
  share.count++;
  share.bytes += message.sizeBytes;
  share.oldestMs = Math.min(share.oldestMs, message.arrivalMs);
  const place = placeOf((atMs - message.arrivalMs) / 60_000);
  share.ages[place] = (share.ages[place] ?? 0) + 1;
}

const ageSeconds = (share: Share, atMs: EpochMs): Seconds | null =>
  share.count === 0 ? null : Math.round((atMs - share.oldestMs) / 1000);

const queueOf = (share: Share, atMs: EpochMs) => ({
  count: share.count,
  bytes: share.bytes,
  oldestAgeSeconds: ageSeconds(share, atMs),
  ageHistogram: share.ages,
});

function shift<Key>(counts: Map<Key, number>, name: Key, step: number): void {
  const next = (counts.get(name) ?? 0) + step;
  if (next === 0) counts.delete(name);
  else counts.set(name, next);
}

/** The twenty largest, ties by name, without sorting the rest. */
function heaviest(counts: ReadonlyMap<string, number>): { name: string; count: number }[] {
  const top: { name: string; count: number }[] = [];
  for (const [name, count] of counts) {
    const last = top.at(-1);
    if (
      top.length === listLength &&
      last !== undefined &&
      (count < last.count || (count === last.count && name > last.name))
    )
      continue;
    top.push({ name, count });
    top.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    if (top.length > listLength) top.pop();
  }
  return top;
}
