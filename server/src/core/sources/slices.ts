import type { EpochMs } from "@mailtide/shared";

export type SourceKind = "messages" | "connections" | "rejects";
export type SourceCounts = Record<SourceKind, number>;

/** By its name each: a key that is looked up for every line costs more than all that the line changes. */
export function countKind(counts: SourceCounts, kind: SourceKind, times: number): void {
  if (kind === "messages") counts.messages += times;
  else if (kind === "connections") counts.connections += times;
  else counts.rejects += times;
}

/** What a key was seen to make: lower bounds, each short by `error` at most, all kinds together. */
export interface Heavy extends SourceCounts {
  readonly key: string;
  readonly error: number;
  readonly firstMs: EpochMs;
}

/** A closed stretch of time; rows in no order that matters. */
export interface Slice {
  readonly at: number;
  /** What a key that is not in `rows` has made at most. */
  readonly floor: number;
  readonly rows: readonly Row[];
}
/** As a summary keeps it, so that closing a slice copies nothing. */
interface Row {
  readonly key: string;
  readonly seen: Readonly<SourceCounts>;
  readonly error: number;
  readonly firstMs: EpochMs;
}

/** Slices added up. */
export interface Sum {
  readonly floor: number;
  /** In no order that matters. */
  readonly rows: ReadonlyMap<string, SumRow>;
}
export interface SumRow extends SourceCounts {
  readonly key: string;
  /** All kinds together. */
  seen: number;
  error: number;
  firstMs: EpochMs;
  /** Of the slices that list the key. */
  floors: number;
  /** A mark for whoever walks over the rows. */
  again: boolean;
}

/** The `most` heaviest of all slices together; what falls out raises the floor. */
export function sumOf(slices: readonly Slice[], most: number): Sum {
  const rows = new Map<string, SumRow>();
  let floor = 0;
  for (const slice of slices) {
    floor += slice.floor;
    for (const row of slice.rows) add(rows, row, slice.floor);
  }
  // In a slice that does not list the key it may have made up to that slice's floor.
  for (const row of rows.values()) row.error += floor - row.floors;
  if (rows.size > most)
    for (const dropped of lightest(rows, most)) {
      floor = Math.max(floor, dropped.seen + dropped.error);
      rows.delete(dropped.key);
    }
  return { floor, rows };
}

/** All but the `most` heaviest, ties by key. Only what weighs the same as the last that stays has to be put in order. */
function lightest(rows: ReadonlyMap<string, SumRow>, most: number): SumRow[] {
  const weights = new Float64Array(rows.size);
  let at = 0;
  for (const { seen } of rows.values()) weights[at++] = seen;
  const edge = weights.sort()[weights.length - most] ?? 0;
  const [lighter, equal]: [SumRow[], SumRow[]] = [[], []];
  let heavier = 0;
  for (const row of rows.values()) {
    if (row.seen > edge) heavier += 1;
    else (row.seen < edge ? lighter : equal).push(row);
  }
  return [...lighter, ...behindFirst(equal, most - heavier)];
}

/** All but the `most` first by key. Only those that begin like the last that stays are compared in full. */
function behindFirst(rows: readonly SumRow[], most: number): SumRow[] {
  const beginnings = new Float64Array(rows.length);
  for (const [at, { key }] of rows.entries()) beginnings[at] = beginningOf(key);
  const edge = beginnings.toSorted()[most - 1] ?? -1;
  const [behind, like]: [SumRow[], SumRow[]] = [[], []];
  let before = 0;
  for (const [at, row] of rows.entries()) {
    const beginning = beginnings[at] ?? 0;
    if (beginning < edge) before += 1;
    else (beginning > edge ? behind : like).push(row);
  }
  return [...behind, ...like.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(most - before)];
}

/** The first seven characters as a number in their order; all beyond ASCII are one. */
function beginningOf(key: string): number {
  let beginning = 0;
  for (let at = 0; at < 7; at++)
    beginning = beginning * 128 + (at < key.length ? Math.min(key.charCodeAt(at), 126) + 1 : 0);
  return beginning;
}

/** The first of the rows by what was seen, heaviest first. */
export function headOf({ rows }: Sum): SumRow[] {
  const head = new Heaviest<never, SumRow>(headRows);
  for (const row of rows.values()) head.offer(row.key, row.seen, undefined, row);
  return head.rows.flatMap(({ closed }) => closed ?? []);
}

/** As many as a screen shows, and some that the open slice may hold as well. */
const headRows = 60;

function add(rows: Map<string, SumRow>, { key, seen: counts, error, firstMs }: Row, floor: number): void {
  const { messages, connections, rejects } = counts;
  const seen = messages + connections + rejects;
  const sum = rows.get(key);
  if (sum === undefined) {
    rows.set(key, { key, messages, connections, rejects, seen, error, firstMs, floors: floor, again: false });
    return;
  }
  sum.messages += messages;
  sum.connections += connections;
  sum.rejects += rejects;
  sum.seen += seen;
  sum.error += error;
  if (firstMs < sum.firstMs) sum.firstMs = firstMs;
  sum.floors += floor;
}

export function sliceOf({ floor, rows }: Sum, at: number): Slice {
  return {
    at,
    floor,
    rows: Array.from(rows.values(), ({ key, messages, connections, rejects, error, firstMs }) => ({
      key,
      seen: { messages, connections, rejects },
      error,
      firstMs,
    })),
  };
}

/** The first few of many without sorting them: heaviest first, ties by key. */
export class Heaviest<Open, Closed> {
  readonly rows: {
    readonly key: string;
    readonly seen: number;
    readonly open: Readonly<Open> | undefined;
    readonly closed: Closed | undefined;
  }[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Full of what weighs more than this. */
  isAbove(seen: number): boolean {
    const last = this.rows[this.#most - 1];
    return last !== undefined && last.seen > seen;
  }

  offer(key: string, seen: number, open: Readonly<Open> | undefined, closed: Closed | undefined): void {
    const { rows } = this;
    const last = rows[this.#most - 1];
    if (last !== undefined && (seen < last.seen || (seen === last.seen && key > last.key))) return;
    if (last !== undefined) rows.pop();
    let at = rows.length;
    for (; at > 0; at--) {
      const before = rows[at - 1];
      if (before === undefined || before.seen > seen || (before.seen === seen && before.key < key)) break;
    }
    rows.splice(at, 0, { key, seen, open, closed });
  }
}

type PackedRow = [string, number, number, number, number, number];
export type PackedSlice = [at: number, floor: number, rows: PackedRow[]];

export const packSlice = ({ at, floor, rows }: Slice): PackedSlice => [
  at,
  floor,
  rows.map(({ key, seen, error, firstMs }) => [key, seen.messages, seen.connections, seen.rejects, error, firstMs]),
];
export const unpackSlice = ([at, floor, rows]: PackedSlice): Slice => ({
  at,
  floor,
  rows: rows.map(([key, messages, connections, rejects, error, firstMs]) => ({
    key,
    seen: { messages, connections, rejects },
    error,
    firstMs,
  })),
});
