import type { Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { Message, Unit } from "./message.ts";
import { type InRow, Rows, stayIn, withFlag } from "./rows.ts";

export type { Phase, Unit } from "./message.ts";

/**
 * Every unit is made here: those of one shape are read without looking up where a key stands. Its numbers stand in `Row`s and
 * its flags in one, so that of a unit there is one object to be collected in place of nine, and half as much of it.
 */
class UnitRecord implements Unit, InRow {
  numbers = rows.numbers();
  at = rows.next();
  flags = 0;
  stays = false;
  message: Unit["message"];
  readonly node: NodeId;
  domain: string;
  direction: Direction;
  phase: Unit["phase"] = "own";
  attribution: Unit["attribution"] = "own";
  destination = "";
  recentSecond = 0;
  open = 0;
  ownPlace = 0;

  constructor(message: Message | null, node: NodeId, direction: Direction, customer: boolean, domain: string) {
    this.message = message;
    this.node = node;
    this.domain = domain;
    this.direction = direction;
    this.customer = customer;
    this.due = true;
    if (message === null) return;
    this.acceptedMs = message.acceptedMs;
    this.pausedMs = message.pausedMs;
    this.dueMs = message.arrivalMs;
  }

  stay(): void {
    stayIn(lasting, this);
  }

  get acceptedMs(): EpochMs {
    return this.numbers[this.at] as number;
  }
  set acceptedMs(ms: EpochMs) {
    this.numbers[this.at] = ms;
  }
  get pausedMs(): Millis {
    return this.numbers[this.at + 1] as number;
  }
  set pausedMs(ms: Millis) {
    this.numbers[this.at + 1] = ms;
  }
  get pauseMs(): EpochMs {
    return this.numbers[this.at + 2] as number;
  }
  set pauseMs(ms: EpochMs) {
    this.numbers[this.at + 2] = ms;
  }
  get resumeMs(): EpochMs {
    return this.numbers[this.at + 3] as number;
  }
  set resumeMs(ms: EpochMs) {
    this.numbers[this.at + 3] = ms;
  }
  get dueMs(): EpochMs {
    return this.numbers[this.at + 4] as number;
  }
  set dueMs(ms: EpochMs) {
    this.numbers[this.at + 4] = ms;
  }
  get waitMs(): Millis {
    return this.numbers[this.at + 5] as number;
  }
  set waitMs(ms: Millis) {
    this.numbers[this.at + 5] = ms;
  }
  get restartMs(): Millis {
    return this.numbers[this.at + 6] as number;
  }
  set restartMs(ms: Millis) {
    this.numbers[this.at + 6] = ms;
  }
  get attemptMs(): EpochMs {
    return this.numbers[this.at + 7] as number;
  }
  set attemptMs(ms: EpochMs) {
    this.numbers[this.at + 7] = ms;
  }

  get customer(): boolean {
    return (this.flags & customerFlag) !== 0;
  }
  set customer(is: boolean) {
    this.flags = withFlag(this.flags, customerFlag, is);
  }
  get due(): boolean {
    return (this.flags & dueFlag) !== 0;
  }
  set due(is: boolean) {
    this.flags = withFlag(this.flags, dueFlag, is);
  }
  get unsure(): boolean {
    return (this.flags & unsureFlag) !== 0;
  }
  set unsure(is: boolean) {
    this.flags = withFlag(this.flags, unsureFlag, is);
  }
  get sent(): boolean {
    return (this.flags & sentFlag) !== 0;
  }
  set sent(is: boolean) {
    this.flags = withFlag(this.flags, sentFlag, is);
  }
  get deferred(): boolean {
    return (this.flags & deferredFlag) !== 0;
  }
  set deferred(is: boolean) {
    this.flags = withFlag(this.flags, deferredFlag, is);
  }
  get counted(): boolean {
    return (this.flags & countedFlag) !== 0;
  }
  set counted(is: boolean) {
    this.flags = withFlag(this.flags, countedFlag, is);
  }
  get unsettled(): boolean {
    return (this.flags & unsettledFlag) !== 0;
  }
  set unsettled(is: boolean) {
    this.flags = withFlag(this.flags, unsettledFlag, is);
  }
}

const customerFlag = 1;
const dueFlag = 2;
const unsureFlag = 4;
const sentFlag = 8;
const deferredFlag = 16;
const countedFlag = 32;
const unsettledFlag = 64;
const rows = new Rows(8);
const lasting = new Rows(8);

export function newUnit(message: Message, direction: Direction, customer: boolean, domain = ""): Unit {
  return new UnitRecord(message, message.node, direction, customer, domain);
}

/** To be filled with what was saved. */
export function emptyUnit(node: NodeId, direction: Direction, customer: boolean, domain: string): Unit {
  return new UnitRecord(null, node, direction, customer, domain);
}

/** One more that has gone through what this one has; its last wait is not counted as recent. */
export function splitUnit(unit: Unit, message: Message, direction: Direction, domain: string): Unit {
  const split = newUnit(message, direction, unit.customer, domain);
  split.message = unit.message;
  split.acceptedMs = unit.acceptedMs;
  // What is gone is counted as that, and stays so: whoever is named now waits after all.
  const isBack = isGone(unit);
  split.phase = isBack ? "own" : unit.phase;
  split.attribution = isBack ? "own" : unit.attribution;
  split.pausedMs = unit.pausedMs;
  split.pauseMs = unit.pauseMs;
  split.resumeMs = unit.resumeMs;
  split.dueMs = unit.dueMs;
  split.due = isBack || unit.due;
  split.waitMs = unit.waitMs;
  split.restartMs = unit.restartMs;
  split.unsure = unit.unsure;
  split.destination = unit.destination;
  split.open = unit.open;
  split.sent = unit.sent;
  split.deferred = unit.deferred;
  split.attemptMs = unit.attemptMs;
  return split;
}

/** Own wait so far, or ended. Never negative: clocks of two hosts may differ. */
export function ownWaitMs(unit: Unit, nowMs: EpochMs): Millis {
  return unit.phase === "own" ? Math.max(0, nowMs - virtualStartMs(unit)) : unit.waitMs;
}

/** The instant from which an unbroken wait would be as long as its own wait. */
export function virtualStartMs(unit: Unit): EpochMs {
  return unit.acceptedMs + unit.pausedMs;
}

export function startSecond(unit: Unit): number {
  return Math.floor(virtualStartMs(unit) / 1_000);
}

export const isWaiting = ({ phase }: Unit): boolean => phase === "own" || phase === "paused";

/** Neither does it wait nor did anybody get it. */
export const isGone = ({ phase }: Unit): boolean => phase !== "left" && phase !== "own" && phase !== "paused";
