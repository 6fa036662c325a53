import type { EpochMs } from "@mailtide/shared";

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

/** As it stands in the table: among those of its class, between the one that was quiet longer and the one that was not. */
export interface HostileRecord {
  readonly ip: string;
  readonly firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  messages: number;
  spoofed: number;
  rejected: number;
  authFailures: number;
  /** The end of the list that it is in; null when it is in none. */
  end: HostileRecord | null;
  before: HostileRecord;
  behind: HostileRecord;
}

/**
 * Evidence against sources, bounded: when it is full the least hostile goes first, and of those the one that was quiet
 * longest. Sources stand in classes by the power of two of their score, so that nothing is ever sorted on the way in. Each
 * class is a ring through a record that is no source.
 */
export class HostileTable {
  readonly #most: number;
  readonly #classes = Array.from({ length: 32 }, () => newRecord("", 0));
  readonly #byIp = new Map<string, HostileRecord>();
  #evicted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#byIp.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get(ip: string): HostileSource | undefined {
    return this.#byIp.get(ip);
  }

  record(ip: string): HostileRecord | null {
    return this.#byIp.get(ip) ?? null;
  }

  /** It has not been pushed out. */
  holds(record: HostileRecord): boolean {
    return record.end !== null;
  }

  /** Who gives back what it returned for the source the last time spares a look-up. */
  note(ip: string, kind: HostileKind, atMs: EpochMs, times = 1, last: HostileRecord | null = null): HostileRecord {
    let record = last !== null && last.end !== null ? last : this.#byIp.get(ip);
    if (record === undefined) {
      if (this.#byIp.size >= this.#most) this.#evict();
      record = newRecord(ip, atMs);
      this.#byIp.set(ip, record);
    } else unlink(record);
    if (kind === "rejected") record.rejected += times;
    else if (kind === "spoofed") record.spoofed += times;
    else record.authFailures += times;
    if (atMs > record.lastSeenMs) record.lastSeenMs = atMs;
    this.#place(record);
    return record;
  }

  /** Most hostile first, then most messages, then by address. */
  top(most: number): HostileSource[] {
    return this.all().sort(mostHostileFirst).slice(0, most);
  }

  /** In no order that matters. */
  all(): HostileSource[] {
    const all: HostileSource[] = [];
    for (const end of this.#classes) for (let at = end.behind; at !== end; at = at.behind) all.push(plain(at));
    return all;
  }

  expire(beforeMs: EpochMs): void {
    for (const record of this.#byIp.values()) if (record.lastSeenMs < beforeMs) this.#remove(record);
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
      const record = Object.assign(newRecord(ip, firstSeenMs), {
        lastSeenMs,
        messages,
        spoofed,
        rejected,
        authFailures,
      });
      this.#byIp.set(ip, record);
      this.#place(record);
    }
  }

  /** As the last of its class. */
  #place(record: HostileRecord): void {
    const end = this.#classes[31 - Math.clz32(Math.min(score(record), 0x7fff_ffff))];
    if (end === undefined) return;
    record.end = end;
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
    this.#byIp.delete(record.ip);
  }
}

class Record implements HostileRecord {
  readonly ip: string;
  readonly firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  messages = 0;
  spoofed = 0;
  rejected = 0;
  authFailures = 0;
  end: HostileRecord | null = null;
  before: HostileRecord = this;
  behind: HostileRecord = this;

  constructor(ip: string, atMs: EpochMs) {
    this.ip = ip;
    this.firstSeenMs = this.lastSeenMs = atMs;
  }
}

const newRecord = (ip: string, atMs: EpochMs): HostileRecord => new Record(ip, atMs);

/** What points at it keeps nothing else alive. */
function unlink(record: HostileRecord): void {
  record.before.behind = record.behind;
  record.behind.before = record.before;
  record.before = record.behind = record;
  record.end = null;
}

const plain = ({ ip, firstSeenMs, lastSeenMs, messages, spoofed, rejected, authFailures }: HostileSource) => ({
  ip,
  firstSeenMs,
  lastSeenMs,
  messages,
  spoofed,
  rejected,
  authFailures,
});

type Facts = Pick<HostileSource, "ip" | "messages" | HostileKind>;

/** A forged sender weighs most; refusals happen to honest senders too. */
const score = ({ spoofed, authFailures, rejected }: Facts): number => 4 * spoofed + 2 * authFailures + rejected;

/** Then most messages, then by address. */
export const mostHostileFirst = (a: Facts, b: Facts): number =>
  score(b) - score(a) || b.messages - a.messages || (a.ip < b.ip ? -1 : 1);
