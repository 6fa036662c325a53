import type { EpochMs, NodeId } from "@mailtide/shared";
import { eachInSteps, type Steps } from "../steps.ts";
import { detach } from "../text/detach.ts";
import { cameFrom, mayBeBack } from "./going-on.ts";
import { Joins } from "./joins.ts";
import type { Ledger } from "./ledger.ts";
import { grow, type Message, newMessage, noUnits, type Split } from "./message.ts";
import { directionOf, type NodeBook } from "./node-book.ts";
import { queueIdOf } from "./queue-key.ts";
import { moveRecipients } from "./recipients.ts";
import { Returns } from "./returns.ts";
import { addFile, clearFile, isEmpty, isHeld, isSettled, splitOf, unitsIn, wholeOf } from "./split.ts";
import { isWaiting, newUnit, type Unit } from "./unit.ts";

/** Late lines and listings still speak of a message that is done. */
const doneKeptMs = 120_000;
/** A client that has not finished after this is gone (smtpd_timeout and more). */
const arrivingKeptMs = 3_600_000;
const forgottenPerStep = 250;
const grownPerStep = 250;

/** The messages that are followed, from the first line to a while after the last, and how they go on in each other. */
export class Messages {
  readonly books: ReadonlyMap<NodeId, NodeBook>;
  readonly joins = new Joins();
  readonly returns = new Returns();
  /** Those that are done, the first to be forgotten first; the ones before `#firstDone` are forgotten. */
  #done: Message[] = [];
  #firstDone = 0;
  /** Those whose client had not finished when they were no longer young; some may have finished since. */
  #slow: Message[] = [];
  /** Those that came in this turn, and in the one before. */
  #young: Message[] = [];
  #lastYoung: Message[] = [];
  overflow = 0;
  lastOverflowMs: EpochMs | null = null;
  trackedUnits = 0;
  #lookAgainAt = 1_000;
  #lookAgainMs = 0;
  readonly #ledger: Ledger;
  readonly #maxUnits: number;
  readonly #returned: (message: Message) => void;

  constructor(
    books: ReadonlyMap<NodeId, NodeBook>,
    ledger: Ledger,
    maxUnits: number,
    returned: (message: Message) => void,
  ) {
    this.books = books;
    this.#ledger = ledger;
    this.#maxUnits = maxUnits;
    this.#returned = returned;
  }

