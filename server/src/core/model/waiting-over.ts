import { directions, type EpochMs, type Millis } from "@mailtide/shared";
import { eachInSteps, type Steps } from "../steps.ts";
import type { Cohorts } from "./cohorts.ts";
import type { Unit } from "./unit.ts";

const unitsPerStep = 1_000;

/** Visits the units that wait on us, of all cohorts in which one may have done so for longer than this. */
export function* visitWaitingOver(
  cohorts: Cohorts,
  overMs: Millis,
  nowMs: EpochMs,
  visit: (unit: Unit) => void,
): Steps {
  for (const direction of directions)
    for (const cohort of cohorts.live(direction)) {
      if (cohort.own.total === 0 || nowMs - cohort.startMs <= overMs) continue;
      // No unit of it has waited for longer than the oldest second says.
      if (nowMs - (cohort.own.first() ?? Infinity) * 1_000 <= overMs) continue;
      yield* eachInSteps(cohort.ownUnits, visit, unitsPerStep);
    }
}
