import type { EpochMs, Millis } from "@mailtide/shared";
import { createLine } from "./line.ts";
import { recipientCount, type Deferral, type Failure, type Portion, type QueueFile } from "./message.ts";
import type { NodeParts } from "./node-parts.ts";
import type { QueueBook } from "./queue-book.ts";
import type { Job, Transport } from "./transport.ts";

/** Moves queue files through incoming, active and deferred, and asks for deliveries. */
export interface QueueManager {
  /** A new file lies in the incoming queue. */
  arrived(file: QueueFile): void;
  /** A mail that has been deferred since before the log begins. */
  inherited(file: QueueFile, deferral: Deferral): void;
  delivered(job: Job, portion: Portion): void;
  deferred(job: Job, portion: Portion, failure: Failure): void;
  /** Cannot be delivered, ever: its sender is told when the round is over. */
  bounced(job: Job, portion: Portion): void;
  /** Found hostile, and its sender is told. */
  blocked(job: Job, portion: Portion): void;
  /** Found hostile and thrown away. */
  discarded(job: Job, portion: Portion): void;
  /** It goes on in another queue file. */
  handedOver(job: Job, portion: Portion): void;
  /** Nothing of the job is under way any more. */
  ended(job: Job): void;
  /** False while the queue manager stands still. */
  readonly isRunning: boolean;
  tick(): void;
}

export interface QueueManagerParts extends NodeParts {
  readonly book: QueueBook;
  transport(file: QueueFile): Transport;
  /** Where everything that is filtered goes. */
  readonly filterHop: string;
  /** Makes the notice to the sender. */
  notify(file: QueueFile, recipients: readonly string[]): void;
}

/** The time of a queue file is a whole second, and a queue run is not strict about the last one (seen with Postfix 3.7). */
const toleranceMs: Millis = 1_000;
/** What a queue manager of full speed puts into the active queue, as a multiple of the host's usual mail. */
const usualSpeed = 10;

