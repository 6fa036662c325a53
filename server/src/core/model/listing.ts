import type { EpochMs } from "@mailtide/shared";
import { nextTrySeconds, oursAgainMs } from "../backoff.ts";
import type { QueueEntry, QueueObservation } from "../observation.ts";
import type { Steps } from "../steps.ts";
import { attributeTo, countsAsOwn } from "./attribution.ts";
import { hopOf } from "./hops.ts";
import { instanceNamed } from "./instances.ts";
import type { Ledger } from "./ledger.ts";
import { type Message, type QueueName, queueNames } from "./message.ts";
import { detach } from "../text/detach.ts";
import type { Messages } from "./messages.ts";
import type { NodeBook } from "./node-book.ts";
import type { OwnProbes } from "./own-probes.ts";
import { classifyReason } from "./reason.ts";
import { nameRecipient } from "./recipients.ts";
import type { Unit } from "./unit.ts";

/** A listing tells what the log did not: mail that was there before it, and mail that went without a word. */
export function* applyListing(
  observation: QueueObservation,
  messages: Messages,
  ledger: Ledger,
  probes: OwnProbes,
): Steps {
  const book = messages.books.get(observation.node);
  if (!book) return;
  book.listedAtMs = observation.atMs;
  const instance = observation.instance === undefined ? "" : instanceNamed(observation.instance);
  let looked = 0;
  for (const entry of observation.unknown) {
    const message = yield* adopt(book, entry, { instance, atMs: observation.atMs }, messages, ledger);
    const [first, second] = entry.recipients;
    const isProbe = probes.areKnown && first !== undefined && second === undefined && probes.has(first.address);
    if (isProbe) for (const unit of message?.units ?? []) ledger.change(unit, { customer: false });
    looked += 1;
    if (looked % entriesPerStep === 0) yield;
  }
  for (const id of observation.vanished) {
    looked += 1;
    if (looked % entriesPerStep === 0) yield;
    const message = book.messages.get(id);
    if (message?.state === "queued") messages.vanish(book, message, observation.atMs);
    if (message?.state === "arriving") messages.end(book, message, observation.atMs);
  }
}

/** Null where the log has told of it, or no more can be followed. */
function* adopt(
  book: NodeBook,
  entry: QueueEntry,
  { instance, atMs }: { readonly instance: string; readonly atMs: EpochMs },
  messages: Messages,
  ledger: Ledger,
): Steps<Message | null> {
  if (book.messages.has(entry.queueId) || book.keys.all(entry.queueId).length > 0) return null;
  const key = instance + entry.queueId;
  book.keys.note(key);
  const message = messages.create(book, key, Math.min(entry.arrivalMs, atMs), "unknown");
  if (!message) {
    messages.countOverflow(atMs);
    return null;
  }
  message.arrivalKnown = true;
  message.sender = entry.sender === "MAILER-DAEMON" ? "" : detach(entry.sender);
  messages.begin(book, message, atMs);
  message.queue = queueOf(entry.queue);
  let work = 0;
  for (const { address, reason } of entry.recipients) {
    const named = nameRecipient(book, message, address, ledger, atMs);
    messages.trackUnits(message);
    if (named?.freshDomain) classify(book, message, named.unit, { reason, dueMs: entry.dueMs }, atMs, ledger);
    // Each is looked for among the units of those before.
    work += 1 + (message.units.length >> 6);
    if (work < workPerStep) continue;
    work = 0;
    yield;
  }
  if (message.queue === "hold") messages.hold(book, message, atMs);
  book.queues.place(message);
  return message;
}

/** What we did not see of its wait went as the reason says; without one it counts as ours, with doubt. */
function classify(
  book: NodeBook,
  message: Message,
  unit: Unit,
  { reason, dueMs: told }: { readonly reason: string | null; readonly dueMs: EpochMs | undefined },
  atMs: EpochMs,
  ledger: Ledger,
): void {
  const ageMs = atMs - message.arrivalMs;
  const { minimalSeconds } = book.backoff;
  if (message.queue === "hold") {
    ledger.pause(unit, { attribution: "held", atMs: unit.acceptedMs, dueMs: never, resumeMs: never });
    return;
  }
  if (reason === null) {
    if (ageMs > minimalSeconds * 1_000) ledger.change(unit, { unsure: true });
    return;
  }
  const hop = hopOf(book.lastAgents.complete({ event: "delivery", status: "deferred", reason }));
  const isOurs = book.ownDomains.has(unit.domain);
  const attribution = attributeTo(isOurs, classifyReason(reason), undefined, hop, book.hops);
  unit.destination = hop.host ?? unit.domain;
  // A listing that does not say when the next attempt is due: at the latest one back-off from now.
  const dueMs = told ?? atMs + nextTrySeconds(book.backoff, ageMs / 1_000) * 1_000;
  unit.deferred = message.queue === "deferred";
  if (countsAsOwn(attribution)) {
    ledger.change(unit, { attribution, unsure: attribution === "unknown" });
    if (unit.deferred) ledger.sleep(unit, dueMs);
    return;
  }
  ledger.pause(unit, { attribution, atMs: unit.acceptedMs, dueMs, resumeMs: oursAgainMs(book.backoff, dueMs) });
}

/** Frozen or damaged, it waits for an operator as in Postfix' hold; what an MTA calls by its own name waits for its next try. */
function queueOf(name: string): QueueName {
  if (name === "frozen" || name === "corrupt") return "hold";
  // Dropped on this host, and not picked up.
  if (name === "maildrop") return "incoming";
  return queueNames.find((known) => known === name) ?? "deferred";
}

/** One takes some five microseconds. */
const entriesPerStep = 50;
const workPerStep = 250;
const never = Number.MAX_SAFE_INTEGER;
