import type { EpochMs } from "@mailtide/shared";
import { discardsMessage } from "../arrival.ts";
import type { MailEvent } from "../event.ts";
import { type Attempt, attemptOf, defer, finish, thrownAway } from "./delivery.ts";
import type { Facts } from "./facts.ts";
import { successor } from "./going-on.ts";
import { isFinal } from "./hops.ts";
import type { Ledger } from "./ledger.ts";
import { arrivalOfLongId } from "./long-queue-id.ts";
import type { Message, Split } from "./message.ts";
import { detach } from "../text/detach.ts";
import type { Messages } from "./messages.ts";
import type { NodeBook } from "./node-book.ts";
import type { OwnProbes } from "./own-probes.ts";
import { queueIdOf } from "./queue-key.ts";
import { nameMore, nameRecipient } from "./recipients.ts";
import { clearFile, isEmpty, isSettled, noteDone, noteNamed, unitsIn, wholeOf } from "./split.ts";
import { isWaiting, type Unit } from "./unit.ts";

/** What delivery agents say of recipients. */
export class Deliveries {
  readonly #messages: Messages;
  readonly #ledger: Ledger;
  readonly #facts: Facts;
  readonly #probes: OwnProbes;

  constructor(messages: Messages, ledger: Ledger, facts: Facts, probes: OwnProbes) {
    this.#probes = probes;
    this.#messages = messages;
    this.#ledger = ledger;
    this.#facts = facts;
  }

  apply(book: NodeBook, id: string, said: MailEvent, atMs: EpochMs): void {
    const event = book.lastAgents.complete(book.lastHops.complete(said));
    const message = this.#messageOfDelivery(book, id, event, atMs);
    if (!message || message.state === "done") return;
    const { split } = message;
    const attempt = attemptOf(book, message, event, atMs);
    const { to, recipients } = event;
    const wasSettled = split === null || isSettled(split);
    if (to === undefined) this.#all(book, message, attempt);
    else if (recipients === undefined) this.#one(book, message, to, attempt);
    else for (const each of recipients) this.#one(book, message, each, attempt);
    if (split === null && discardsMessage(event)) {
      this.#all(book, message, attempt);
      this.#messages.end(book, message, atMs);
      return;
    }
    // Its turn in the active queue is over when each of its recipients was tried.
    if (message.queue !== "hold" && allDeferred(unitsIn(message))) message.queue = "deferred";
    if (split !== null) this.#settleSplit(book, message, split, attempt, wasSettled);
    else {
      const isNamed = message.named >= message.nrcpt || (to === undefined && event.status !== "deferred");
      if (book.endsWithRecipients && isNamed && !message.units.some(isWaiting)) this.#messages.end(book, message, atMs);
      else book.queues.place(message);
    }
    if (message.birth === "unknown") this.#messages.claimSplit(book, message, atMs);
  }

  #settleSplit(book: NodeBook, message: Message, split: Split, attempt: Attempt, wasSettled: boolean): void {
    book.queues.place(message);
    if (!book.endsWithRecipients || !isSettled(split)) return;
    if (!wasSettled) this.#messages.endEmpty(book, split, attempt.atMs);
    else if (isEmpty(split, message)) this.#messages.end(book, message, attempt.atMs);
    // Nobody is left who could still be named.
    if (split.queued === 0)
      for (const unit of split.whole.units) finish(book, split.whole, unit, attempt, this.#ledger);
  }

