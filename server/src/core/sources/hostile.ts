import type { EpochMs } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";

export type HostileKind = "spoofed" | "rejected" | "authFailures";

/** What a source did that honest ones seldom do. `messages` counts since the first hostile fact. */
export interface HostileSource {
  readonly ip: string;
  readonly firstSeenMs: EpochMs;
  readonly lastSeenMs: EpochMs;
  readonly messages: number;
  readonly spoofed: number;
  readonly rejected: number;
  readonly authFailures: number;
}

/**
 * Evidence against sources, bounded: when it is full the least hostile goes first, and of those the one that was quiet
 * longest. Sources stand in classes by the power of two of their score, so that nothing is ever sorted on the way in.
 */
export class HostileTable {
  readonly #most: number;
  readonly #classes = Array.from({ length: 32 }, () => new InOrder<Mutable>());
  readonly #classOf = new Map<string, number>();
  #evicted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#classOf.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get(ip: string): HostileSource | undefined {
    const at = this.#classOf.get(ip);
    return at === undefined ? undefined : this.#classes[at]?.get(ip);
  }

  note(ip: string, kind: HostileKind, atMs: EpochMs, times = 1): void {
    const before = this.#classOf.get(ip);
    let source = before === undefined ? undefined : this.#classes[before]?.get(ip);
    if (source === undefined) {
      if (this.#classOf.size >= this.#most) this.#evict();
      source = { ip, firstSeenMs: atMs, lastSeenMs: atMs, messages: 0, spoofed: 0, rejected: 0, authFailures: 0 };
    }
    source[kind] += times;
    source.lastSeenMs = Math.max(source.lastSeenMs, atMs);
    if (before !== undefined) this.#classes[before]?.delete(ip);
    this.#place(source);
  }

  noteMessage(ip: string): void {
    const at = this.#classOf.get(ip);
    const source = at === undefined ? undefined : this.#classes[at]?.get(ip);
    if (source !== undefined) source.messages += 1;
  }

  /** Most hostile first, then most messages, then by address. */
  top(most: number): HostileSource[] {
    return this.all()
      .sort(mostHostileFirst)
      .slice(0, most)
      .map((source) => ({ ...source }));
  }

  /** In no order that matters. */
  all(): HostileSource[] {
    return this.#classes.flatMap((sources) => [...sources.values()]);
  }

  expire(beforeMs: EpochMs): void {
    for (const sources of this.#classes)
      for (const [ip, { lastSeenMs }] of sources.entries()) {
        if (lastSeenMs >= beforeMs) continue;
        sources.delete(ip);
        this.#classOf.delete(ip);
      }
  }

  save(): unknown {
    return {
      evicted: this.#evicted,
      sources: this.all().map((s) => [
        s.ip,
        s.firstSeenMs,
        s.lastSeenMs,
        s.messages,
        s.spoofed,
        s.rejected,
        s.authFailures,
      ]),
    };
  }

  restore(saved: unknown): void {
    for (const sources of this.#classes) sources.clear();
    this.#classOf.clear();
    const state = saved as { evicted: number; sources: [string, number, number, number, number, number, number][] };
    this.#evicted = state.evicted;
    for (const [ip, firstSeenMs, lastSeenMs, messages, spoofed, rejected, authFailures] of state.sources)
      this.#place({ ip, firstSeenMs, lastSeenMs, messages, spoofed, rejected, authFailures });
  }

  #place(source: Mutable): void {
    const at = 31 - Math.clz32(Math.min(score(source), 0x7fff_ffff));
    this.#classes[at]?.put(source.ip, source);
    this.#classOf.set(source.ip, at);
  }

  #evict(): void {
    for (const sources of this.#classes) {
      const next = sources.oldest();
      if (next === undefined) continue;
      sources.delete(next[0]);
      this.#classOf.delete(next[0]);
      this.#evicted += 1;
      return;
    }
  }
}

type Mutable = { -readonly [K in keyof HostileSource]: HostileSource[K] };

type Facts = Pick<HostileSource, "ip" | "messages" | HostileKind>;

/** A forged sender weighs most; refusals happen to honest senders too. */
const score = ({ spoofed, authFailures, rejected }: Facts): number => 4 * spoofed + 2 * authFailures + rejected;

/** Then most messages, then by address. */
export const mostHostileFirst = (a: Facts, b: Facts): number =>
  score(b) - score(a) || b.messages - a.messages || (a.ip < b.ip ? -1 : 1);
