import type { RoundTripView, Seconds } from "@mailtide/shared";
import type { DelayNow } from "./delay-api.ts";

/**
 * What our own probe mail adds to what the log says (delay.md: "never green by default"). In a quiet night its time is the
 * headline; without it such a night is "no traffic". One that fails or takes longer than the target makes a platform that
 * is on time by its log "unknown": what customers feel is what comes back. Mail that is late by the log stays so.
 */
export function withRoundTrip(
  delay: DelayNow,
  trip: Omit<RoundTripView, "isHeadline"> | null,
  targetSeconds: Seconds,
): DelayNow {
  if (trip === null) return delay.verdict === "quiet" ? { ...delay, verdict: "no-traffic" } : delay;
  const { seconds } = trip;
  const isHeadline = seconds !== null && (delay.verdict === "quiet" || delay.verdict === "no-traffic");
  const known = {
    ...delay,
    roundTrip: { ...trip, isHeadline },
    ...(isHeadline ? { headlineSeconds: Math.max(seconds, delay.headlineSeconds ?? 0) } : {}),
  };
  if (delay.verdict !== "late" && (trip.state === "failing" || (seconds ?? 0) > targetSeconds))
    return { ...known, verdict: "unknown", atLeast: true };
  return isHeadline ? { ...known, verdict: "quiet", atLeast: delay.atLeast || trip.isSoFar } : known;
}
