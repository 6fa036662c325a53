import type { EpochMs } from "@mailtide/shared";
import { nextTrySeconds, oursAgainMs } from "../backoff.ts";
import type { MailEvent } from "../event.ts";
import { attributeTo, countsAsOwn } from "./attribution.ts";
import type { Hop } from "./hops.ts";
import type { Ledger } from "./ledger.ts";
import { detach } from "../text/detach.ts";
import type { Message } from "./message.ts";
import type { NodeBook } from "./node-book.ts";
import { classifyReason } from "./reason.ts";
import { isWaiting, ownWaitMs, type Unit } from "./unit.ts";

/** A delivery line in instants. Stands until the next is asked for: there is one for all of millions. */
export interface Attempt {
  readonly event: MailEvent;
  readonly hop: Hop;
  /** The hop is one of our own stages; mail handed there may come back into a watched node. */
  readonly own: boolean;
  readonly rejoins: boolean;
  /** The line's. */
  readonly atMs: EpochMs;
  /** When the attempt began and ended, as fine as `delay` and `delays` tell. */
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** Postfix writes whole seconds in most logs, but the delay with two digits: the end lies within the line's second. */
export function attemptOf(book: NodeBook, message: Message, event: MailEvent, atMs: EpochMs): Attempt {
  const byDelay = event.delay === undefined ? atMs : message.arrivalMs + Math.round(event.delay * 1_000);
  const endMs = Math.min(Math.max(byDelay, atMs), atMs + 999);
  const { delays } = event;
  // What was for the far side: connection set-up and transmission.
  const farMs = delays === undefined ? 0 : Math.round((delays[2] + delays[3]) * 1_000);
  const startMs = Math.min(Math.max(message.arrivalMs, endMs - farMs), endMs);
  const { hop, own, rejoins } = book.latelyHops.of(event);
  given.event = event;
  given.hop = hop;
  given.own = own;
  given.rejoins = rejoins;
  given.atMs = atMs;
  given.startMs = startMs;
  given.endMs = endMs;
  return given;
}

const given: { -readonly [K in keyof Attempt]: Attempt[K] } = {
  event: { event: "other" },
  hop: { host: null, ip: null, port: null, transports: [] },
  own: false,
  rejoins: false,
  atMs: 0,
  startMs: 0,
  endMs: 0,
};

/** The unit was tried and stays. */
export function defer(book: NodeBook, message: Message, unit: Unit, attempt: Attempt, ledger: Ledger): void {
  if (!isWaiting(unit)) return;
  const { event, hop, atMs, startMs } = attempt;
  const cause = classifyReason(event.reason ?? "", event.dsn);
  const isOurs = book.ownDomains.has(unit.domain);
  const judged = isResting(unit, attempt) ? unit.attribution : attributeTo(isOurs, cause, event.dsn, hop, book.hops);
  const dueMs = atMs + nextTrySeconds(book.backoff, (atMs - message.arrivalMs) / 1_000) * 1_000;
  const resumeMs = oursAgainMs(book.backoff, dueMs);
  const unseen = unit.attemptMs === 0 && pastUnseen(book, message, atMs);
  const sameAttempt = unit.deferred && unit.attemptMs === startMs;
  const isBroken = judged === "remote" && !sameAttempt && book.breadth.failed(unit, hop, cause, startMs, atMs);
  const attribution = isBroken ? "own" : judged;
  // Each recipient has its line; the attempt is one.
  if (!sameAttempt) ledger.work.noteAttempt();
  unit.destination = hop.host === null ? unit.domain : detach(hop.host);
  unit.attemptMs = startMs;
  unit.deferred = true;
  if (countsAsOwn(attribution)) {
    ledger.resume(unit, startMs);
    const unsure = unit.unsure || unseen || attribution === "unknown";
    if (unit.attribution !== attribution || unit.unsure !== unsure) ledger.change(unit, { attribution, unsure });
    ledger.sleep(unit, dueMs);
    return;
  }
  // One recipient that waits on us makes its unit ours, whatever its neighbours in the same attempt wait for.
  if (sameAttempt && unit.phase === "own") return;
  // What we did not see went as this attempt did.
  const fromMs = unseen ? unit.acceptedMs : startMs;
  ledger.pause(unit, { attribution, atMs: fromMs, dueMs, resumeMs });
}

/** Exim lets an address rest that it could not route, or that its own transport could not take: for what it said then. */
function isResting(unit: Unit, { event, hop }: Attempt): boolean {
  return unit.attemptMs > 0 && event.reason === "retry time not reached" && hop.host === null && hop.ip === null;
}

/** The last recipient of a unit is done. */
export function finish(book: NodeBook, message: Message, unit: Unit, attempt: Attempt, ledger: Ledger): void {
  if (!isWaiting(unit)) return;
  const { status } = attempt.event;
  if (unit.attemptMs === 0 && pastUnseen(book, message, attempt.atMs)) ledger.change(unit, { unsure: true });
  if (status === "sent" && !attempt.own) book.breadth.answered(book.id, attempt.hop, unit.domain, attempt.atMs);
  const isLost = (status !== undefined && lost.has(status)) || thrownAway(attempt);
  const blocked = !unit.sent && isLost;
  if (blocked && !diedOfUs(unit, attempt, ledger)) ledger.drop(unit, "blocked", attempt.atMs);
  else {
    ledger.leave(unit, attempt.startMs, attempt.endMs);
    book.departures.count(attempt.atMs);
  }
  book.departures.note(attempt.atMs);
}

const lost: ReadonlySet<string> = new Set([
  "bounced",
  "expired",
  "discarded",
  "undeliverable",
  "undeliverable-but-not-cached",
]);

/** A filter of ours took it and lets nobody have it: amavis says so with the same code as for what it passes on. */
export function thrownAway({ event, own }: Attempt): boolean {
  return own && event.status === "sent" && event.reason !== undefined && discarded.test(event.reason);
}
const discarded = /^250 2\.\d\.\d Ok, discarded\b/;

/** An outage must not look better because mail dies of it. */
function diedOfUs(unit: Unit, attempt: Attempt, ledger: Ledger): boolean {
  const { status } = attempt.event;
  if (status !== "bounced" && status !== "expired") return false;
  if (unit.phase === "paused") {
    const oursAgainMs = Math.max(0, attempt.startMs - unit.resumeMs);
    return unit.waitMs + oursAgainMs > ledger.targetMs;
  }
  return ownWaitMs(unit, attempt.endMs) > ledger.targetMs;
}

/** It was old when we saw it first, so that attempts must have gone before. */
function pastUnseen(book: NodeBook, message: Message, atMs: EpochMs): boolean {
  return message.birth === "unknown" && atMs - message.arrivalMs > book.backoff.minimalSeconds * 1_000;
}
