import type { EpochMs } from "@mailtide/shared";
import { Counter } from "./counter.ts";
import { startSecond, type Unit, virtualStartMs } from "./unit.ts";
import { waitBin } from "./wait-bins.ts";

export const cohortMs = 300_000;

/** Units of one direction accepted in the same five minutes, as counts: a second costs nothing per unit. */
export class Cohort {
  readonly startMs: EpochMs;
  /** It stands among the live ones of its direction. */
  listed = false;
  /** Units that wait on us, by the second of their virtual start. */
  readonly own = new Counter();
  /** Waits of units that wait on others, by bin. */
  readonly paused = new Counter();
  /** Waits of units that left, by bin. */
  readonly left = new Counter();
  /** Waits that ended in the last five minutes, for the live rule, by bin. */
  readonly recent = new Counter();
  readonly ownUnits: Unit[] = [];
  /** Own units whose live wait began later: by virtual start as above, and by the start that the live rule takes. */
  readonly restarted = new Counter();
  readonly restarts = new Counter();
  /** Units of which we are not sure; they are counted above too. */
  readonly unsureOwn = new Counter();
  readonly unsurePaused = new Counter();
  readonly unsureLeft = new Counter();

  constructor(startMs: EpochMs) {
    this.startMs = startMs;
  }

  get units(): number {
    return this.own.total + this.paused.total + this.left.total;
  }

  /** Enough of its units wait on us, or did a moment ago, to speak of it. */
  get live(): boolean {
    return this.own.total + this.recent.total > 0;
  }

  get dead(): boolean {
    return !this.live && this.paused.total === 0;
  }

  /** Adds (1) or takes back (-1) a unit as it stands: every change of a unit is taking back, change, adding. */
  count(unit: Unit, delta: 1 | -1): void {
    if (unit.phase === "own") {
      this.#countOwn(unit, delta);
      return;
    }
    const bin = waitBin(unit.waitMs);
    const paused = unit.phase === "paused";
    (paused ? this.paused : this.left).add(bin, delta);
    if (unit.unsure) (paused ? this.unsurePaused : this.unsureLeft).add(bin, delta);
  }

  #countOwn(unit: Unit, delta: 1 | -1): void {
    const second = startSecond(unit);
    this.own.add(second, delta);
    if (unit.unsure) this.unsureOwn.add(second, delta);
    if (delta > 0) this.#addUnit(unit);
    else this.#dropUnit(unit);
    if (unit.restartMs === 0) return;
    this.restarted.add(second, delta);
    this.restarts.add(Math.floor((virtualStartMs(unit) + unit.restartMs) / 1_000), delta);
  }

  #addUnit(unit: Unit): void {
    unit.ownPlace = this.ownUnits.length;
    this.ownUnits.push(unit);
  }

  /** The last takes its place. */
  #dropUnit(unit: Unit): void {
    const { ownPlace } = unit;
    const last = this.ownUnits.pop();
    if (last === undefined || last === unit) return;
    this.ownUnits[ownPlace] = last;
    last.ownPlace = ownPlace;
  }
}

/** The bin of the ended wait that the live rule looks at. */
export function liveBin(unit: Unit): number {
  return waitBin(unit.waitMs - unit.restartMs);
}
