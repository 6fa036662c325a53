import type { EpochMs } from "@mailtide/shared";
import type { Ledger } from "./ledger.ts";
import { type Message, noUnits, textOf } from "./message.ts";
import { detach } from "../text/detach.ts";
import { domainOf } from "./domain.ts";
import { directionOf, type NodeBook } from "./node-book.ts";
import { isGone, newUnit, splitUnit, type Unit } from "./unit.ts";

/** More are taken together with the last: nobody's dashboard needs them apart, and a sender chooses their number. */
const mostRecipients = 10_000;

/** The unit of a recipient; `fresh` when no line had named the recipient before, `freshDomain` when none had its domain. */
export interface Named {
  readonly unit: Unit;
  readonly fresh: boolean;
  readonly freshDomain: boolean;
}

export function nameRecipient(
  book: NodeBook,
  message: Message,
  recipient: string,
  ledger: Ledger,
  atMs: EpochMs,
): Named | null {
  const known = message.first === recipient ? message.firstUnit : message.more?.get(recipient);
  if (known) return { unit: known, fresh: false, freshDomain: false };
  if (message.named >= mostRecipients) {
    const last = message.units.at(-1);
    return last ? { unit: last, fresh: false, freshDomain: false } : null;
  }
  const domain = domainOf(recipient);
  message.named += 1;
  const before = unitNamed(message, domain);
  const unit = before ?? unitFor(book, message, domain, ledger, atMs);
  remember(message, recipient, unit);
  settleRest(message, ledger, atMs);
  if (before !== undefined || isGone(unit)) ledger.reopen(unit);
  unit.open += 1;
  return { unit, fresh: true, freshDomain: before === undefined };
}

function unitNamed({ units, rest }: Message, domain: string): Unit | undefined {
  for (const unit of units) if (unit.domain === domain && unit !== rest) return unit;
  return undefined;
}

/** It stands for so many recipients of a domain; where it was named before, these are others. */
export function nameMore(
  message: Message,
  { unit, fresh }: Named,
  recipients: number,
  ledger: Ledger,
  atMs: EpochMs,
): void {
  const more = fresh ? recipients - 1 : Math.min(recipients, message.nrcpt - message.named);
  if (more <= 0) return;
  message.named += more;
  settleRest(message, ledger, atMs);
  if (fresh) return;
  ledger.reopen(unit);
  unit.open += 1;
}

/** When all recipients are named, nobody is left for the rest to stand for. */
function settleRest(message: Message, ledger: Ledger, atMs: EpochMs): void {
  const { rest } = message;
  if (!rest || message.named === 0 || message.nrcpt === 0 || message.named < message.nrcpt) return;
  if (message.units.length > 1) dropRest(message, ledger, atMs);
}

export function dropRest(message: Message, ledger: Ledger, atMs: EpochMs): void {
  const { rest } = message;
  if (!rest) return;
  ledger.drop(rest, "merged", atMs);
  message.units = message.units.filter((unit) => unit !== rest);
  message.rest = null;
}

/** The queue manager says how many there are, sometimes after the first was named. */
export function expectRecipients(message: Message, nrcpt: number, ledger: Ledger, atMs: EpochMs): void {
  const before = message.nrcpt;
  message.nrcpt = nrcpt;
  const [first] = message.units;
  // Of a message first seen in the middle, some may have gone before we looked.
  const whole = message.birth !== "unknown";
  if (before === 0 && whole && first && !message.rest && message.named > 0 && nrcpt > message.named) {
    const rest = newUnit(message, first.direction, first.customer);
    message.rest = rest;
    message.units.push(rest);
    ledger.accept(rest, atMs);
  }
  settleRest(message, ledger, atMs);
}

/**
 * What was named of a message that turns out to be a queue file of another is kept there, and counts from when that was
 * taken. Gives what became of each of its units.
 */
export function moveRecipients(
  book: NodeBook,
  from: Message,
  to: Message,
  ledger: Ledger,
  atMs: EpochMs,
): ReadonlyMap<Unit, Unit> {
  dropRest(from, ledger, atMs);
  const moved = new Map(from.units.map((unit) => [unit, moveUnit(book, unit, to, ledger, atMs)] as const));
  for (const [recipient, unit] of recipientsOf(from)) {
    if (to.named >= mostRecipients) break;
    to.named += 1;
    remember(to, recipient, moved.get(unit) ?? unit);
  }
  from.units = noUnits;
  from.first = "";
  from.firstUnit = from.more = from.unsaid = null;
  settleRest(to, ledger, atMs);
  return moved;
}

function moveUnit(book: NodeBook, unit: Unit, to: Message, ledger: Ledger, atMs: EpochMs): Unit {
  const same = to.units.find((other) => other !== to.rest && other.domain === unit.domain);
  if (same === undefined) {
    unit.message = to;
    to.units.push(unit);
    const change = { direction: directionOf(book, to.ours, unit.domain), customer: unit.customer && !to.ownBounce };
    ledger.rebase(unit, to.acceptedMs, to.pausedMs, change);
    return unit;
  }
  ledger.unite(unit, same, atMs);
  return same;
}

export function recipientsOf({ first, firstUnit, more }: Message): [recipient: string, unit: Unit][] {
  return [...(firstUnit === null ? [] : [[first, firstUnit] as [string, Unit]]), ...(more ?? [])];
}

function unitFor(book: NodeBook, message: Message, domain: string, ledger: Ledger, atMs: EpochMs): Unit {
  const { rest } = message;
  const direction = directionOf(book, message.ours, domain);
  const more = message.nrcpt > message.named && message.birth !== "unknown";
  if (rest && !more) {
    rest.domain = domain;
    message.rest = null;
    if (rest.direction !== direction) ledger.change(rest, { direction });
    return rest;
  }
  const unit = rest
    ? splitUnit(rest, message, direction, domain)
    : newUnit(message, direction, !message.ownBounce, domain);
  if (message.units.some((other) => !other.customer)) unit.customer = false;
  message.units.push(unit);
  ledger.accept(unit, atMs);
  return unit;
}

function remember(message: Message, recipient: string, unit: Unit): void {
  if (message.firstUnit === null) {
    message.first = textOf(message, recipient);
    message.firstUnit = unit;
  } else (message.more ??= new Map()).set(detach(recipient), unit);
}
