import type { EpochMs, Millis } from "@mailtide/shared";
import type { CleanHistory } from "./clean-history.ts";
import { never, type Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

interface Step {
  readonly step: number;
  /** Those that did anything in it; one that did something later stands in a later list too. */
  readonly sources: Source[];
}

/** The window of distinct sources moves in steps of this. */
const stepMs: Millis = 10_000;
/** Five minutes. */
const steps = 30;

/**
 * The sources of the last five minutes: how many there are, and how many of them are new, exactly up to a bound; beyond it
 * the counts are lower bounds until the window has moved past the overflow. Each step lists who did anything in it, so that
 * forgetting a step touches only those.
 */
export class RecentSources {
  readonly #table: SourceTable;
  readonly #history: CleanHistory;
  readonly #most: number;
  /** Oldest first. */
  #steps: Step[] = [];
  /** Those that are in any list. */
  #size = 0;
  #distinct = 0;
  #fresh = 0;
  #overflowStep = -Infinity;

  constructor(table: SourceTable, history: CleanHistory, most: number) {
    this.#table = table;
    this.#history = history;
    this.#most = most;
  }

  /** It sent something. One that became known while it counts as new stays new until it was quiet. */
  see(source: Source, atMs: EpochMs): void {
    const step = Math.floor(atMs / stepMs);
    if (source.seenStep === step) return;
    if (!this.#touch(source, step)) {
      this.#forget(step);
      this.#overflowStep = step;
      return;
    }
    if (source.seenStep === never) {
      if (this.#distinct >= this.#most) this.#forget(step);
      if (this.#distinct >= this.#most) {
        this.#overflowStep = step;
        return;
      }
      this.#distinct += 1;
    }
    source.seenStep = step;
    if (source.freshStep === never) {
      if (this.#history.knows(source, atMs)) return;
      this.#fresh += 1;
    }
    source.freshStep = step;
  }

  /** It was spoken of. */
  touch(source: Source, atMs: EpochMs): void {
    this.#touch(source, Math.floor(atMs / stepMs));
  }

  /** How many there are, and how many of them are new. */
  count(nowMs: EpochMs): { readonly distinct: number; readonly fresh: number; readonly exact: boolean } {
    const step = Math.floor(nowMs / stepMs);
    this.#forget(step);
    return { distinct: this.#distinct, fresh: this.#fresh, exact: this.#overflowStep <= step - steps };
  }

  /** The overflow, and of each step the addresses that were seen last in it, and those of them that are new. */
  save(): SavedRecent {
    const rows = this.#steps.flatMap(({ step, sources }): SavedStep[] => {
      const seen = sources.filter(({ seenStep }) => seenStep === step).map(({ ip }) => ip);
      const fresh = sources.filter(({ freshStep }) => freshStep === step).map(({ ip }) => ip);
      return seen.length === 0 ? [] : [[step, seen.sort(), fresh.sort()]];
    });
    return [Number.isFinite(this.#overflowStep) ? this.#overflowStep : null, rows];
  }

  /** To be called on a fresh object. */
  restore([overflow, rows]: SavedRecent): void {
    this.#overflowStep = overflow ?? -Infinity;
    for (const [step, seen, fresh] of rows) {
      for (const ip of seen) {
        const source = this.#table.of(ip);
        this.#touch(source, step);
        source.seenStep = step;
      }
      this.#distinct += seen.length;
      this.#fresh += fresh.length;
      for (const ip of fresh) {
        const source = this.#table.find(ip);
        if (source !== undefined) source.freshStep = step;
      }
    }
  }

  /** False when there is no room to remember it from line to line. */
  #touch(source: Source, step: number): boolean {
    if (source.doneStep === step) return true;
    if (source.doneStep === never) {
      // Who connects chooses what stands here.
      if (this.#size >= this.#most + spare) return false;
      this.#size += 1;
    }
    source.doneStep = step;
    const last = this.#steps[this.#steps.length - 1];
    if (last !== undefined && last.step === step) last.sources.push(source);
    else this.#steps.push({ step, sources: [source] });
    return true;
  }

  #forget(step: number): void {
    const gone = step - steps;
    for (let oldest = this.#steps[0]; oldest !== undefined && oldest.step <= gone; oldest = this.#steps[0]) {
      for (const source of oldest.sources) this.#leave(source, oldest.step);
      this.#steps.shift();
    }
  }

  /** It was quiet for as long as it is remembered, in whatever did not happen since. */
  #leave(source: Source, step: number): void {
    if (source.seenStep === step) {
      source.seenStep = never;
      this.#distinct -= 1;
    }
    if (source.freshStep === step) {
      source.freshStep = never;
      this.#fresh -= 1;
    }
    if (source.doneStep !== step) return;
    source.doneStep = never;
    this.#size -= 1;
    this.#table.leave(source);
  }
}

type SavedStep = [step: number, seen: string[], fresh: string[]];
export type SavedRecent = [overflowStep: number | null, steps: SavedStep[]];

/** Those that are spoken of and sent nothing lately, beside those that count. */
const spare = 20_000;
