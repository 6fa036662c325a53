import type { Attribution, Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { Message } from "./message.ts";

/** own: it waits on us. paused: on somebody else. left: gone out. gone: taken out of the count and the base. */
export type Phase = "own" | "paused" | "left" | "gone";

/** (message, recipient domain): what all counts count. */
export interface Unit {
  /** Null once the message is forgotten. */
  message: Message | null;
  readonly node: NodeId;
  /** "" while no recipient is named. */
  domain: string;
  direction: Direction;
  /** False for our own bounces: work, but nobody's mail. */
  customer: boolean;
  acceptedMs: EpochMs;
  phase: Phase;
  attribution: Attribution;
  /** Closed spans that were not ours. While it waits on us, own wait = now - acceptedMs - pausedMs. */
  pausedMs: Millis;
  /** Start of the present pause. */
  pauseMs: EpochMs;
  /** When the pause ends by itself: next attempt's due time and one queue_run_delay. */
  resumeMs: EpochMs;
  /** Next attempt's due time. */
  dueMs: EpochMs;
  /** An attempt is due now: work. */
  due: boolean;
  /** Own wait when it was paused or left. */
  waitMs: Millis;
  /** Own wait before the last pause that was longer than the target: the live rule starts anew there. */
  restartMs: Millis;
  /** Part of its own wait may not be ours: shown as "at most". */
  unsure: boolean;
  /** Where it last was to go, for what is stuck. */
  destination: string;
  /** Second in which its last own wait ended while that still keeps its cohort live; 0 when not. */
  recentSecond: number;
  /** Recipients that are named and not yet done. */
  open: number;
  /** At least one recipient got it. */
  sent: boolean;
  /** It was deferred since the message last became active. */
  deferred: boolean;
  /** When the attempt began that it was last deferred in; 0 before the first. */
  attemptMs: EpochMs;
}

export function newUnit(message: Message, direction: Direction, customer: boolean): Unit {
  return {
    message,
    node: message.node,
    domain: "",
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
  };
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
