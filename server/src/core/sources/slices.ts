import type { EpochMs } from "@mailtide/shared";
import type { Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

export type SourceKind = "messages" | "connections" | "rejects";
export type SourceCounts = Record<SourceKind, number>;

/** Where a source's numbers stand in those of a slice or a sum; so many each. */
export const messages = 0;
export const connections = 1;
export const rejects = 2;
export const error = 3;
export const firstMs = 4;
export const numbersEach = 5;

/** By its name each: a key that is looked up for every line costs more than all that the line changes. */
export const placeOfKind = (kind: SourceKind): number =>
  kind === "messages" ? messages : kind === "connections" ? connections : rejects;

/**
 * A closed stretch of time: what each source was seen to make, and its `error`, which it may have made beyond that. Numbers
 * lie flat: hundreds of thousands of small objects that live for five minutes are what an engine collects worst.
 */
export interface Slice {
  readonly at: number;
  /** What a source that is not listed has made at most. */
  readonly floor: number;
  /** In no order that matters. */
  readonly sources: readonly Source[];
  readonly numbers: Float64Array;
}

/** All kinds together. */
export const seenAt = (numbers: Float64Array, from: number): number =>
  (numbers[from + messages] ?? 0) + (numbers[from + connections] ?? 0) + (numbers[from + rejects] ?? 0);

/** The `most` heaviest of a slice; what falls out raises the floor. */
export function heaviestOf(slice: Slice, most: number): Slice {
  const { at, sources, numbers } = slice;
  if (sources.length <= most) return slice;
  const isDropped = lightest(slice, most);
  let { floor } = slice;
  const kept: Source[] = [];
  const rows = new Float64Array(most * numbersEach);
  for (const [row, source] of sources.entries()) {
    const from = row * numbersEach;
    if (isDropped[row] === 1) floor = Math.max(floor, seenAt(numbers, from) + (numbers[from + error] ?? 0));
    else rows.set(numbers.subarray(from, from + numbersEach), kept.push(source) * numbersEach - numbersEach);
  }
  return { at, floor, sources: kept, numbers: rows };
}

/** Marks all but the `most` heaviest, ties by address. Only what weighs the same as the last that stays is put in order. */
function lightest({ sources, numbers }: Slice, most: number): Uint8Array {
  const weights = Float64Array.from(sources, (_, row) => seenAt(numbers, row * numbersEach));
  const edge = weights.toSorted()[weights.length - most] ?? 0;
  const isDropped = new Uint8Array(sources.length);
  const equal: number[] = [];
  let heavier = 0;
  for (const [row, weight] of weights.entries()) {
    if (weight > edge) heavier += 1;
    else if (weight < edge) isDropped[row] = 1;
    else equal.push(row);
  }
  for (const row of behindFirst(equal, sources, most - heavier)) isDropped[row] = 1;
  return isDropped;
}

/** All but the `most` first by address. Only those that begin like the last that stays are compared in full. */
function behindFirst(rows: readonly number[], sources: readonly Source[], most: number): number[] {
  const ipOf = (row: number): string => sources[row]?.ip ?? "";
  const beginnings = Float64Array.from(rows, (row) => beginningOf(ipOf(row)));
  const edge = beginnings.toSorted()[most - 1] ?? -1;
  const [behind, like]: [number[], number[]] = [[], []];
  let before = 0;
  for (const [at, row] of rows.entries()) {
    const beginning = beginnings[at] ?? 0;
    if (beginning < edge) before += 1;
    else (beginning > edge ? behind : like).push(row);
  }
  return [...behind, ...like.sort((a, b) => (ipOf(a) < ipOf(b) ? -1 : 1)).slice(most - before)];
}

/** The first seven characters as a number in their order; all beyond ASCII are one. */
function beginningOf(key: string): number {
  let beginning = 0;
  for (let at = 0; at < 7; at++)
    beginning = beginning * 128 + (at < key.length ? Math.min(key.charCodeAt(at), 126) + 1 : 0);
  return beginning;
}

type PackedRow = [ip: string, messages: number, connections: number, rejects: number, error: number, firstMs: EpochMs];
export type PackedSlice = [at: number, floor: number, rows: PackedRow[]];

export const packSlice = ({ at, floor, sources, numbers }: Slice): PackedSlice => [
  at,
  floor,
  sources.map(({ ip }, row) => {
    const number = (place: number): number => numbers[row * numbersEach + place] ?? 0;
    return [ip, number(messages), number(connections), number(rejects), number(error), number(firstMs)];
  }),
];

export function unpackSlice([at, floor, rows]: PackedSlice, table: SourceTable): Slice {
  const sources = rows.map(([ip]) => table.of(ip));
  for (const source of sources) source.slices += 1;
  return { at, floor, sources, numbers: Float64Array.from(rows.flatMap(([, ...numbers]) => numbers)) };
}