  *advance(nowMs: EpochMs): Steps {
    this.joins.advance(nowMs);
    this.returns.advance(nowMs);
    for (const { splits, unnamed } of this.books.values()) {
      splits.advance(nowMs);
      unnamed.advance();
    }
    yield* this.#forgetDone(nowMs - doneKeptMs);
    yield* this.#growUp();
    // Looking again only when the list has doubled costs nothing per message.
    if (this.#slow.length < this.#lookAgainAt && nowMs < this.#lookAgainMs) return;
    const gone = (message: Message): boolean => nowMs - message.arrivalMs > arrivingKeptMs;
    const still = this.#slow.filter((message) => message.state === "arriving");
    for (const message of still) if (gone(message)) this.forget(message);
    this.#slow = still.filter((message) => !gone(message));
    this.#lookAgainAt = 1_000 + 2 * this.#slow.length;
    this.#lookAgainMs = nowMs + 60_000;
  }

  /** A new message, or null when no more can be followed. */
  create(book: NodeBook, id: string, arrivalMs: EpochMs, birth: Message["birth"]): Message | null {
    if (this.trackedUnits >= this.#maxUnits) return null;
    const message = newMessage(book.id, detach(id), arrivalMs, birth);
    book.messages.put(message);
    this.trackedUnits += 1;
    message.young = true;
    this.#young.push(message);
    return message;
  }

  /** A message came that can not be followed. */
  countOverflow(atMs: EpochMs): void {
    this.overflow += 1;
    this.lastOverflowMs = atMs;
  }

  /** It is accepted: from now on it counts. */
  begin(book: NodeBook, message: Message, atMs: EpochMs): void {
    if (message.state !== "arriving") return;
    message.state = "queued";
    const unit = newUnit(message, directionOf(book, message.ours, ""), !message.ownBounce);
    message.units = [unit];
    message.rest = unit;
    this.#ledger.accept(unit, message.arrivalMs);
    // Mostly the other side is there before this one has left.
    if (this.joins.areSome)
      for (const handover of this.joins.claim(queueIdOf(message.id), message.arrivalMs))
        this.#joinLate(handover.unit, message, atMs);
    if (message.queue === "hold") this.#hold(book, message, atMs);
    else book.queues.place(message);
  }

  /** Its sender is known: it may go on what a filter of ours was handed. */
  noteReturn(message: Message, atMs: EpochMs): void {
    if (!mayBeBack(message) || !this.returns.silent.has(message.clientIp ?? "")) return;
    for (const { unit } of this.returns.cameBack(message)) this.#joinLate(unit, message, atMs);
  }

  /** What it goes on in, when it was handed to an address of ours that named no id, if that was seen. */
  comesBackAs(
    message: Message,
    ip: string,
    handover: { readonly from: EpochMs; readonly atMs: EpochMs },
  ): Message | null {
    if (this.returns.watch(ip)) for (const came of cameFrom(this.books, ip, handover.from)) this.returns.cameBack(came);
    return this.returns.successor(message, ip, handover);
  }

  /** To be called after its recipients may have got units of their own. */
  trackUnits(message: Message): void {
    const more = message.units.length - message.countedUnits;
    if (more <= 0) return;
    this.trackedUnits += more;
    message.countedUnits += more;
  }

  /** Nothing of it is in the queue any more. */
  end(book: NodeBook, message: Message, atMs: EpochMs): void {
    message.state = "done";
    message.doneMs = atMs;
    book.lastHops.forget(message.id);
    book.queues.place(message);
    // Nothing that is still said of it can change it: it need not keep the lines that it came in.
    if (message.young && !book.endsWithRecipients && message.split === null) {
      message.first = "";
      if (!mayBeBack(message)) message.sender = null;
    }
    const { split } = message;
    if (split !== null) {
      clearFile(split, message);
      split.queued -= 1;
      // The recipients of the other queue files are kept with it.
      if (message === split.whole && split.files.size > 1) return;
    }
    this.#done.push(message);
  }

  /** Its last recipient was not the last: an alias stood for several. */
  revive(book: NodeBook, message: Message): void {
    const { split } = message;
    const place = this.#done.lastIndexOf(message);
    if (place >= this.#firstDone) this.#done.splice(place, 1);
    else if (split?.whole !== message) return;
    if (split !== null) split.queued += 1;
    message.state = "queued";
    book.queues.place(message);
  }

  /** Those that a client has not finished. */
  get arriving(): Message[] {
    return [...this.#slow, ...this.#lastYoung, ...this.#young].filter(isArriving);
  }

  restoreArriving(messages: readonly Message[]): void {
    this.#slow = [...messages];
  }

  /** What is done and not forgotten yet. */
  get done(): readonly Message[] {
    return this.#done.slice(this.#firstDone);
  }

  restoreDone(messages: readonly Message[]): void {
    this.#done = [...messages];
    this.#firstDone = 0;
  }

  forget(message: Message): void {
    this.books.get(message.node)?.messages.delete(message);
    for (const unit of message.units) unit.message = null;
    this.trackedUnits -= message.countedUnits;
    message.units = noUnits;
    const { split } = message;
    if (split === null || message === split.whole) return;
    split.files.delete(message);
    if (split.files.size === 1 && split.whole.state === "done") this.#done.push(split.whole);
  }

  /** It left without a word: not a departure. */
  vanish(book: NodeBook, message: Message, atMs: EpochMs): void {
    if (message.split !== null) return this.#vanishFile(book, message, message.split, atMs);
    for (const unit of message.units) if (isWaiting(unit)) this.#ledger.drop(unit, "unexplained", atMs);
    this.end(book, message, atMs);
  }

  /** What a client or pickup is still handing over is held once it is accepted. */
  hold(book: NodeBook, message: Message, atMs: EpochMs): void {
    message.queue = "hold";
    const isComing = message.birth === "client" || message.birth === "pickup";
    if (message.state !== "arriving") this.#hold(book, message, atMs);
    else if (!isComing) this.begin(book, message, atMs);
  }

  #hold(book: NodeBook, message: Message, atMs: EpochMs): void {
    for (const unit of unitsIn(message)) {
      this.#ledger.pause(unit, { ...held, atMs });
      if (message.split !== null) this.resettle(unit);
    }
    book.queues.place(message);
  }

  /** Recipients of the message with this name go on under these; that may be told before anything else of it is. */
  divide(book: NodeBook, key: string, keys: readonly string[], atMs: EpochMs): void {
    const message = book.messages.get(key);
    if (message === undefined || message.state === "arriving") book.splits.add(key, keys, atMs);
    else this.#divide(book, message, keys, atMs);
  }

  /** To be called with a message that a line told of: it may be known already what it goes on under. */
  claimSplit(book: NodeBook, message: Message, atMs: EpochMs): void {
    const keys = book.splits.claim(message.id);
    if (keys.length > 0) this.#divide(book, message, keys, atMs);
  }

  /** Ends the queue files of which nobody waits any more. */
  endEmpty(book: NodeBook, split: Split, atMs: EpochMs): void {
    if (!book.endsWithRecipients || !isSettled(split)) return;
    for (const message of split.files.keys())
      if (message.state === "queued" && isEmpty(split, message)) this.end(book, message, atMs);
    const { rest } = split.whole;
    if (rest !== null && isHeld(split)) this.#ledger.pause(rest, { ...held, atMs });
  }

  /** The wait of the unit goes on in the message of the next hop. */
  join(unit: Unit, next: Message, atMs: EpochMs): void {
    this.#inherit(unit, next);
    this.#ledger.drop(unit, "merged", atMs);
  }

  /** A recipient that was put off since still waits here: of it nothing was handed over. */
  #joinLate(unit: Unit, next: Message, atMs: EpochMs): void {
    if (isWaiting(unit) && unit.open > 0) this.#inherit(unit, next);
    else this.join(unit, next, atMs);
  }

  #inherit(unit: Unit, next: Message): void {
    if (!next.joined) {
      next.joined = true;
      next.acceptedMs = unit.acceptedMs;
      next.pausedMs = unit.pausedMs;
      next.ours = unit.message?.ours ?? next.ours;
      const book = this.books.get(next.node);
      for (const later of next.units) {
        const direction = book ? directionOf(book, next.ours, later.domain || unit.domain) : later.direction;
        const { customer, acceptedMs, pausedMs } = unit;
        this.#ledger.rebase(later, acceptedMs, pausedMs, { direction, customer, unsure: later.unsure || unit.unsure });
      }
      if (!unit.customer) next.ownBounce = true;
      this.#returned(next);
    }
  }

  /** The same message under another id: whoever still waits goes on waiting there. */
  goOn(book: NodeBook, before: Message, message: Message, atMs: EpochMs): void {
    message.arrivalMs = before.arrivalMs;
    message.arrivalKnown = before.arrivalKnown;
    for (const unit of before.units) {
      if (!isWaiting(unit) && unit.phase !== "unexplained") continue;
      this.#ledger.resume(unit, atMs);
      this.join(unit, message, atMs);
    }
    if (before.state !== "done") this.end(book, before, atMs);
  }

  resettle(unit: Unit): void {
    const { message } = unit;
    const queues = message === null ? undefined : this.books.get(message.node)?.queues;
    if (message === null || queues === undefined) return;
    if (message.split === null) queues.place(message);
    else for (const file of message.split.files.keys()) queues.place(file);
  }

  #divide(book: NodeBook, message: Message, given: readonly string[], atMs: EpochMs): void {
    const whole = wholeOf(message);
    if (whole.state === "done") this.revive(book, whole);
    const split = splitOf(whole);
    const keys = [...given];
    for (const key of keys) if (this.#joinSplit(book, split, key, atMs)) keys.push(...book.splits.claim(key));
    this.trackUnits(whole);
    this.endEmpty(book, split, atMs);
    book.queues.place(whole);
  }

  /** False where the name is that of a message of its own, or no more can be followed. */
  #joinSplit(book: NodeBook, split: Split, key: string, atMs: EpochMs): boolean {
    const { whole } = split;
    const known = book.messages.get(key);
    if (known === undefined) {
      const message = this.create(book, key, whole.arrivalMs, whole.birth);
      if (message === null) {
        this.countOverflow(atMs);
        return false;
      }
      message.arrivalKnown = whole.arrivalKnown;
      message.state = "queued";
      message.queue = whole.queue === "hold" ? "hold" : "active";
      addFile(split, message, { isNamed: false, open: new Map() });
      book.queues.place(message);
      return true;
    }
    if (known.split === split || known.birth !== "unknown" || wholeOf(known) !== known) return false;
    // Lines of its deliveries, or a listing, were there before.
    if (known.state === "done") this.revive(book, known);
    this.begin(book, known, atMs);
    const { files } = splitOf(known);
    const moved = moveRecipients(book, known, whole, this.#ledger, atMs);
    this.trackedUnits -= known.countedUnits - 1;
    known.countedUnits = 1;
    for (const [message, { isNamed, open }] of files) {
      message.arrivalMs = whole.arrivalMs;
      message.birth = whole.birth;
      const openMoved = new Map([...open].map(([unit, count]) => [moved.get(unit) ?? unit, count]));
      addFile(split, message, { isNamed, open: openMoved });
      book.queues.place(message);
    }
    return true;
  }

  #vanishFile(book: NodeBook, message: Message, split: Split, atMs: EpochMs): void {
    for (const [unit, count] of clearFile(split, message)) {
      unit.open = Math.max(0, unit.open - count);
      if (unit.open === 0 && isWaiting(unit)) this.#ledger.drop(unit, "unexplained", atMs);
    }
    this.end(book, message, atMs);
    this.endEmpty(book, split, atMs);
    if (split.queued > 0) return;
    for (const unit of split.whole.units) if (isWaiting(unit)) this.#ledger.drop(unit, "unexplained", atMs);
  }

  /** Those that came in the turn before this one. */
  *#growUp(): Steps {
    const grown = this.#lastYoung;
    this.#lastYoung = this.#young;
    this.#young = [];
    yield* eachInSteps(grown, this.#growOne, grownPerStep);
  }

  readonly #growOne = (message: Message): void => {
    grow(message);
    // Most are queued by now.
    if (isArriving(message)) this.#slow.push(message);
  };

  /** Those in front are only passed over: moving the rest of a long list up every second costs more than their places. */
  *#forgetDone(beforeMs: EpochMs): Steps {
    for (let next = this.#done[this.#firstDone]; next !== undefined; next = this.#done[this.#firstDone]) {
      if (next.doneMs >= beforeMs) break;
      this.forget(next);
      this.#firstDone += 1;
      if (this.#firstDone % forgottenPerStep === 0) yield;
    }
    if (2 * this.#firstDone < this.#done.length) return;
    this.#done = this.#done.slice(this.#firstDone);
    this.#firstDone = 0;
  }
}

const isArriving = ({ state, birth }: Message): boolean => state === "arriving" && birth !== "unknown";

const never = Number.MAX_SAFE_INTEGER;
const held = { attribution: "held", dueMs: never, resumeMs: never } as const;
