import { type Direction, directions, type EpochMs } from "@mailtide/shared";
import { Cohort, cohortMs, liveBin } from "./cohort.ts";
import { RecentEnds, type SavedEnds } from "./recent-ends.ts";
import type { Unit } from "./unit.ts";

/** A cohort's base is needed when one of its units comes back late; after a day a new one may start from nothing. */
const keptMs = 86_400_000;
const recentMs = 300_000;

/** Cohorts of the same five minutes, one for each direction that is looked at. */
export type CohortGroup = readonly Cohort[];
/** The directions that are looked at. */
export type Scope = Direction | "all";

/** All cohorts, by direction, and the clock that makes ended waits old. */
export class Cohorts {
  readonly byDirection: Readonly<Record<Direction, Map<EpochMs, Cohort>>> = {
    in: new Map(),
    out: new Map(),
    internal: new Map(),
  };
  readonly #recents = new RecentEnds();
  /** The live ones: a few, of the hundreds that a day leaves behind. */
  readonly #live: Readonly<Record<Direction, Set<Cohort>>> = {
    in: new Set<Cohort>(),
    out: new Set<Cohort>(),
    internal: new Set<Cohort>(),
  };
  /** Mail comes in the order of time: nearly always the one of the unit before. */
  readonly #last: Record<Direction, Cohort | null> = { in: null, out: null, internal: null };
  /** Made when asked for; forgotten when a cohort is born, lives, ends or goes. */
  readonly #groups = new Map<Scope, readonly CohortGroup[]>();
  /** The oldest and the newest start of those that may be dead. */
  #firstDeadMs = Infinity;
  #lastDeadMs = -Infinity;

  /** The live cohorts of a direction, in no order that matters. */
  live(direction: Direction): ReadonlySet<Cohort> {
    return this.#live[direction];
  }

  /** Those in which some cohort is live, the oldest first. */
  groups(scope: Scope): readonly CohortGroup[] {
    let groups = this.#groups.get(scope);
    if (groups === undefined) this.#groups.set(scope, (groups = this.#group(scope)));
    return groups;
  }

  /** Of all directions. */
  unitsIn(startMs: EpochMs): number {
    let units = 0;
    for (const direction of directions) units += this.byDirection[direction].get(startMs)?.units ?? 0;
    return units;
  }

  count(unit: Unit, delta: 1 | -1): void {
    const cohort = this.at(unit.direction, Math.floor(unit.acceptedMs / cohortMs) * cohortMs);
    cohort.count(unit, delta);
    if (unit.phase !== "own" && unit.recentSecond > this.#recents.oldSecond)
      this.#recents.count(unit.direction, cohort, unit.recentSecond, liveBin(unit), delta);
    this.#noteLife(unit.direction, cohort);
  }

  at(direction: Direction, startMs: EpochMs): Cohort {
    const last = this.#last[direction];
    if (last?.startMs === startMs) return last;
    const cohorts = this.byDirection[direction];
    let cohort = cohorts.get(startMs);
    if (!cohort) {
      cohorts.set(startMs, (cohort = new Cohort(startMs)));
      this.#noteDead(cohort);
      this.#groups.clear();
    }
    this.#last[direction] = cohort;
    return cohort;
  }

  /** The unit's own wait ended at this instant; it is not counted just now. */
  noteEnd(unit: Unit, atMs: EpochMs): void {
    unit.recentSecond = Math.max(1, Math.floor(atMs / 1_000));
  }

  advance(nowMs: EpochMs): void {
    this.#recents.makeOld(Math.floor((nowMs - recentMs) / 1_000), (direction, cohort) =>
      this.#noteLife(direction, cohort),
    );
    this.#forgetDead(nowMs);
  }

  /** The recently ended waits, without those of units that are counted anew at the restoring. */
  saveRecents(counted: Iterable<Unit>): SavedEnds {
    return this.#recents.save(counted);
  }

  restoreRecents(saved: SavedEnds): void {
    this.#recents.oldSecond = saved.oldSecond;
    for (const [second, direction, startMs, bin, count] of saved.rows) {
      const cohort = this.at(direction, startMs);
      this.#recents.count(direction, cohort, second, bin, count);
      this.#noteLife(direction, cohort);
    }
  }

  #forgetDead(nowMs: EpochMs): void {
    if (nowMs - this.#firstDeadMs <= keptMs && this.#lastDeadMs - nowMs <= keptMs) return;
    this.#firstDeadMs = Infinity;
    this.#lastDeadMs = -Infinity;
    for (const direction of directions)
      for (const cohort of this.byDirection[direction].values()) {
        if (!cohort.dead) continue;
        if (Math.abs(nowMs - cohort.startMs) <= keptMs) this.#noteDead(cohort);
        else {
          this.byDirection[direction].delete(cohort.startMs);
          this.#last[direction] = null;
          this.#groups.clear();
        }
      }
  }

  #noteDead({ startMs }: Cohort): void {
    if (startMs < this.#firstDeadMs) this.#firstDeadMs = startMs;
    if (startMs > this.#lastDeadMs) this.#lastDeadMs = startMs;
  }

  #noteLife(direction: Direction, cohort: Cohort): void {
    const { live } = cohort;
    if (live !== cohort.listed) {
      cohort.listed = live;
      if (live) this.#live[direction].add(cohort);
      else this.#live[direction].delete(cohort);
      this.#groups.clear();
    }
    if (!live && cohort.dead) this.#noteDead(cohort);
  }

  #group(scope: Scope): CohortGroup[] {
    const of = scope === "all" ? directions : [scope];
    const starts = new Set<EpochMs>();
    for (const direction of of) for (const { startMs } of this.#live[direction]) starts.add(startMs);
    return [...starts]
      .sort((a, b) => a - b)
      .map((startMs) => of.flatMap((direction) => this.byDirection[direction].get(startMs) ?? []));
  }
}
