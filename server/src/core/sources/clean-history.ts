import type { EpochMs, Millis } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";

export interface CleanHistoryOptions {
  /** A source counts as known this long after its first clean mail: an attacker's one clean mail buys nothing at once. */
  readonly probationMs: Millis;
  readonly keepDays: number;
  readonly most: number;
}

/** From when to which day a source counts as known; never, when `fromMs` is Infinity. */
export interface Standing {
  readonly fromMs: EpochMs;
  readonly toDay: number;
}

/**
 * Sources by the day of their last clean mail, oldest day first, so that forgetting by age and by bound both take from
 * the front. What the bound pushes out is counted in `evicted`.
 */
export class CleanHistory {
  readonly #options: CleanHistoryOptions;
  readonly #sources = new InOrder<{ readonly firstMs: EpochMs; readonly day: number }>();
  #evicted = 0;

  constructor(options: CleanHistoryOptions) {
    this.#options = options;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get size(): number {
    return this.#sources.size;
  }

  note(ip: string, atMs: EpochMs): void {
    const day = Math.floor(atMs / dayMs);
    const known = this.#sources.get(ip);
    if (known !== undefined && known.day >= day) return;
    if (known === undefined && this.#sources.size >= this.#options.most) this.#evictOldest();
    const firstMs = known !== undefined && day - known.day <= this.#options.keepDays ? known.firstMs : atMs;
    this.#sources.put(ip, { firstMs, day });
  }

  /** As of now: another note, or one that the bound pushes out, changes it. */
  standing(ip: string): Standing {
    const known = this.#sources.get(ip);
    if (known === undefined) return unknown;
    return { fromMs: known.firstMs + this.#options.probationMs, toDay: known.day + this.#options.keepDays };
  }

  knows(ip: string, atMs: EpochMs): boolean {
    const { fromMs, toDay } = this.standing(ip);
    return atMs >= fromMs && Math.floor(atMs / dayMs) <= toDay;
  }

  /** Those that count as known; oldest day first. */
  *known(nowMs: EpochMs): Generator<string> {
    for (const [ip] of this.#sources.entries()) if (this.knows(ip, nowMs)) yield ip;
  }

  /** What it did later shows that it was never clean. */
  forget(ip: string): void {
    this.#sources.delete(ip);
  }

  expire(nowMs: EpochMs): void {
    const oldest = Math.floor(nowMs / dayMs) - this.#options.keepDays;
    for (let next = this.#sources.oldest(); next !== undefined && next[1].day < oldest; next = this.#sources.oldest())
      this.#sources.dropOldest();
  }

  save(): unknown {
    return {
      evicted: this.#evicted,
      sources: [...this.#sources.entries()].map(([ip, { firstMs, day }]) => [ip, firstMs, day]),
    };
  }

  restore(saved: unknown): void {
    const state = saved as { evicted: number; sources: [string, number, number][] };
    this.#evicted = state.evicted;
    this.#sources.clear();
    for (const [ip, firstMs, day] of state.sources) this.#sources.put(ip, { firstMs, day });
  }

  #evictOldest(): void {
    if (this.#sources.dropOldest() !== undefined) this.#evicted += 1;
  }
}

const unknown: Standing = { fromMs: Infinity, toDay: -1 };
const dayMs = 86_400_000;
