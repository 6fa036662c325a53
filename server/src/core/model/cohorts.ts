import { type Direction, directions, type EpochMs } from "@mailtide/shared";
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
  /** The live ones: a few, of the hundreds that a day leaves behind. */
  readonly #live = { in: new Set<Cohort>(), out: new Set<Cohort>(), internal: new Set<Cohort>() };
  /** No second before this one has a list in `recents`. */
  #firstRecent = Infinity;
  /** The oldest and the newest start of all cohorts, or further out. */
  #startsMs: [first: EpochMs, last: EpochMs] = [Infinity, -Infinity];

  /** The live cohorts of a direction, in no order that matters. */
  live(direction: Direction): ReadonlySet<Cohort> {
    return this.#live[direction];
  }

  count(unit: Unit, delta: 1 | -1): void {
    const cohort = this.of(unit);
    cohort.count(unit, delta);
    this.#noteLife(unit.direction, cohort);
  }

  countRecent(unit: Unit, delta: 1 | -1): void {
    const cohort = this.of(unit);
    cohort.countRecent(unit, delta);
    this.#noteLife(unit.direction, cohort);
  }

  of(unit: Unit): Cohort {
    return this.at(unit.direction, Math.floor(unit.acceptedMs / cohortMs) * cohortMs);
  }

  at(direction: Direction, startMs: EpochMs): Cohort {
    const cohorts = this.byDirection[direction];
    let cohort = cohorts.get(startMs);
    if (!cohort) {
      cohorts.set(startMs, (cohort = new Cohort(startMs)));
      const [first, last] = this.#startsMs;
      this.#startsMs = [Math.min(first, startMs), Math.max(last, startMs)];
    }
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
    else {
      this.recents.set(unit.recentSecond, [unit]);
      this.#firstRecent = Math.min(this.#firstRecent, unit.recentSecond);
    }
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor((nowMs - recentMs) / 1_000);
    if (oldest - this.#firstRecent < this.recents.size)
      for (; this.#firstRecent <= oldest; this.#firstRecent++) this.#makeOld(this.#firstRecent);
    else {
      for (const second of this.recents.keys()) if (second <= oldest) this.#makeOld(second);
      this.#firstRecent = oldest + 1;
    }
    this.#forgetDead(nowMs);
  }

  #makeOld(second: number): void {
    for (const unit of this.recents.get(second) ?? []) {
      if (unit.recentSecond !== second) continue;
      if (unit.customer && (unit.phase === "left" || unit.phase === "paused")) this.countRecent(unit, -1);
      unit.recentSecond = 0;
    }
    this.recents.delete(second);
  }

  #forgetDead(nowMs: EpochMs): void {
    const [first, last] = this.#startsMs;
    if (nowMs - first <= keptMs && last - nowMs <= keptMs) return;
    this.#startsMs = [Infinity, -Infinity];
    for (const direction of directions) {
      const cohorts = this.byDirection[direction];
      for (const cohort of cohorts.values())
        if (cohort.dead && Math.abs(nowMs - cohort.startMs) > keptMs) cohorts.delete(cohort.startMs);
        else {
          const [before, after] = this.#startsMs;
          this.#startsMs = [Math.min(before, cohort.startMs), Math.max(after, cohort.startMs)];
        }
    }
  }

  #noteLife(direction: Direction, cohort: Cohort): void {
    if (cohort.live) this.#live[direction].add(cohort);
    else this.#live[direction].delete(cohort);
  }
}
