import type { Direction, EpochMs } from "@mailtide/shared";
import { Cohort, cohortMs } from "./cohort.ts";
import type { Unit } from "./unit.ts";

/** A cohort's base is needed when one of its units comes back late; after a day a new one may start from nothing. */
const keptMs = 86_400_000;
const recentMs = 300_000;

/** All cohorts, by direction, and the clock that makes ended waits old. */
export class Cohorts {
  readonly byDirection: Readonly<Record<Direction, Map<EpochMs, Cohort>>> = {
    in: new Map(),
    out: new Map(),
    internal: new Map(),
  };
  readonly recents = new Map<number, Unit[]>();

  count(unit: Unit, delta: 1 | -1): void {
    this.of(unit).count(unit, delta);
  }

  of(unit: Unit): Cohort {
    return this.at(unit.direction, Math.floor(unit.acceptedMs / cohortMs) * cohortMs);
  }

  at(direction: Direction, startMs: EpochMs): Cohort {
    const cohorts = this.byDirection[direction];
    let cohort = cohorts.get(startMs);
    if (!cohort) cohorts.set(startMs, (cohort = new Cohort(startMs)));
    return cohort;
  }

  /** The unit's own wait ended at this instant; it is not counted just now. */
  noteEnd(unit: Unit, atMs: EpochMs): void {
    unit.recentSecond = Math.max(1, Math.floor(atMs / 1_000));
    this.watch(unit);
  }

  watch(unit: Unit): void {
    const ended = this.recents.get(unit.recentSecond);
    if (ended) ended.push(unit);
    else this.recents.set(unit.recentSecond, [unit]);
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor((nowMs - recentMs) / 1_000);
    for (const [second, units] of this.recents) {
      if (second > oldest) continue;
      for (const unit of units) {
        if (unit.recentSecond !== second) continue;
        if (unit.customer && (unit.phase === "left" || unit.phase === "paused")) this.of(unit).countRecent(unit, -1);
        unit.recentSecond = 0;
      }
      this.recents.delete(second);
    }
    for (const cohorts of Object.values(this.byDirection))
      for (const cohort of cohorts.values())
        if (cohort.dead && Math.abs(nowMs - cohort.startMs) > keptMs) cohorts.delete(cohort.startMs);
  }
}
