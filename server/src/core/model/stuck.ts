import type { DelaySection, EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { Steps } from "../steps.ts";
import type { Cohorts } from "./cohorts.ts";
import { ownWaitMs } from "./unit.ts";
import { visitWaitingOver } from "./waiting-over.ts";

const leastMs = 1_800_000;
const mostDestinations = 10_000;
const shown = 20;

/** Units that wait on us for longer than max(3 x headline, 30 min): beside the headline, never in it. */
export function* stuckUnits(cohorts: Cohorts, headlineMs: Millis | null, nowMs: EpochMs): Steps<DelaySection["stuck"]> {
  const overMs = Math.max(3 * (headlineMs ?? 0), leastMs);
  const places = new Map<string, { node: NodeId; destination: string; count: number; oldestMs: Millis }>();
  let count = 0;
  let oldestMs = 0;
  yield* visitWaitingOver(cohorts, overMs, nowMs, (unit) => {
    const waitMs = ownWaitMs(unit, nowMs);
    if (waitMs <= overMs) return;
    count += 1;
    oldestMs = Math.max(oldestMs, waitMs);
    const destination = unit.destination || unit.domain;
    const key = `${unit.node} ${destination}`;
    const place = places.get(key);
    if (place) {
      place.count += 1;
      place.oldestMs = Math.max(place.oldestMs, waitMs);
    } else if (places.size < mostDestinations)
      places.set(key, { node: unit.node, destination, count: 1, oldestMs: waitMs });
  });
  if (count === 0) return nothing;
  const where = [...places]
    .sort(([a, x], [b, y]) => y.count - x.count || y.oldestMs - x.oldestMs || (a < b ? -1 : 1))
    .slice(0, shown)
    .map(([, place]) => ({
      node: place.node,
      destination: place.destination,
      count: place.count,
      oldestSeconds: place.oldestMs / 1_000,
    }));
  return { count, oldestSeconds: oldestMs / 1_000, where };
}

const nothing: DelaySection["stuck"] = { count: 0, oldestSeconds: null, where: [] };
