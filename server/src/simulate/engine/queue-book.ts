import type { EpochMs, Millis, Seconds } from "@mailtide/shared";
import { createFlowQueue, emptyShare, include, type AgeShare } from "./active-queue.ts";
import type { Portion, QueueFile, Whose } from "./message.ts";

/** All queue files of a node, and the listing that `postqueue` would give. A file belongs to one queue at a time. */
export interface QueueBook {
  readonly deferred: ReadonlySet<QueueFile>;
  readonly activeCount: number;
  /** Into the incoming queue. */
  add(file: QueueFile): void;
  /** From queue to queue. */
  move(file: QueueFile, place: QueueFile["place"]): void;
  remove(file: QueueFile): void;
  /** One portion is gone: delivered, bounced, or in another file. */
  done(file: QueueFile, portion: Portion): void;
  /** Portions of others than ourselves. */
  readonly units: number;
  /** The document of `mailtide queue`, at a whole minute. */
  document(atMs: EpochMs): object;
}

const listLength = 20;

export function createQueueBook(node: string, runDelayMs: Millis): QueueBook {
  const incoming = createFlowQueue();
  const active = createFlowQueue();
  const deferred = new Set<QueueFile>();
  const domains = new Map<string, number>();
  const senders = new Map<string, number>();
  const flows = { incoming, active };

  const put = (file: QueueFile) => {
    if (file.place === "deferred") deferred.add(file);
    else flows[file.place].add(file);
  };
  const take = (file: QueueFile) => {
    if (file.place === "deferred") deferred.delete(file);
    else flows[file.place].remove(file);
  };
  let units = 0;
  let recipients = 0;
  /** A backlog is never walked to be counted: its heads are followed as portions come and go. */
  const count = (file: QueueFile, portion: Portion, step: number) => {
    shift(domains, portion.domain, step);
    recipients += step * portion.recipients.length;
    if (!file.ownBounce) units += step;
  };

  return {
    deferred,
    get activeCount() {
      return active.count;
    },
    get units() {
      return units;
    },
    add(file) {
      put(file);
      for (const portion of file.portions) count(file, portion, 1);
      shift(senders, file.sender || "MAILER-DAEMON", 1);
    },
    move(file, place) {
      take(file);
      file.place = place;
      put(file);
    },
    remove(file) {
      take(file);
      for (const portion of file.portions) count(file, portion, -1);
      shift(senders, file.sender || "MAILER-DAEMON", -1);
    },
    done(file, portion) {
      file.portions = file.portions.filter((one) => one !== portion);
      count(file, portion, -1);
    },
    document(atMs) {
      const queues = { incoming: incoming.share(atMs), active: active.share(atMs), deferred: emptyShare() };
      const waiting: Record<Whose, AgeShare> = { own: emptyShare(), remote: emptyShare(), recipient: emptyShare() };
      const reasons = new Map<string, { class: string; count: number; sample: string }>();
      for (const file of deferred) {
        const { deferral } = file;
        if (deferral === null) continue;
        include(queues.deferred, file, atMs);
        include(waiting[atMs > deferral.dueMs + runDelayMs ? "own" : deferral.whose], file, atMs);
        const known = reasons.get(deferral.reasonClass);
        if (known !== undefined) known.count++;
        else reasons.set(deferral.reasonClass, { class: deferral.reasonClass, count: 1, sample: deferral.reason });
      }
      for (const share of [queues.incoming, queues.active]) {
        waiting.own.count += share.count;
        waiting.own.oldestMs = Math.min(waiting.own.oldestMs, share.oldestMs);
      }
      return {
        version: 1,
        node,
        at: new Date(atMs).toISOString(),
        mta: "postfix",
        queues: {
          maildrop: queueOf(emptyShare(), atMs),
          hold: queueOf(emptyShare(), atMs),
          incoming: queueOf(queues.incoming, atMs),
          active: queueOf(queues.active, atMs),
          deferred: queueOf(queues.deferred, atMs),
        },
        waiting: {
          own: waitingOf(waiting.own, atMs, true),
          remote: waitingOf(waiting.remote, atMs),
          recipient: waitingOf(waiting.recipient, atMs),
          policy: waitingOf(emptyShare(), atMs),
          held: waitingOf(emptyShare(), atMs),
          unknown: waitingOf(emptyShare(), atMs),
        },
        reasons: [...reasons.values()].sort((a, b) => b.count - a.count || (a.class < b.class ? -1 : 1)),
        topDomains: heaviest(domains),
        topSenders: heaviest(senders),
        recipients,
      };
    },
  };
}

const ageSeconds = (share: AgeShare, atMs: EpochMs): Seconds | null =>
  share.count === 0 ? null : Math.max(0, Math.round((atMs - share.oldestMs) / 1000));

const queueOf = (share: AgeShare, atMs: EpochMs) => ({
  count: share.count,
  bytes: share.bytes,
  oldestAgeSeconds: ageSeconds(share, atMs),
  ageHistogram: share.ages,
});

const waitingOf = (share: AgeShare, atMs: EpochMs, own = false) => ({
  count: share.count,
  oldestAgeSeconds: ageSeconds(share, atMs),
  oldestOwnWaitSeconds: own ? ageSeconds(share, atMs) : null,
});

function shift(counts: Map<string, number>, name: string, step: number): void {
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
