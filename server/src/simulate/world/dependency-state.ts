import type { EpochMs } from "@mailtide/shared";
import type { DependencyCondition } from "../engine/world.ts";
import type { EventOf } from "./timeline.ts";

type Trouble = EventOf<"dependency">;

/** How a dependency is at an instant inside its event's span: worse, bad, better. */
export function conditionOf(event: Trouble, atMs: EpochMs): DependencyCondition {
  const { state, slowdown } = event;
  // A port is closed and a certificate has ended from one moment to the next.
  if (state === "refusing") return { state, slowdown: 1 };
  const { worstMs, hungMs, betterMs } = instants(event);
  if (state === "schema-lock") {
    if (atMs >= hungMs && atMs < betterMs) return { state, slowdown: Infinity };
    return { state, slowdown: onSlope(event, atMs) };
  }
  if (atMs < worstMs || atMs >= betterMs || state === "slow") return { state: "slow", slowdown: onSlope(event, atMs) };
  return { state, slowdown: state === "hung" ? Infinity : slowdown };
}

/** Instants at which it goes over into another state. */
export function turningPoints(event: Trouble): EpochMs[] {
  const { worstMs, hungMs, betterMs } = instants(event);
  return [worstMs, hungMs, betterMs].filter((atMs) => atMs > event.fromMs && atMs < event.untilMs);
}

/** Whether its slowdown changes all the time. */
export function isMoving(event: Trouble, atMs: EpochMs): boolean {
  const { worstMs, betterMs } = instants(event);
  return event.state !== "refusing" && (atMs < worstMs || atMs >= betterMs);
}

/** 0 at the begin, 1 when it is as bad as it gets, and back to 0 at the end. */
export function badness(event: Trouble, atMs: EpochMs): number {
  const { worstMs, betterMs } = instants(event);
  if (atMs < worstMs) return (atMs - event.fromMs) / (worstMs - event.fromMs);
  return atMs < betterMs ? 1 : (event.untilMs - atMs) / (event.untilMs - betterMs);
}

/** Latency grows by factors, not by sums. */
const onSlope = (event: Trouble, atMs: EpochMs): number => event.slowdown ** badness(event, atMs);

function instants({ fromMs, untilMs, rampSeconds, recoverSeconds, hungAfterSeconds, state }: Trouble) {
  const betterMs = Math.max(fromMs, untilMs - recoverSeconds * 1000);
  const worstMs = Math.min(betterMs, fromMs + rampSeconds * 1000);
  const hungMs = state === "schema-lock" ? fromMs + hungAfterSeconds * 1000 : Infinity;
  return { worstMs, hungMs, betterMs };
}
