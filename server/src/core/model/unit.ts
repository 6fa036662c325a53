import type { Direction, EpochMs, Millis } from "@mailtide/shared";
import type { Message, Unit } from "./message.ts";

export type { Phase, Unit } from "./message.ts";

/** Every unit is made here: those of one shape are read without looking up where a key stands. */
export function newUnit(message: Message, direction: Direction, customer: boolean, domain = ""): Unit {
  return {
    message,
    node: message.node,
    domain,
    direction,
    customer,
    acceptedMs: message.acceptedMs,
    phase: "own",
    attribution: "own",
    pausedMs: message.pausedMs,
    pauseMs: 0,
    resumeMs: 0,
    dueMs: message.arrivalMs,
    due: true,
    waitMs: 0,
    restartMs: 0,
    unsure: false,
    destination: "",
    recentSecond: 0,
    open: 0,
    sent: false,
    deferred: false,
    attemptMs: 0,
    counted: false,
    unsettled: false,
  };
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

export const isWaiting = (unit: Unit): boolean => unit.phase === "own" || unit.phase === "paused";
