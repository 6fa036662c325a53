import type { EpochMs } from "@mailtide/shared";
import { Heaviest } from "./heaviest.ts";
import { OpenSlice, type SavedOpen } from "./open-slice.ts";
import { SliceSum } from "./slice-sum.ts";
import {
  connections,
  error,
  firstMs,
  heaviestOf,
  messages,
  numbersEach,
  type PackedSlice,
  packSlice,
  rejects,
  seenAt,
  type SourceCounts,
  type SourceKind,
  unpackSlice,
} from "./slices.ts";
import type { Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

export type HeavySpan = "1m" | "5m";

/** What a source was seen to make: lower bounds, each short by `error` at most, all kinds together. */
export interface Heavy extends SourceCounts {
  readonly key: string;
  readonly error: number;
  readonly firstMs: EpochMs;
}

/**
 * The heaviest sources of the last minute and the last five minutes. Time is cut in slices of ten seconds, each with its own
 * Space-Saving summary; summaries add up (Agarwal et al.: "Mergeable summaries", PODS 2012), so that every span is the sum
 * of its slices. A span includes the open slice: it is up to one slice longer.
 */
export class HeavySources {
  readonly #table: SourceTable;
  readonly #most: number;
  readonly #open: OpenSlice;
  #openSlice = -Infinity;
  /** The closed slices of the last five minutes. */
  readonly #closed = new SliceSum(false);

  constructor(table: SourceTable, most: number) {
    this.#table = table;
    this.#most = most;
    this.#open = new OpenSlice(table, 2 * most);
  }

  add(source: Source, kind: SourceKind, atMs: EpochMs, times: number): void {
    this.#open.add(source, kind, atMs, times);
  }

  /** To be called with time that never steps back. */
  advance(nowMs: EpochMs): void {
    const slice = Math.floor(nowMs / sliceMs);
    if (slice <= this.#openSlice) return;
    if (this.#open.size > 0) this.#close();
    this.#openSlice = slice;
    while ((this.#closed.slices[0]?.at ?? slice) < slice - slicesKept)
      this.#release(this.#closed.takeOldest()?.sources ?? []);
  }

  /** The heaviest first, by what they were seen to make; ties by address. */
  top(span: HeavySpan, most = this.#most): Heavy[] {
    if (span === "5m") return this.#top(this.#closed, most);
    const minute = new SliceSum(true);
    for (const slice of this.#closed.slices) if (slice.at >= this.#openSlice - 6) minute.add(slice);
    const top = this.#top(minute, most);
    // No source keeps a row of it.
    while (minute.takeOldest() !== undefined);
    minute.settle();
    return top;
  }

  #top(sum: SliceSum, most: number): Heavy[] {
    sum.settle();
    const open = this.#open;
    const top = new Heaviest(Math.min(most, this.#most));
    /** Those that were offered with what the open slice adds; behind the head nothing is heavier than its last. */
    const offered = new Uint8Array(sum.rows);
    for (let seat = 0; seat < open.size; seat++) {
      const source = open.sources[seat] as Source;
      const row = sum.rowOf(source);
      if (row >= 0) offered[row] = 1;
      const seen = seenAt(open.numbers, seat * numbersEach) + (row < 0 ? 0 : sum.seenOf(row));
      top.offer(source.ip, seen, seat, row);
    }
    const offer = (row: number): void => {
      if (offered[row] === 1) return;
      offered[row] = 1;
      top.offer(sum.keyOf(row), sum.seenOf(row), -1, row);
    };
    for (const row of sum.head) offer(row);
    const last = sum.head.at(-1);
    if (last !== undefined && sum.rows > sum.head.length && !top.isAbove(sum.seenOf(last)))
      for (let row = 0; row < sum.rows; row++) offer(row);
    const openFloor = open.floor;
    return top.rows.map(({ key, open: seat, closed: row }) => {
      const openNumber = (number: number): number => open.numbers[seat * numbersEach + number] ?? 0;
      const count = (kind: number): number => (row < 0 ? 0 : sum.madeOf(row, kind)) + (seat < 0 ? 0 : openNumber(kind));
      return {
        key,
        messages: count(messages),
        connections: count(connections),
        rejects: count(rejects),
        error: (row < 0 ? sum.floor : sum.errorOf(row)) + (seat < 0 ? openFloor : openNumber(error)),
        firstMs: row < 0 ? openNumber(firstMs) : sum.firstMsOf(row),
      };
    });
  }

  save(): unknown {
    return {
      slice: Number.isFinite(this.#openSlice) ? this.#openSlice : null,
      open: this.#open.save(),
      closed: this.#closed.slices.map(packSlice),
    };
  }

  /** To be called on a fresh object. */
  restore(saved: unknown): void {
    const state = saved as Saved;
    this.#openSlice = state.slice ?? -Infinity;
    this.#open.restore(state.open);
    for (const slice of state.closed) this.#closed.add(unpackSlice(slice, this.#table));
  }

  #close(): void {
    const all = this.#open.close(this.#openSlice);
    const kept = heaviestOf(all, this.#most);
    this.#closed.add(kept);
    if (kept === all) return;
    for (const source of kept.sources) source.slices += 1;
    this.#release(all.sources);
  }

  #release(sources: readonly Source[]): void {
    for (const source of sources) {
      source.slices -= 1;
      if (source.slices === 0) this.#table.release(source);
    }
  }
}

interface Saved {
  readonly slice: number | null;
  readonly open: SavedOpen;
  readonly closed: PackedSlice[];
}

const sliceMs = 10_000;
/** Five minutes. */
const slicesKept = 30;