  #one(book: NodeBook, file: Message, to: string, attempt: Attempt): void {
    const { event, atMs } = attempt;
    const message = wholeOf(file);
    const named = nameRecipient(book, message, to, this.#ledger, atMs);
    // Haraka names a domain and how many there are of it, once for each delivery to it.
    if (named !== null && event.nrcpt !== undefined && to.startsWith("@"))
      nameMore(message, named, event.nrcpt, this.#ledger, atMs);
    this.#messages.trackUnits(message);
    if (!named) return;
    if (named.fresh && this.#probes.areKnown && isAlone(message) && this.#probes.has(to))
      this.#ledger.change(named.unit, { customer: false });
    if (named.fresh) this.#facts.onNamed?.(message, to, event.origTo);
    const { unit } = named;
    // A line that a listing overtook.
    if (unit.phase === "unexplained") this.#ledger.reopen(unit);
    if (named.freshDomain) this.#facts.note(book, message, to, unit.domain, atMs);
    const { split } = file;
    const { attribution } = unit;
    if (split !== null) noteNamed(split, file, unit, named.fresh);
    if (event.status === "deferred") {
      if (unit.phase === "merged") this.#ledger.reopenPart(unit);
      defer(book, message, unit, attempt, this.#ledger);
    } else if (event.status !== undefined) {
      if (split !== null) noteDone(split, file, unit);
      this.#recipientDone(book, message, unit, attempt);
    }
    if (split !== null && unit.attribution !== attribution) this.#messages.resettle(unit);
  }

  /** The line names nobody: it speaks of all that still wait. */
  #all(book: NodeBook, message: Message, attempt: Attempt): void {
    const { status } = attempt.event;
    if (message.split !== null) return this.#allOfFile(book, message, message.split, attempt);
    for (const unit of message.units) {
      if (status === "expired" || status === "bounced" || status === "discarded")
        finish(book, message, unit, attempt, this.#ledger);
      else if (status === "deferred" && book.endsWithRecipients) defer(book, message, unit, attempt, this.#ledger);
      else if (status === "sent" && book.endsWithRecipients) {
        unit.open = 1;
        this.#recipientDone(book, message, unit, attempt);
      }
    }
  }

  #allOfFile(book: NodeBook, message: Message, split: Split, attempt: Attempt): void {
    const { status } = attempt.event;
    const { whole } = split;
    if (status === "deferred") for (const unit of unitsIn(message)) defer(book, whole, unit, attempt, this.#ledger);
    if (status !== "expired" && status !== "bounced" && status !== "discarded") return;
    for (const [unit, count] of clearFile(split, message)) {
      unit.open = Math.max(0, unit.open - count);
      if (unit.open === 0) finish(book, whole, unit, attempt, this.#ledger);
    }
  }

  #messageOfDelivery(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): Message | null {
    const known = book.messages.get(id);
    const arrivalMs = event.delay === undefined ? null : atMs - Math.round(event.delay * 1_000);
    const message =
      known ?? this.#messages.create(book, id, arrivalMs ?? arrivalOfLongId(queueIdOf(id)) ?? atMs, "unknown");
    if (message?.state === "done" && book.endsWithRecipients) this.#messages.revive(book, message);
    if (!message || message.state === "done") return message;
    if (!known) message.arrivalKnown = arrivalMs !== null;
    else if (!message.arrivalKnown && arrivalMs !== null) this.#correctArrival(message, arrivalMs);
    this.#messages.begin(book, message, atMs);
    return message;
  }

  #correctArrival(message: Message, arrivalMs: EpochMs): void {
    message.arrivalKnown = true;
    message.arrivalMs = arrivalMs;
    if (message.joined) return;
    message.acceptedMs = arrivalMs;
    for (const unit of message.units) this.#ledger.rebase(unit, arrivalMs, 0);
  }

  #recipientDone(book: NodeBook, message: Message, unit: Unit, attempt: Attempt): void {
    const { status, nextQueueId } = attempt.event;
    const isGone = thrownAway(attempt);
    if ((status === "sent" && !isGone) || status === "filtered") unit.sent = true;
    unit.open = Math.max(0, unit.open - 1);
    if (status?.includes("deliverable") === true && unit.customer) this.#ledger.change(unit, { customer: false });
    if (unit.open > 0 || !isWaiting(unit)) return;
    if (status === "sent" && nextQueueId === undefined && !isGone) return this.#handOver(book, message, unit, attempt);
    const handsOn = status === "sent" && nextQueueId !== undefined && (attempt.rejoins || isLocal(attempt));
    if (!handsOn) {
      finish(book, message, unit, attempt, this.#ledger);
      return;
    }
    const handover = { unit, from: attempt.startMs, atMs: attempt.atMs };
    const next = successor(this.#messages.books, book, message, nextQueueId, handover);
    finish(book, message, unit, attempt, this.#ledger);
    if (next) this.#messages.join(unit, next, handover.atMs);
    else this.#messages.joins.add(detach(nextQueueId), handover);
  }

  /** Whoever took it named no id. A filter of ours may give it back all the same, unless it came from there. */
  #handOver(book: NodeBook, message: Message, unit: Unit, attempt: Attempt): void {
    const { hop, startMs, atMs } = attempt;
    const { returns } = this.#messages;
    const mayReturn =
      hop.ip !== null && message.messageHash !== 0 && message.clientIp !== hop.ip && !isFinal(hop) && attempt.rejoins;
    if (!mayReturn) {
      finish(book, message, unit, attempt, this.#ledger);
      return;
    }
    const handover = { unit, from: startMs, atMs };
    const next = this.#messages.comesBackAs(message, hop.ip, handover);
    finish(book, message, unit, attempt, this.#ledger);
    if (next) this.#messages.join(unit, next, atMs);
    else returns.add(message, hop.ip, handover);
  }
}

/** Some wait, and each of those was deferred. */
function allDeferred(units: readonly Unit[]): boolean {
  let waiting = 0;
  for (const unit of units) {
    if (!isWaiting(unit)) continue;
    if (!unit.deferred) return false;
    waiting += 1;
  }
  return waiting > 0;
}

/** Nobody else gets it, as far as is known. */
const isAlone = ({ nrcpt, named }: Message): boolean => named === 1 && nrcpt <= 1;

/** local(8) forwards: `forwarded as ID`. */
function isLocal(attempt: Attempt): boolean {
  return attempt.hop.transports.includes("local");
}
