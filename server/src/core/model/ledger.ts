import type { Attribution, Direction, EpochMs, Millis } from "@mailtide/shared";
import { Cohorts } from "./cohorts.ts";
import { eachInSteps, type Steps, whole } from "../steps.ts";
import { RecentWindow } from "./recent-window.ts";
import type { Gone } from "./message.ts";
import { isGone, isWaiting, type Unit, virtualStartMs } from "./unit.ts";
import { Wheel } from "./wheel.ts";
import { Work } from "./work.ts";

export interface Deferral {
  readonly attribution: Attribution;
  /** When the attempt began. */
  readonly atMs: EpochMs;
  readonly dueMs: EpochMs;
  readonly resumeMs: EpochMs;
}

/** What may be found out about a unit without its wait going another way. */
export interface UnitChange {
  readonly direction?: Direction;
  readonly customer?: boolean;
  readonly unsure?: boolean;
  readonly attribution?: Attribution;
}

function changes(unit: Unit, { direction, customer, unsure, attribution }: UnitChange): boolean {
  return (
    (direction !== undefined && direction !== unit.direction) ||
    (customer !== undefined && customer !== unit.customer) ||
    (unsure !== undefined && unsure !== unit.unsure) ||
    (attribution !== undefined && attribution !== unit.attribution)
  );
}

/** The life of a unit: the one place where its phase changes, so that every count follows every change. */
export class Ledger {
  readonly cohorts = new Cohorts();
  readonly window: RecentWindow;
  readonly work = new Work();
  readonly wheel = new Wheel();
  readonly totals = { accepted: 0, waiting: 0, left: 0, blocked: 0, unexplained: 0 };
  readonly targetMs: Millis;
  /** Units that are to be counted as they stand when the counts are next read. */
  #unsettled: Unit[] = [];
  readonly #onTurn: (unit: Unit) => void;

  /** `onTurn` is told when time alone made a wait ours. */
  constructor(targetMs: Millis, onTurn: (unit: Unit) => void) {
    this.targetMs = targetMs;
    this.window = new RecentWindow(targetMs);
    this.#onTurn = onTurn;
  }

  accept(unit: Unit, atMs: EpochMs): void {
    if (unit.customer) this.totals.accepted += 1;
    this.work.noteArrival(atMs);
    if (unit.due) this.work.addDue(1);
    this.add(unit);
  }

  /** Somebody else's wait. Goes on with one that had not ended when the attempt began. */
  pause(unit: Unit, deferral: Deferral): void {
    if (!isWaiting(unit)) return;
    if (unit.phase === "paused" && unit.resumeMs <= deferral.atMs) this.resume(unit, unit.resumeMs);
    if (unit.phase === "paused") {
      unit.attribution = deferral.attribution;
      unit.resumeMs = deferral.resumeMs;
    } else {
      this.take(unit);
      const startMs = Math.max(deferral.atMs, virtualStartMs(unit));
      unit.waitMs = startMs - virtualStartMs(unit);
      unit.phase = "paused";
      unit.attribution = deferral.attribution;
      unit.pauseMs = startMs;
      unit.resumeMs = deferral.resumeMs;
      this.cohorts.noteEnd(unit, startMs);
      this.add(unit);
    }
    this.sleep(unit, deferral.dueMs);
    this.wheel.add(unit, deferral.resumeMs);
  }

  /** From this instant it waits on us. */
  resume(unit: Unit, atMs: EpochMs): void {
    if (unit.phase !== "paused") return;
    this.take(unit);
    const pauseMs = Math.max(0, Math.min(atMs, unit.resumeMs) - unit.pauseMs);
    unit.pausedMs += pauseMs;
    if (pauseMs > this.targetMs) unit.restartMs = unit.waitMs;
    unit.phase = "own";
    unit.attribution = "own";
    unit.recentSecond = 0;
    this.add(unit);
  }

  /** What was taken for the far side's wait is ours, from this instant on. */
  claim(unit: Unit, fromMs: EpochMs): void {
    if (unit.phase === "paused" && unit.attribution === "remote") this.resume(unit, Math.max(unit.pauseMs, fromMs));
  }

  /** Doubt, direction, acceptance: whatever the counts depend on. */
  change(unit: Unit, change: UnitChange): void {
    // What stays as it is need not be counted anew.
    if (!changes(unit, change)) return;
    this.take(unit);
    this.#put(unit, change);
    this.add(unit);
  }

  /** The wait began elsewhere or earlier; `pausedMs` of it were not ours. What else changes with it is counted once. */
  rebase(unit: Unit, acceptedMs: EpochMs, pausedMs: Millis, change: UnitChange = {}): void {
    this.take(unit);
    this.#put(unit, change);
    const earlierMs = unit.acceptedMs - acceptedMs - pausedMs;
    unit.acceptedMs = acceptedMs;
    unit.pausedMs += pausedMs;
    if (unit.phase !== "own") unit.waitMs = Math.max(0, unit.waitMs + earlierMs);
    this.add(unit);
  }

  /** The next attempt is at this instant; until then it is no work. */
  sleep(unit: Unit, dueMs: EpochMs): void {
    unit.stay();
    unit.message?.stay();
    unit.dueMs = dueMs;
    this.setDue(unit, false);
    if (dueMs < Number.MAX_SAFE_INTEGER) this.wheel.add(unit, dueMs);
  }

