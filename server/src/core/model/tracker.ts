import type { EpochMs, NodeId } from "@mailtide/shared";
import type { MailEvent } from "../event.ts";
import type { LogObservation } from "../observation.ts";
import {
  defaultQueue,
  namedQueue,
  refusesMessage,
  tellsAbort,
  tellsArrival,
  tellsEnvelope,
  tellsHold,
} from "../arrival.ts";
import { Deliveries } from "./deliveries.ts";
import { attemptOf, finish } from "./delivery.ts";
import type { Facts } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import { arrivalOfLongId } from "./long-queue-id.ts";
import { type Message, type QueueName, textOf } from "./message.ts";
import type { Messages } from "./messages.ts";
import { directionOf, type NodeBook } from "./node-book.ts";
import type { OwnProbes } from "./own-probes.ts";
import { instanceOf, queueIdOf } from "./queue-key.ts";
import { dropRest, expectRecipients, recipientsOf } from "./recipients.ts";
import { messageHashOf } from "./returns.ts";
import { unitsIn } from "./split.ts";
import { isWaiting, type Unit } from "./unit.ts";
import { meantBy, type OperatorVerb, verbOf } from "./unnamed.ts";

const mostSessions = 100_000;
/**
 * In place of the id that a process is receiving: smtpd(8) said that the message is held before it had one. It says so once of
 * a message, mostly at its first recipient, before the queue file is made.
 */
const noQueue = "NOQUEUE";
const beforeActive: ReadonlySet<QueueName> = new Set(["incoming", "hold"]);
/** Lines of different processes may overtake each other. */
const disorderMs = 2_000;
/** What Postfix, Exim and Sendmail call it that a message waits for an operator no longer. */
const releases: ReadonlySet<string> = new Set(["release", "thawed", "unquarantined"]);

/** Follows messages through the lines of their nodes. */
export class Tracker {
  readonly #messages: Messages;
  readonly #ledger: Ledger;
  readonly #facts: Facts;
  readonly #deliveries: Deliveries;
  readonly #probes: OwnProbes;
  /** Nearly every line is of the node of the line before. */
  #lastBook: NodeBook | null = null;

  constructor(messages: Messages, ledger: Ledger, facts: Facts, probes: OwnProbes) {
    this.#messages = messages;
    this.#ledger = ledger;
    this.#facts = facts;
    this.#deliveries = new Deliveries(messages, ledger, facts, probes);
    this.#probes = probes;
  }

  apply({ node, atMs, event }: LogObservation): void {
    const book = node === this.#lastBook?.id ? this.#lastBook : this.#bookOf(node);
    if (!book) return;
    if (event.event === "disconnect") {
      this.#endSession(book, event);
      return;
    }
    if (event.queueId === undefined || event.queueId === "") {
      const verb = verbOf(event);
      if (verb !== undefined) this.#allOf(book, verb, event, atMs);
      return;
    }
    if (event.queueId === noQueue) {
      if (event.event === "other" && event.pid !== undefined && tellsHold(event)) book.sessions.set(event.pid, noQueue);
      return;
    }
    const queueId = book.keys.of(event, event.queueId, atMs);
    switch (event.event) {
      case "client":
        this.#client(book, queueId, event, atMs);
        return;
      case "queued":
        this.#queued(book, queueId, event, atMs);
        return;
      case "message":
        if (event.action === "pickup") this.#pickup(book, queueId, event, atMs);
        else if (tellsAbort(event)) return;
        else if (tellsArrival(event)) {
          this.#arrived(book, queueId, event, atMs);
          if (event.action === "refused") this.#reject(book, queueId, event, atMs);
        } else this.#active(book, queueId, event, atMs);
        return;
      case "delivery":
        this.#deliveries.apply(book, queueId, event, atMs);
        return;
      case "removed":
        this.#removed(book, queueId, event, atMs);
        return;
      case "reject":
        this.#reject(book, queueId, event, atMs);
        return;
      case "bounce-notice":
        if (event.bounceQueueId !== undefined) this.#bounce(book, book.keys.of(event, event.bounceQueueId, atMs), atMs);
        // Sendmail gives up in these words alone.
        if (event.status !== undefined) this.#deliveries.apply(book, queueId, event, atMs);
        return;
      case "other":
        this.#operator(book, queueId, event, atMs);
        return;
      case "warning":
        if (refusesMessage(event) || tellsHold(event)) this.#operator(book, queueId, event, atMs);
        return;
      case "connect":
      case "auth-failure":
    }
  }