export function createQueueManager(parts: QueueManagerParts): QueueManager {
  const { agenda, log, truth, tally, book, world, scenario, name } = parts;
  const { queue, nodes } = scenario.platform;
  const runDelayMs = queue.runDelaySeconds * 1000;
  const process = parts.processes("postfix/qmgr").any();
  const incoming = createLine<QueueFile>();
  const due = createLine<QueueFile>();
  const isDue = new Set<QueueFile>();
  /** Rounds that ended while nobody was there to take note. */
  let unattended: QueueFile[] = [];
  let deferredsTurn = false;
  let factor = world.conditions.capacity("queue-manager", name, agenda.nowMs);
  /** Files that may still be activated in this second; Infinity at full speed. */
  let allowance = Infinity;

  const runQueue = () => {
    agenda.at(agenda.nowMs + runDelayMs, runQueue);
    if (factor === 0 || due.length > 0) return;
    for (const file of book.deferred) {
      if (file.deferral === null || file.deferral.dueMs > agenda.nowMs + toleranceMs || isDue.has(file)) continue;
      isDue.add(file);
      due.push(file);
    }
    feed();
  };
  agenda.at(agenda.nowMs + parts.random.unit() * runDelayMs, runQueue);

  const feed = () => {
    if (factor === 0) return;
    while (allowance >= 1 && book.activeCount < queue.activeLimit) {
      const file = nextFile();
      if (file === undefined) return;
      allowance--;
      activate(file);
    }
  };
  /** New mail and retries take turns, as the two directory scans do. */
  const nextFile = (): QueueFile | undefined => {
    deferredsTurn = !deferredsTurn;
    const [first, second] = deferredsTurn ? [due, incoming] : [incoming, due];
    const file = first.shift() ?? second.shift();
    if (file !== undefined) isDue.delete(file);
    return file;
  };

  const activate = (file: QueueFile) => {
    const nowMs = agenda.nowMs;
    if (file.place === "deferred")
      for (const { unit } of file.portions)
        if (unit !== null && unit.remoteSinceMs !== null) truth.units.retry(unit, nowMs);
    book.move(file, "active");
    file.activeMs = nowMs;
    const count = recipientCount(file);
    log.say(process, `${file.queueId}: from=<${file.sender}>, size=${file.sizeBytes}, nrcpt=${count} (queue active)`);
    const transport = parts.transport(file);
    const jobs: Job[] =
      file.next === "filter"
        ? [{ file, portions: file.portions, nextHop: parts.filterHop }]
        : file.portions.map((portion) => ({ file, portions: [portion], nextHop: portion.domain }));
    file.underWay = jobs.length;
    for (const job of jobs) transport.enqueue(job);
  };

  const endRound = (file: QueueFile) => {
    if (factor === 0) {
      unattended.push(file);
      return;
    }
    if (file.bounced.length > 0) {
      parts.notify(file, file.bounced);
      file.bounced = [];
    }
    if (file.portions.length === 0) remove(file);
    else if (agenda.nowMs - file.arrivalMs > queue.lifetimeSeconds * 1000) expire(file);
    else defer(file);
  };
  const remove = (file: QueueFile) => {
    log.say(process, `${file.queueId}: removed`);
    book.remove(file);
  };
  const expire = (file: QueueFile) => {
    const recipients = file.portions.flatMap((portion) => portion.recipients);
    log.say(process, `${file.queueId}: from=<${file.sender}>, status=expired, returned to sender`);
    for (const portion of file.portions) {
      if (!file.ownBounce) tally.returned++;
      giveBack(file, portion);
    }
    parts.notify(file, recipients);
    remove(file);
  };
  const giveBack = (file: QueueFile, portion: Portion) => {
    if (portion.unit !== null) truth.units.bounce(portion.unit, agenda.nowMs);
    book.done(file, portion);
  };
  const defer = (file: QueueFile) => {
    const ageMs = agenda.nowMs - file.arrivalMs;
    const dueMs = agenda.nowMs + clamp(ageMs, queue.minimalBackoffSeconds * 1000, queue.maximalBackoffSeconds * 1000);
    let worst: Failure | null = null;
    for (const { unit, failed } of file.portions) {
      if (failed === null) continue;
      // One that waits on us is ours, whatever its other recipients wait for.
      if (worst === null || failed.whose === "own") worst = failed;
      if (unit !== null && failed.whose !== "own") truth.units.remote(unit, failed.sinceMs, dueMs);
    }
    if (worst === null) throw new Error(`${file.queueId} is neither gone nor deferred`);
    book.move(file, "deferred");
    file.deferral = { dueMs, whose: worst.whose, reason: worst.reason, reasonClass: worst.reasonClass };
  };

  return {
    get isRunning() {
      return factor > 0;
    },
    arrived(file) {
      book.add(file);
      incoming.push(file);
      feed();
    },
    inherited(file, deferral) {
      file.place = "deferred";
      file.deferral = deferral;
      book.add(file);
    },
    delivered(job, portion) {
      if (!job.file.ownBounce) tally.delivered++;
      if (portion.unit !== null) truth.units.leave(portion.unit, agenda.nowMs);
      book.done(job.file, portion);
    },
    deferred(_job, portion, failure) {
      portion.failed = failure;
    },
    bounced(job, portion) {
      job.file.bounced.push(...portion.recipients);
      if (!job.file.ownBounce) tally.returned++;
      giveBack(job.file, portion);
    },
    blocked(job, portion) {
      job.file.bounced.push(...portion.recipients);
      tally.blocked++;
      giveBack(job.file, portion);
    },
    discarded(job, portion) {
      tally.blocked++;
      if (portion.unit !== null) truth.units.discard(portion.unit);
      book.done(job.file, portion);
    },
    handedOver: (job, portion) => book.done(job.file, portion),
    ended({ file }) {
      file.underWay--;
      if (file.underWay === 0) endRound(file);
      feed();
    },
    tick() {
      factor = world.conditions.capacity("queue-manager", name, agenda.nowMs);
      allowance = factor >= 1 ? Infinity : Math.max(1, (factor * usualSpeed * scenario.rate) / nodes.length);
      if (factor > 0 && unattended.length > 0) {
        const files = unattended;
        unattended = [];
        for (const file of files) endRound(file);
      }
      feed();
    },
  };
}

const clamp = (ms: Millis, least: Millis, most: Millis): Millis => Math.min(most, Math.max(least, ms));

/** A file as cleanup leaves it. */
export function newFile(
  from: Omit<QueueFile, "place" | "activeMs" | "underWay" | "bounced" | "deferral">,
  atMs: EpochMs,
): QueueFile {
  return { ...from, place: "incoming", activeMs: atMs, underWay: 0, bounced: [], deferral: null };
}