  setDue(unit: Unit, due: boolean): void {
    if (unit.due === due || !isWaiting(unit)) return;
    unit.due = due;
    this.work.addDue(due ? 1 : -1);
  }

  /** It is out, or died of a wait that was ours. */
  leave(unit: Unit, attemptMs: EpochMs, atMs: EpochMs): void {
    if (!isWaiting(unit)) return;
    this.resume(unit, attemptMs);
    this.setDue(unit, false);
    this.take(unit);
    unit.waitMs = Math.max(0, atMs - virtualStartMs(unit));
    unit.phase = "left";
    this.cohorts.noteEnd(unit, atMs);
    this.add(unit);
    this.#done(atMs);
  }

  /** A recipient of its domain turned up after it had left, or after nobody had got it. */
  reopen(unit: Unit): void {
    if (unit.phase !== "merged") this.reopenPart(unit);
  }

  /** The same of one that goes on elsewhere with some of its recipients, while another still waits here. */
  reopenPart(unit: Unit): void {
    if (isWaiting(unit)) return;
    this.#countGone(unit, -1);
    this.take(unit);
    unit.phase = "own";
    unit.attribution = "own";
    unit.recentSecond = 0;
    this.add(unit);
    this.setDue(unit, true);
  }

  /** Out of the count and the base. What is out already may turn out to be merged. */
  drop(unit: Unit, as: Gone, atMs: EpochMs): void {
    if (isGone(unit)) {
      if (as === "merged") this.#leaveAs(unit, as);
      return;
    }
    const waited = isWaiting(unit);
    this.setDue(unit, false);
    this.take(unit);
    this.#leaveAs(unit, as);
    if (waited && as === "blocked") this.#done(atMs);
  }

  /** It is no unit of its own after all: `whole` is of the same domain and message, and goes on for both. */
  unite(unit: Unit, whole: Unit, atMs: EpochMs): void {
    whole.open += unit.open;
    whole.sent ||= unit.sent;
    if (isWaiting(unit)) this.reopen(whole);
    else if (unit.phase === "left" && isGone(whole) && whole.phase !== "merged") this.#leaveWith(whole, unit);
    this.drop(unit, "merged", atMs);
  }

  *advance(nowMs: EpochMs): Steps {
    yield* this.wheel.advance(nowMs, (unit) => this.#turn(unit, nowMs));
    yield* this.settling();
    this.cohorts.advance(nowMs);
    this.window.advance(nowMs);
    this.work.advance(nowMs);
  }

  /**
   * It counts as it stands when the turn ends: most mail comes, is looked through and goes within one turn, and what it
   * was in between is nobody's number. Whoever reads counts calls `settle` first.
   */
  add(unit: Unit): void {
    if (unit.unsettled) return;
    unit.unsettled = true;
    this.#unsettled.push(unit);
  }

  take(unit: Unit): void {
    if (!unit.counted) return;
    unit.counted = false;
    this.#count(unit, -1);
  }

  settle(): void {
    whole(this.settling());
  }

  *settling(): Steps {
    if (this.#unsettled.length === 0) return;
    const units = this.#unsettled;
    this.#unsettled = [];
    yield* eachInSteps(units, this.#settle, unitsPerStep);
  }

  readonly #settle = (unit: Unit): void => {
    unit.unsettled = false;
    if (unit.counted || isGone(unit) || !unit.customer) return;
    unit.counted = true;
    this.#count(unit, 1);
  };

  #put(unit: Unit, { direction, customer, unsure, attribution }: UnitChange): void {
    if (direction !== undefined) unit.direction = direction;
    if (unsure !== undefined) unit.unsure = unsure;
    if (attribution !== undefined) unit.attribution = attribution;
    if (customer === undefined || customer === unit.customer) return;
    unit.customer = customer;
    if (!isGone(unit)) this.totals.accepted += customer ? 1 : -1;
  }

  #turn(unit: Unit, nowMs: EpochMs): void {
    if (!isWaiting(unit)) return;
    if (unit.dueMs <= nowMs) this.setDue(unit, true);
    if (unit.phase !== "paused" || unit.resumeMs > nowMs) return;
    this.resume(unit, unit.resumeMs);
    this.#onTurn(unit);
  }

  /** Some of it went out, though the rest did not. */
  #leaveWith(whole: Unit, part: Unit): void {
    this.#countGone(whole, -1);
    whole.waitMs = Math.max(0, part.waitMs + virtualStartMs(part) - virtualStartMs(whole));
    whole.recentSecond = part.recentSecond;
    whole.phase = "left";
    this.add(whole);
  }

  #leaveAs(unit: Unit, as: Gone): void {
    this.#countGone(unit, -1);
    unit.phase = as;
    this.#countGone(unit, 1);
  }

  #countGone({ phase, customer }: Unit, delta: 1 | -1): void {
    if (!customer) return;
    if (phase === "merged") this.totals.accepted -= delta;
    else if (phase === "blocked" || phase === "unexplained") this.totals[phase] += delta;
  }

  #done(atMs: EpochMs): void {
    this.work.noteAttempt();
    this.work.noteDeparture(atMs);
  }

  #count(unit: Unit, delta: 1 | -1): void {
    if (unit.phase === "left") this.totals.left += delta;
    else this.totals.waiting += delta;
    this.cohorts.count(unit, delta);
    this.window.count(unit, delta);
  }
}

/** One takes a microsecond or two, and twenty as long as the engine has not compiled what is done with it. */
const unitsPerStep = 50;