  #bookOf(node: NodeId): NodeBook | null {
    this.#lastBook = this.#messages.books.get(node) ?? null;
    return this.#lastBook;
  }

  #client(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    const known = book.messages.get(id);
    const same = known && known.state !== "done" && Math.abs(known.arrivalMs - atMs) <= disorderMs;
    if (known && !same && known.state === "queued") this.#messages.vanish(book, known, atMs);
    const message = same ? known : this.#messages.create(book, id, atMs, "client");
    if (!message) {
      this.#messages.countOverflow(atMs);
      return;
    }
    message.birth = "client";
    // No part of the line: readers make addresses canonical, and hand out the same string each time.
    message.clientIp = event.clientIp ?? null;
    message.authenticated = event.saslUsername !== undefined;
    message.ours = message.authenticated || (message.clientIp !== null && book.hops.ownAddress(message.clientIp));
    for (const unit of message.units) {
      const direction = directionOf(book, message.ours, unit.domain);
      if (direction !== unit.direction) this.#ledger.change(unit, { direction });
    }
    if (event.pid !== undefined) {
      if (book.sessions.get(event.pid) === noQueue) this.#messages.hold(book, message, atMs);
      if (book.sessions.size >= mostSessions) book.sessions.clear();
      book.sessions.set(event.pid, message.id);
    }
  }

  #pickup(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    const known = book.messages.get(id);
    if (known?.state === "queued") {
      if (Math.abs(known.arrivalMs - atMs) <= disorderMs) return;
      this.#messages.vanish(book, known, atMs);
    }
    const message = this.#messages.create(book, id, atMs, "pickup");
    if (message) {
      message.sender = textOf(message, event.from ?? "");
      this.#requeued(book, message, event, atMs);
    } else this.#messages.countOverflow(atMs);
  }

  /** postsuper(1) names only those that it queues again one by one; of all, only pickup(8) says what they were before. */
  #requeued(book: NodeBook, message: Message, event: MailEvent, atMs: EpochMs): void {
    if (event.origQueueId === undefined) return;
    const before = book.messages.get(book.keys.of(event, event.origQueueId, atMs));
    if (before !== undefined && before !== message) this.#messages.goOn(book, before, message, atMs);
  }

  #queued(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    const known = book.messages.get(id);
    if (known && known.state !== "done") {
      if (known.messageHash === 0) known.messageHash = messageHashOf(event.messageId);
      if (tellsEnvelope(event)) this.#envelope(book, known, event, atMs);
      // What cleanup makes without client or pickup may be a bounce of ours: the queue manager's line will tell.
      if (known.birth !== "node") this.#messages.begin(book, known, atMs);
      return;
    }
    if (tellsEnvelope(event) || (event.process !== undefined && !event.process.endsWith("cleanup"))) return;
    this.#messages.create(book, id, atMs, "node");
  }

  /** One line says that it was taken, and from whom. */
  #arrived(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    const known = book.messages.get(id);
    const isNear = known !== undefined && Math.abs(known.arrivalMs - atMs) <= disorderMs;
    if (known?.birth === "unknown" && isNear && book.endsWithRecipients) {
      this.#overtaken(book, known, event, atMs);
      return;
    }
    if (known?.state === "queued") {
      if (isNear) return;
      this.#messages.vanish(book, known, atMs);
    }
    const message = this.#messages.create(book, id, atMs, event.action === "bounce" ? "node" : "client");
    if (!message) {
      this.#messages.countOverflow(atMs);
      return;
    }
    tellOrigin(book, message, event);
    this.#enter(book, message, event, atMs);
    const isAlone = event.nrcpt === 1 || (event.nrcpt ?? event.recipients) === undefined;
    if (event.to !== undefined && isAlone) this.#addressed(message, event.to);
    this.#messages.claimSplit(book, message, atMs);
  }

  /** Some say whom a mail is for before they try to deliver it: a probe of ours then never counts as a customer's. */
  #addressed(message: Message, recipient: string): void {
    if (!this.#probes.areKnown || message.nrcpt > 1 || !this.#probes.has(recipient)) return;
    for (const unit of message.units) if (unit.customer) this.#ledger.change(unit, { customer: false });
  }

  /** Lines of its deliveries were there before: what they told stays, and now it is known whose it is and for how many. */
  #overtaken(book: NodeBook, message: Message, event: MailEvent, atMs: EpochMs): void {
    if (message.state === "done") this.#messages.revive(book, message);
    if (message.state === "done") return;
    message.birth = event.action === "bounce" ? "node" : "client";
    tellOrigin(book, message, event);
    this.#messages.begin(book, message, atMs);
    for (const unit of message.units) {
      const direction = directionOf(book, message.ours, unit.domain);
      this.#ledger.change(unit, { direction, customer: unit.customer && !message.ownBounce });
    }
    if (event.nrcpt !== undefined && event.nrcpt > 0) expectRecipients(message, event.nrcpt, this.#ledger, atMs);
    this.#messages.trackUnits(message);
    const toldOf = new Set<Unit>();
    for (const [recipient, unit] of recipientsOf(message)) {
      if (!toldOf.has(unit)) this.#facts.note(book, message, recipient, unit.domain, atMs);
      toldOf.add(unit);
    }
    this.#messages.claimSplit(book, message, atMs);
    if (message.split !== null) this.#messages.endEmpty(book, message.split, atMs);
    else if (message.named >= message.nrcpt && !message.units.some(isWaiting)) this.#messages.end(book, message, atMs);
    book.queues.place(message);
  }

  /** Who sent it is sometimes said only with its envelopes. */
  #envelope(book: NodeBook, message: Message, event: MailEvent, atMs: EpochMs): void {
    if (event.to !== undefined && message.nrcpt === 1) this.#addressed(message, event.to);
    if (event.from === undefined || message.sender !== null) return;
    message.sender = textOf(message, event.from);
    this.#facts.say(book, message, atMs);
  }

  #active(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    let message: Message | null | undefined = book.messages.get(id);
    if (!message || message.state === "done") {
      const arrivalMs = arrivalOfLongId(queueIdOf(id));
      message = this.#messages.create(book, id, arrivalMs ?? atMs, "unknown");
      if (!message) return;
      message.arrivalKnown = arrivalMs !== null;
    }
    message.sender ??= textOf(message, event.from ?? "");
    if (message.birth === "node" && isOurOwn(message.sender)) message.ownBounce = true;
    this.#enter(book, message, event, atMs);
  }

  /** It is in the active queue. */
  #enter(book: NodeBook, message: Message, event: MailEvent, atMs: EpochMs): void {
    this.#messages.begin(book, message, atMs);
    if (message.queue === "incoming") {
      this.#messages.noteReturn(message, atMs);
      this.#facts.onTaken?.(message);
    }
    message.queue = "active";
    for (const unit of message.units) {
      unit.deferred = false;
      if (unit.attribution === "held") this.#ledger.resume(unit, atMs);
      this.#ledger.setDue(unit, true);
    }
    if (event.nrcpt !== undefined && event.nrcpt > 0) expectRecipients(message, event.nrcpt, this.#ledger, atMs);
    this.#facts.say(book, message, atMs);
    book.queues.place(message);
  }

  #removed(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    book.unnamed.note(event);
    const message = book.messages.get(id);
    // One of several queue files: it ends with its recipients.
    if (!message || message.state === "done" || message.split !== null) return;
    if (message.state === "arriving") {
      this.#messages.end(book, message, atMs);
      return;
    }
    if (event.action === "delete") {
      this.#messages.vanish(book, message, atMs);
      return;
    }
    if (message.units.length > 1) dropRest(message, this.#ledger, atMs);
    if (message.units.some(isWaiting)) {
      // The queue manager is done with it, though the line that says how was lost.
      const attempt = attemptOf(book, message, { event: "delivery", status: "sent" }, atMs);
      for (const unit of message.units) finish(book, message, unit, attempt, this.#ledger);
    }
    this.#messages.end(book, message, atMs);
  }

  /** An operator's command for all that is in a queue. */
  #allOf(book: NodeBook, verb: OperatorVerb, event: MailEvent, atMs: EpochMs): void {
    const count = book.unnamed.countOf(event, verb);
    if (count === 0) return;
    const instance = book.keys.of({ ...event, event: "client" }, "", atMs);
    const queued: Message[] = [];
    for (const message of book.messages.values())
      if (message.state === "queued" && instanceOf(message.id) === instance) queued.push(message);
    for (const message of meantBy(verb, count, queued)) {
      if (verb === "delete") this.#messages.vanish(book, message, atMs);
      else if (verb === "hold") this.#messages.hold(book, message, atMs);
      else this.#release(book, message, "deferred", atMs);
    }
  }

  /** Refused at its end: we never took it. A recipient's refusal says nothing of the message. */
  #reject(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    const message = book.messages.get(id);
    if (!message || message.state === "done" || !refusesMessage(event)) return;
    for (const unit of message.units) this.#ledger.drop(unit, "blocked", atMs);
    this.#messages.end(book, message, atMs);
  }

  /** The client hung up within the message: cleanup may have named it, but nobody took it. */
  #endSession(book: NodeBook, event: MailEvent): void {
    if (event.pid === undefined) return;
    const id = book.sessions.get(event.pid);
    if (id === undefined) return;
    book.sessions.delete(event.pid);
    const message = book.messages.get(id);
    if (!message || message.birth !== "client" || !beforeActive.has(message.queue) || message.named > 0) return;
    if (message.state === "arriving") this.#messages.end(book, message, message.arrivalMs);
    else if (message.state === "queued" && (event.stage === "DATA" || event.stage === "BDAT")) {
      for (const unit of message.units) this.#ledger.drop(unit, "blocked", message.arrivalMs);
      this.#messages.end(book, message, message.arrivalMs);
    }
  }

  #bounce(book: NodeBook, id: string, atMs: EpochMs): void {
    const known = book.messages.get(id);
    const message = known && known.state !== "done" ? known : this.#messages.create(book, id, atMs, "node");
    if (!message) return;
    message.ownBounce = true;
    for (const unit of message.units) if (unit.customer) this.#ledger.change(unit, { customer: false });
  }

  #divided(book: NodeBook, id: string, event: MailEvent, ids: readonly string[], atMs: EpochMs): void {
    const keys = ids.map((each) => book.keys.of(event, each, atMs));
    this.#messages.divide(book, id, keys, atMs);
  }

  #operator(book: NodeBook, id: string, event: MailEvent, atMs: EpochMs): void {
    book.lastHops.note(event);
    book.unnamed.note(event);
    if (event.splitQueueIds !== undefined) this.#divided(book, id, event, event.splitQueueIds, atMs);
    const message = book.messages.get(id);
    if (!message || message.state === "done") return;
    if (refusesMessage(event)) this.#reject(book, id, event, atMs);
    if (tellsHold(event)) this.#messages.hold(book, message, atMs);
    if (event.action === namedQueue || event.action === defaultQueue) message.apart = event.action === namedQueue;
    // Until pickup(8) takes it, under another id, it still waits.
    if (event.action === "requeue") this.#release(book, message, "incoming", atMs);
    if (releases.has(event.action ?? "") && message.queue === "hold") this.#release(book, message, "deferred", atMs);
  }

  #release(book: NodeBook, message: Message, queue: QueueName, atMs: EpochMs): void {
    message.queue = queue;
    for (const unit of unitsIn(message)) {
      this.#ledger.resume(unit, atMs);
      this.#ledger.setDue(unit, true);
      this.#messages.resettle(unit);
    }
    book.queues.place(message);
  }
}

/** Bounces, and Postfix's notices to the postmaster and probes of addresses (`double_bounce_sender`). */
const isOurOwn = (sender: string): boolean => sender === "" || sender.startsWith("double-bounce@");

/** What the line that says that it was taken tells of where it came from. */
function tellOrigin(book: NodeBook, message: Message, event: MailEvent): void {
  message.clientIp = event.clientIp ?? null;
  message.authenticated = event.saslUsername !== undefined;
  const ofThisHost = message.birth === "node" || event.proto?.startsWith("local") === true;
  message.ours =
    ofThisHost || message.authenticated || (message.clientIp !== null && book.hops.ownAddress(message.clientIp));
  message.ownBounce = message.birth === "node";
  message.messageHash = messageHashOf(event.messageId);
  if (event.from !== undefined) message.sender = textOf(message, event.from);
}
