import type { Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { Message, Unit } from "./message.ts";

export type { Phase, Unit } from "./message.ts";

/**
 * Every unit is made here: those of one shape are read without looking up where a key stands. A constructor's objects are
 * born with the shape that those before them came to; a literal's have to be moved to it, one by one.
 */
class UnitRecord implements Unit {
  message: Unit["message"];
  readonly node: NodeId;
  domain: string;
  direction: Direction;
  customer: boolean;
  acceptedMs: EpochMs = 0;
  phase: Unit["phase"] = "own";
  attribution: Unit["attribution"] = "own";
  pausedMs: Millis = 0;
  pauseMs: EpochMs = 0;
  resumeMs: EpochMs = 0;
  dueMs: EpochMs = 0;
  due = true;
  waitMs: Millis = 0;
  restartMs: Millis = 0;
  unsure = false;
  destination = "";
  recentSecond = 0;
  open = 0;
  sent = false;
  deferred = false;
  attemptMs: EpochMs = 0;
  counted = false;
  unsettled = false;

  constructor(message: Message | null, node: NodeId, direction: Direction, customer: boolean, domain: string) {
    this.message = message;
    this.node = node;
    this.domain = domain;
    this.direction = direction;
    this.customer = customer;
    this.acceptedMs = message?.acceptedMs ?? 0;
    this.pausedMs = message?.pausedMs ?? 0;
    this.dueMs = message?.arrivalMs ?? 0;
  }
}

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
  split.phase = unit.phase;
  split.attribution = unit.attribution;
  split.pausedMs = unit.pausedMs;
  split.pauseMs = unit.pauseMs;
  split.resumeMs = unit.resumeMs;
  split.dueMs = unit.dueMs;
  split.due = unit.due;
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
