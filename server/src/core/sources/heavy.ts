import type { EpochMs } from "@mailtide/shared";
import { type SavedEntry, SpaceSaving } from "../sketch/space-saving.ts";

export type SourceKind = "messages" | "connections" | "rejects";
export type SourceCounts = Record<SourceKind, number>;

/** What a key was seen to make: lower bounds, each short by `error` at most, all kinds together. */
export interface Heavy extends SourceCounts {
  readonly key: string;
  readonly error: number;
  readonly firstMs: EpochMs;
}

export type HeavySpan = "1m" | "5m" | "1h";

/**
 * The heaviest keys of the last minute, five minutes and hour. Time is cut in slices of ten seconds, each with its own
 * Space-Saving summary; summaries add up (Agarwal et al.: "Mergeable summaries", PODS 2012), so that every span is the
 * sum of its slices and an hour needs only twelve. A span includes the open slice: it is up to one slice longer.
 */
export class HeavyKeys {
  readonly #most: number;
  #open: SpaceSaving<SourceKind>;
  #openSlice = -Infinity;
  /** Newest last; the last five minutes. */
  #short: Slice[] = [];
  /** Newest last; five minutes each, the last hour. */
  #long: Slice[] = [];
  #merged: { readonly span: HeavySpan; readonly slice: Slice }[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#open = new SpaceSaving(2 * most);
  }

  add(key: string, kind: SourceKind, atMs: EpochMs, times: number): void {
    this.#open.add(key, kind, atMs, none, times);
  }

  /** To be called with time that never steps back. */
  advance(nowMs: EpochMs): void {
    const slice = Math.floor(nowMs / sliceMs);
    if (slice <= this.#openSlice) return;
    if (this.#open.size > 0) this.#short.push(this.#closeOpen());
    const long = Math.floor(this.#openSlice / slicesInLong);
    if (Number.isFinite(long) && Math.floor(slice / slicesInLong) > long) {
      const parts = this.#short.filter((part) => Math.floor(part.at / slicesInLong) === long);
      if (parts.length > 0) this.#long.push({ ...mergeSlices(parts, this.#most), at: long });
    }
    this.#openSlice = slice;
    this.#short = this.#short.filter((part) => part.at >= slice - slicesInLong);
    this.#long = this.#long.filter((part) => part.at >= Math.floor(slice / slicesInLong) - 12);
    this.#merged = [];
  }

  /** The heaviest first, by what they were seen to make; ties by key. */
  top(span: HeavySpan, most = this.#most): Heavy[] {
    const { rows } = mergeSlices([this.#closed(span), this.#openNow()], this.#most);
    return rows.slice(0, most);
  }

  /** What a key that `top` does not show has made at most in the span. */
  floor(span: HeavySpan): number {
    return mergeSlices([this.#closed(span), this.#openNow()], this.#most).floor;
  }

  save(): unknown {
    return {
      slice: Number.isFinite(this.#openSlice) ? this.#openSlice : null,
      open: this.#open.save(),
      short: this.#short.map(packSlice),
      long: this.#long.map(packSlice),
    };
  }

  restore(saved: unknown): void {
    const state = saved as Saved;
    this.#openSlice = state.slice ?? -Infinity;
    this.#open = new SpaceSaving(2 * this.#most);
    this.#open.restore(state.open);
    this.#short = state.short.map(unpackSlice);
    this.#long = state.long.map(unpackSlice);
    this.#merged = [];
  }

  #closeOpen(): Slice {
    const slice = mergeSlices([this.#openNow()], this.#most);
    this.#open = new SpaceSaving(2 * this.#most);
    return { ...slice, at: this.#openSlice };
  }

  #openNow(): Slice {
    const rows = this.#open.entries().map(({ key, error, firstMs, seen: { messages, connections, rejects } }) => ({
      key,
      messages,
      connections,
      rejects,
      error,
      firstMs,
    }));
    return { at: this.#openSlice, floor: this.#open.floor, rows };
  }

  /** The closed slices of a span, added up once per slice. */
  #closed(span: HeavySpan): Slice {
    const known = this.#merged.find((merged) => merged.span === span);
    if (known !== undefined) return known.slice;
    const long = Math.floor(this.#openSlice / slicesInLong);
    const parts =
      span === "1m"
        ? this.#short.filter((part) => part.at >= this.#openSlice - 6)
        : span === "5m"
          ? this.#short
          : [...this.#long, ...this.#short.filter((part) => Math.floor(part.at / slicesInLong) === long)];
    const slice = mergeSlices(parts, 2 * this.#most);
    this.#merged.push({ span, slice });
    return slice;
  }
}

interface Slice {
  readonly at: number;
  /** What a key that is not in `rows` has made at most. */
  readonly floor: number;
  readonly rows: Heavy[];
}
interface Saved {
  readonly slice: number | null;
  readonly open: SavedEntry<SourceKind>[];
  readonly short: PackedSlice[];
  readonly long: PackedSlice[];
}
type PackedRow = [string, number, number, number, number, number];
type PackedSlice = [at: number, floor: number, rows: PackedRow[]];

const none: SourceCounts = { messages: 0, connections: 0, rejects: 0 };
const sliceMs = 10_000;
const slicesInLong = 30;

const seenOf = ({ messages, connections, rejects }: SourceCounts): number => messages + connections + rejects;

function mergeSlices(slices: readonly Slice[], most: number): Slice {
  const rows = new Map<string, { -readonly [K in keyof Heavy]: Heavy[K] } & { floors: number }>();
  let floor = 0;
  for (const slice of slices) {
    floor += slice.floor;
    for (const row of slice.rows) {
      const sum = rows.get(row.key);
      if (sum === undefined) rows.set(row.key, { ...row, floors: slice.floor });
      else {
        sum.messages += row.messages;
        sum.connections += row.connections;
        sum.rejects += row.rejects;
        sum.error += row.error;
        sum.firstMs = Math.min(sum.firstMs, row.firstMs);
        sum.floors += slice.floor;
      }
    }
  }
  // In a slice that does not list the key it may have made up to that slice's floor.
  const all = [...rows.values()].map(({ floors, ...row }) => ({ ...row, error: row.error + floor - floors }));
  all.sort((a, b) => seenOf(b) - seenOf(a) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const dropped of all.splice(Math.min(most, all.length)))
    floor = Math.max(floor, seenOf(dropped) + dropped.error);
  return { at: slices.at(-1)?.at ?? -Infinity, floor, rows: all };
}

const packSlice = ({ at, floor, rows }: Slice): PackedSlice => [
  at,
  floor,
  rows.map((row) => [row.key, row.messages, row.connections, row.rejects, row.error, row.firstMs]),
];
const unpackSlice = ([at, floor, rows]: PackedSlice): Slice => ({
  at,
  floor,
  rows: rows.map(([key, messages, connections, rejects, error, firstMs]) => ({
    key,
    messages,
    connections,
    rejects,
    error,
    firstMs,
  })),
});
