import type { EpochMs } from "@mailtide/shared";
import { HostileRecord, Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

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
 * longest. Sources stand in classes by the power of two of their score, so that nothing is ever sorted on the way in. Each
 * class is a ring through a record that is no source.
 */
export class HostileTable {
  readonly #table: SourceTable;
  readonly #most: number;
  readonly #classes = Array.from({ length: 32 }, () => new HostileRecord(new Source(""), 0));
  #size = 0;
  #evicted = 0;

  constructor(table: SourceTable, most: number) {
    this.#table = table;
    this.#most = most;
  }

  get evicted(): number {
    return this.#evicted;
  }

  note(source: Source, kind: HostileKind, atMs: EpochMs, times = 1): void {
    let record = source.hostile;
    if (record === null) {
      if (this.#size >= this.#most) this.#evict();
      record = this.#begin(source, atMs);
    } else unlink(record);
    if (kind === "rejected") record.rejected += times;
    else if (kind === "spoofed") record.spoofed += times;
    else record.authFailures += times;
    if (atMs > record.lastSeenMs) record.lastSeenMs = atMs;
    this.#place(record);
  }

  /** Most hostile first, then most messages, then by address. */
  top(most: number): HostileSource[] {
    return this.all().sort(mostHostileFirst).slice(0, most);
  }

  /** In no order that matters. */
  all(): HostileSource[] {
    const all: HostileSource[] = [];
    for (const end of this.#classes) for (let at = end.behind; at !== end; at = at.behind) all.push(hostileSource(at));
    return all;
  }

  expire(beforeMs: EpochMs): void {
    for (const end of this.#classes)
      for (let at = end.behind; at !== end;) {
        const { behind } = at;
        if (at.lastSeenMs < beforeMs) this.#remove(at);
        at = behind;
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

  /** To be called on a fresh object. */
  restore(saved: unknown): void {
    const state = saved as { evicted: number; sources: [string, number, number, number, number, number, number][] };
    this.#evicted = state.evicted;
    for (const [ip, firstSeenMs, lastSeenMs, messages, spoofed, rejected, authFailures] of state.sources) {
      const record = this.#begin(this.#table.of(ip), firstSeenMs);
      Object.assign(record, { lastSeenMs, messages, spoofed, rejected, authFailures });
      this.#place(record);
    }
  }

  #begin(source: Source, atMs: EpochMs): HostileRecord {
    this.#size += 1;
    return (source.hostile = new HostileRecord(source, atMs));
  }

  /** As the last of its class. */
  #place(record: HostileRecord): void {
    const end = this.#classes[31 - Math.clz32(Math.min(score(record), 0x7fff_ffff))];
    if (end === undefined) return;
    record.before = end.before;
    record.behind = end;
    end.before.behind = record;
    end.before = record;
  }

  #evict(): void {
    for (const end of this.#classes) {
      if (end.behind === end) continue;
      this.#remove(end.behind);
      this.#evicted += 1;
      return;
    }
  }

  #remove(record: HostileRecord): void {
    unlink(record);
    record.source.hostile = null;
    this.#size -= 1;
    this.#table.release(record.source);
  }
}

/** What points at it keeps nothing else alive. */
function unlink(record: HostileRecord): void {
  record.before.behind = record.behind;
  record.behind.before = record.before;
  record.before = record.behind = record;
}

const hostileSource = (record: HostileRecord): HostileSource => ({
  ip: record.source.ip,
  firstSeenMs: record.firstSeenMs,
  lastSeenMs: record.lastSeenMs,
  messages: record.messages,
  spoofed: record.spoofed,
  rejected: record.rejected,
  authFailures: record.authFailures,
});

type Evidence = Pick<HostileSource, HostileKind>;
type Facts = Pick<HostileSource, "ip" | "messages"> & Evidence;

/** A forged sender weighs most; refusals happen to honest senders too. */
const score = ({ spoofed, authFailures, rejected }: Evidence): number => 4 * spoofed + 2 * authFailures + rejected;

/** Then most messages, then by address. */
export const mostHostileFirst = (a: Facts, b: Facts): number =>
  score(b) - score(a) || b.messages - a.messages || (a.ip < b.ip ? -1 : 1);
