import type { EpochMs, Millis } from "@mailtide/shared";
import { never, Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

export interface CleanHistoryOptions {
  /** A source counts as known this long after its first clean mail: an attacker's one clean mail buys nothing at once. */
  readonly probationMs: Millis;
  readonly keepDays: number;
  readonly most: number;
}

/**
 * Sources by the day of their last clean mail, oldest day first, so that forgetting by age and by bound both take from
 * the front. What the bound pushes out is counted in `evicted`.
 */
export class CleanHistory {
  readonly #table: SourceTable;
  readonly #options: CleanHistoryOptions;
  /** The end of the ring of sources: no source. Behind it stands the oldest, before it the youngest. */
  readonly #end = new Source("");
  #size = 0;
  #evicted = 0;

  constructor(table: SourceTable, options: CleanHistoryOptions) {
    this.#table = table;
    this.#options = options;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get size(): number {
    return this.#size;
  }

  /** Once a day is enough. */
  note(source: Source, atMs: EpochMs): void {
    const day = Math.floor(atMs / dayMs);
    const { cleanDay } = source;
    if (cleanDay >= day) return;
    if (cleanDay === never) {
      if (this.#size >= this.#options.most) this.#evictOldest();
      this.#size += 1;
    } else unlink(source);
    if (cleanDay === never || day - cleanDay > this.#options.keepDays) source.firstCleanMs = atMs;
    this.#append(source, day);
  }

  knows({ cleanDay, firstCleanMs }: Source, atMs: EpochMs): boolean {
    if (cleanDay === never || atMs < firstCleanMs + this.#options.probationMs) return false;
    return Math.floor(atMs / dayMs) <= cleanDay + this.#options.keepDays;
  }

  /** Those that count as known; oldest day first. */
  *known(nowMs: EpochMs): Generator<string> {
    for (const source of this.#all()) if (this.knows(source, nowMs)) yield source.ip;
  }

  /** What it did later shows that it was never clean. */
  forget(source: Source): void {
    if (source.cleanDay === never) return;
    unlink(source);
    source.cleanDay = never;
    this.#size -= 1;
    this.#table.release(source);
  }

  expire(nowMs: EpochMs): void {
    const oldest = Math.floor(nowMs / dayMs) - this.#options.keepDays;
    while (this.#size > 0 && this.#end.behind.cleanDay < oldest) this.forget(this.#end.behind);
  }

  save(): unknown {
    return {
      evicted: this.#evicted,
      sources: [...this.#all()].map(({ ip, firstCleanMs, cleanDay }) => [ip, firstCleanMs, cleanDay]),
    };
  }

  /** To be called on a fresh object. */
  restore(saved: unknown): void {
    const state = saved as { evicted: number; sources: [string, number, number][] };
    this.#evicted = state.evicted;
    for (const [ip, firstMs, day] of state.sources) {
      const source = this.#table.of(ip);
      source.firstCleanMs = firstMs;
      this.#append(source, day);
      this.#size += 1;
    }
  }

  *#all(): Generator<Source> {
    for (let at = this.#end.behind; at !== this.#end; at = at.behind) yield at;
  }

  /** As the youngest. */
  #append(source: Source, day: number): void {
    const end = this.#end;
    source.cleanDay = day;
    source.before = end.before;
    source.behind = end;
    end.before.behind = source;
    end.before = source;
  }

  #evictOldest(): void {
    if (this.#size === 0) return;
    this.forget(this.#end.behind);
    this.#evicted += 1;
  }
}

/** What points at it keeps nothing else alive. */
function unlink(source: Source): void {
  source.before.behind = source.behind;
  source.behind.before = source.before;
  source.before = source.behind = source;
}

const dayMs = 86_400_000;
