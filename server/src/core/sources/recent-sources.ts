import type { EpochMs, Millis } from "@mailtide/shared";
import type { CleanHistory } from "./clean-history.ts";
import type { HostileKind, HostileRecord, HostileTable } from "./hostile.ts";
import { TextTable } from "../text/text-table.ts";
import { unmapped } from "./network.ts";

/**
 * A source of the last five minutes, and all that is known of it: each line of a source finds its record once, because a
 * look-up among many thousands costs more than all that a line changes.
 */
export interface Source {
  readonly ip: string;
  /** Counts, and is never named. */
  readonly isOurs: boolean;
  /** False when there was no room to remember it from line to line. */
  kept: boolean;
  /** Steps in which it last did anything, and in which it last counted as a source and as a new one; `never` without. */
  doneStep: number;
  seenStep: number;
  freshStep: number;
  /** From when to which day the history knows it; NaN when that is to be asked. */
  knownFromMs: EpochMs;
  knownToDay: number;
  /** The day for which it was noted as clean; NaN when that is to be done. */
  cleanDay: number;
  /** What the history had pushed out by then. */
  evicted: number;
  /** Null when it stands in no hostile table. */
  hostile: HostileRecord | null;
  /** Where it stood last among the heavy. */
  seat: number;
  /** What whoever hears of its facts keeps of it, so as not to look for it again. */
  noted: object | null;
  /** Another form of its address by which it was found, or "". */
  alias: string;
}

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
  /** By address, as it was logged and as it is counted. */
  readonly #sources = new TextTable<Source>();
  readonly #history: CleanHistory;
  readonly #hostile: HostileTable;
  readonly #isOurs: (ip: string) => boolean;
  readonly #most: number;
  /** Oldest first. */
  #steps: Step[] = [];
  #distinct = 0;
  #fresh = 0;
  #overflowStep = -Infinity;

  constructor(history: CleanHistory, hostile: HostileTable, isOurs: (ip: string) => boolean, most: number) {
    this.#history = history;
    this.#hostile = hostile;
    this.#isOurs = isOurs;
    this.#most = most;
  }

  /** Null for what is no source. Whoever found one says what it did, with `see` or `touch`. */
  of(clientIp: string | undefined): Source | null {
    if (clientIp === undefined || clientIp.length > longestIp) return null;
    // Readers hand out the same string for the same address: the map need not read it to find it.
    return this.#sources.get(clientIp) ?? this.#add(clientIp);
  }

  /** It sent something. One that became known while it counts as new stays new until it was quiet. */
  see(source: Source, atMs: EpochMs): void {
    const step = Math.floor(atMs / stepMs);
    if (source.seenStep === step && this.#holds(source)) return;
    if (!source.kept) {
      this.#forget(step);
      this.#overflowStep = step;
      return;
    }
    this.#touch(source, step);
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
      if (this.#knows(source, atMs)) return;
      this.#fresh += 1;
    }
    source.freshStep = step;
  }

  /** It was spoken of. */
  touch(source: Source, atMs: EpochMs): void {
    this.#touch(source, Math.floor(atMs / stepMs));
  }

  /** The history knows it as one that sent clean mail. */
  knows(source: Source, atMs: EpochMs): boolean {
    this.#holds(source);
    return this.#knows(source, atMs);
  }

  noteHostile(source: Source, kind: HostileKind, atMs: EpochMs, times = 1): void {
    source.hostile = this.#hostile.note(source.ip, kind, atMs, times, source.hostile);
  }

  noteMessage({ hostile }: Source): void {
    if (hostile !== null) hostile.messages += 1;
  }

  /** Clean mail; one that has forged before is not clean because of one honest-looking mail. Once a day is enough. */
  noteClean(source: Source, atMs: EpochMs): void {
    const { hostile } = source;
    if (hostile !== null && hostile.spoofed > 0 && this.#hostile.holds(hostile)) return;
    const day = Math.floor(atMs / dayMs);
    if (source.cleanDay === day && this.#holds(source)) return;
    this.#history.note(source.ip, atMs);
    source.cleanDay = day;
    source.knownFromMs = Number.NaN;
  }

  forgetClean(source: Source): void {
    this.#history.forget(source.ip);
    source.cleanDay = source.knownFromMs = Number.NaN;
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
        const source = this.#sources.get(ip) ?? this.#add(ip);
        this.#touch(source, step);
        source.seenStep = step;
      }
      this.#distinct += seen.length;
      this.#fresh += fresh.length;
      for (const ip of fresh) {
        const source = this.#sources.get(ip);
        if (source !== undefined) source.freshStep = step;
      }
    }
  }

  #touch(source: Source, step: number): void {
    if (source.doneStep === step || !source.kept) return;
    source.doneStep = step;
    const last = this.#steps.at(-1);
    if (last?.step === step) last.sources.push(source);
    else this.#steps.push({ step, sources: [source] });
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
    this.#sources.delete(source.ip, source);
    if (source.alias !== "") this.#sources.delete(source.alias, source);
  }

  #knows(source: Source, atMs: EpochMs): boolean {
    if (Number.isNaN(source.knownFromMs)) {
      const { fromMs, toDay } = this.#history.standing(source.ip);
      source.knownFromMs = fromMs;
      source.knownToDay = toDay;
    }
    return atMs >= source.knownFromMs && Math.floor(atMs / dayMs) <= source.knownToDay;
  }

  /** Of an address under which none stands. */
  #add(clientIp: string): Source {
    // No part of a line, and the map finds the very same string without comparing it.
    const ip = unmapped(clientIp);
    let source = clientIp === ip ? undefined : this.#sources.get(ip);
    if (source === undefined) {
      source = newSource(ip, this.#isOurs(ip), this.#hostile.record(ip), this.#history.evicted);
      // Who connects chooses what stands here.
      source.kept = this.#sources.size < this.#most + spare;
      if (source.kept) this.#sources.set(ip, source);
    }
    if (clientIp !== ip && source.kept && this.#sources.size < this.#most + spare) {
      if (source.alias !== "") this.#sources.delete(source.alias, source);
      source.alias = clientIp;
      this.#sources.set(source.alias, source);
    }
    return source;
  }

  /** What was remembered of the source still stands: the history has pushed nobody out since. */
  #holds(source: Source): boolean {
    const { evicted } = this.#history;
    if (source.evicted === evicted) return true;
    source.evicted = evicted;
    source.cleanDay = source.knownFromMs = Number.NaN;
    return false;
  }
}

function newSource(ip: string, isOurs: boolean, hostile: HostileRecord | null, evicted: number): Source {
  return {
    ip,
    isOurs,
    kept: false,
    doneStep: never,
    seenStep: never,
    freshStep: never,
    knownFromMs: Number.NaN,
    knownToDay: -1,
    cleanDay: Number.NaN,
    evicted,
    hostile,
    seat: -1,
    noted: null,
    alias: "",
  };
}

type SavedStep = [step: number, seen: string[], fresh: string[]];
export type SavedRecent = [overflowStep: number | null, steps: SavedStep[]];

/** No step. */
const never = -1;
const longestIp = 64;
/** Those that are spoken of and sent nothing lately, beside those that count. */
const spare = 20_000;
const dayMs = 86_400_000;
