import type { EpochMs } from "@mailtide/shared";
import { type Entry, type SavedSummary, SpaceSaving } from "../sketch/space-saving.ts";
import {
  countKind,
  headOf,
  Heaviest,
  type Heavy,
  type PackedSlice,
  packSlice,
  type Slice,
  sliceOf,
  type SourceCounts,
  type SourceKind,
  type Sum,
  sumOf,
  type SumRow,
  unpackSlice,
} from "./slices.ts";

export type HeavySpan = "1m" | "5m";

/**
 * The heaviest keys of the last minute and the last five minutes. Time is cut in slices of ten seconds, each with its own
 * Space-Saving summary; summaries add up (Agarwal et al.: "Mergeable summaries", PODS 2012), so that every span is the sum
 * of its slices. A span includes the open slice: it is up to one slice longer.
 */
export class HeavyKeys {
  readonly #most: number;
  #open: SpaceSaving<SourceKind>;
  #openSlice = -Infinity;
  /** Newest last; the last five minutes. */
  #closed: Slice[] = [];
  #merged: { readonly span: HeavySpan; readonly sum: Sum; readonly head: readonly SumRow[] }[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#open = new SpaceSaving(2 * most);
  }

  /** `seat` is what it returned for the key the last time, or -1. */
  add(key: string, kind: SourceKind, atMs: EpochMs, times: number, seat = -1): number {
    const { seen, seat: taken } = this.#open.add(key, atMs, none, times, seat);
    countKind(seen, kind, times);
    return taken;
  }

  /** To be called with time that never steps back. */
  advance(nowMs: EpochMs): void {
    const slice = Math.floor(nowMs / sliceMs);
    if (slice <= this.#openSlice) return;
    if (this.#open.size > 0) this.#closed.push(this.#closeOpen());
    this.#openSlice = slice;
    let gone = 0;
    while ((this.#closed[gone]?.at ?? slice) < slice - slicesKept) gone++;
    if (gone > 0) this.#closed.splice(0, gone);
    this.#merged = [];
  }

  /** The heaviest first, by what they were seen to make; ties by key. */
  top(span: HeavySpan, most = this.#most): Heavy[] {
    const { sum, head } = this.#sumOf(span);
    const { rows, floor } = sum;
    const open = this.#open.entries();
    const openFloor = this.#open.floor;
    const top = new Heaviest<Entry<SourceKind>, SumRow>(Math.min(most, this.#most));
    const marked: SumRow[] = [];
    for (const entry of open) {
      const closed = rows.get(entry.key);
      if (closed !== undefined) {
        closed.again = true;
        marked.push(closed);
      }
      top.offer(entry.key, seenOf(entry.seen) + (closed?.seen ?? 0), entry, closed);
    }
    // Those that are marked were offered with what the open slice adds; behind the head nothing is heavier than its last.
    for (const closed of head) {
      if (closed.again) continue;
      closed.again = true;
      marked.push(closed);
      top.offer(closed.key, closed.seen, undefined, closed);
    }
    if (rows.size > head.length && !top.isAbove(head.at(-1)?.seen ?? 0))
      for (const closed of rows.values()) if (!closed.again) top.offer(closed.key, closed.seen, undefined, closed);
    for (const closed of marked) closed.again = false;
    return top.rows.map(({ key, open: now, closed }) => ({
      key,
      messages: (closed?.messages ?? 0) + (now?.seen.messages ?? 0),
      connections: (closed?.connections ?? 0) + (now?.seen.connections ?? 0),
      rejects: (closed?.rejects ?? 0) + (now?.seen.rejects ?? 0),
      error: (closed?.error ?? floor) + (now?.error ?? openFloor),
      firstMs: Math.min(closed?.firstMs ?? Infinity, now?.firstMs ?? Infinity),
    }));
  }

  save(): unknown {
    return {
      slice: Number.isFinite(this.#openSlice) ? this.#openSlice : null,
      open: this.#open.save(),
      closed: this.#closed.map(packSlice),
    };
  }

  restore(saved: unknown): void {
    const state = saved as Saved;
    this.#openSlice = state.slice ?? -Infinity;
    this.#open = new SpaceSaving(2 * this.#most);
    this.#open.restore(state.open);
    this.#closed = state.closed.map(unpackSlice);
    this.#merged = [];
  }

  #closeOpen(): Slice {
    const rows = this.#open.entries();
    const slice: Slice = { at: this.#openSlice, floor: this.#open.floor, rows };
    this.#open = new SpaceSaving(2 * this.#most);
    return rows.length <= this.#most ? slice : sliceOf(sumOf([slice], this.#most), slice.at);
  }

  /** The closed slices of a span, added up once per slice. */
  #sumOf(span: HeavySpan): { readonly sum: Sum; readonly head: readonly SumRow[] } {
    const known = this.#merged.find((merged) => merged.span === span);
    if (known !== undefined) return known;
    const parts = span === "1m" ? this.#closed.filter((part) => part.at >= this.#openSlice - 6) : this.#closed;
    const sum = sumOf(parts, Infinity);
    const merged = { span, sum, head: headOf(sum) };
    this.#merged.push(merged);
    return merged;
  }
}

interface Saved {
  readonly slice: number | null;
  readonly open: SavedSummary<SourceKind>;
  readonly closed: PackedSlice[];
}

const none: SourceCounts = { messages: 0, connections: 0, rejects: 0 };
const sliceMs = 10_000;
/** Five minutes. */
const slicesKept = 30;

const seenOf = ({ messages, connections, rejects }: SourceCounts): number => messages + connections + rejects;
