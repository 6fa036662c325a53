import type { EpochMs } from "@mailtide/shared";
import { Heaviest } from "./heaviest.ts";
import { connections, error, firstMs, messages, numbersEach, rejects, seenAt, type Slice } from "./slices.ts";
import type { Source } from "./source.ts";

/** So many sums of a row lie together: the kinds, and how many slices list the source. */
const listed = 3;
const each = 4;
/** Apart, since they are nothing while nobody is pushed out of a slice: errors, and floors of the slices that list it. */
const errors = 0;
const floors = 1;
const eachAside = 2;

/**
 * Slices added up when somebody asks: the sums stay right as younger slices come and the oldest go, and a replay in which
 * nobody asks adds nothing up.
 */
export class SliceSum {
  /** Which of its two rows a source has here. */
  readonly #isBrief: boolean;
  readonly #slices: Slice[] = [];
  /** So many of them, the oldest, are in the sums; so are those that have gone since. */
  #counted = 0;
  #gone: Slice[] = [];
  /** By row. */
  readonly #sources: Source[] = [];
  #sums = new Float64Array(each * leastRows);
  #aside = new Float64Array(eachAside * leastRows);
  #floor = 0;
  #head: readonly number[] | null = null;

  constructor(isBrief: boolean) {
    this.#isBrief = isBrief;
  }

  /** Oldest first. */
  get slices(): readonly Slice[] {
    return this.#slices;
  }

  /** What a source that no slice lists has made at most. */
  get floor(): number {
    return this.#floor;
  }

  get rows(): number {
    return this.#sources.length;
  }

  /** The first rows by what was seen, heaviest first. */
  get head(): readonly number[] {
    if (this.#head !== null) return this.#head;
    const head = new Heaviest(headRows);
    for (let row = 0; row < this.rows; row++) {
      const seen = this.seenOf(row);
      if (!head.isAbove(seen)) head.offer(this.keyOf(row), seen, -1, row);
    }
    return (this.#head = head.rows.map(({ closed }) => closed));
  }

  /** -1 where no slice lists it. */
  rowOf(source: Source): number {
    return this.#isBrief ? source.briefRow : source.row;
  }

  keyOf(row: number): string {
    return this.#sources[row]?.ip ?? "";
  }

  /** All kinds together. */
  seenOf(row: number): number {
    return seenAt(this.#sums, row * each);
  }

  madeOf(row: number, kind: number): number {
    return this.#sums[row * each + kind] ?? 0;
  }

  /** In a slice that does not list it, it may have made up to that slice's floor. */
  errorOf(row: number): number {
    const at = row * eachAside;
    return (this.#aside[at + errors] ?? 0) + this.#floor - (this.#aside[at + floors] ?? 0);
  }

  firstMsOf(row: number): EpochMs {
    const source = this.#sources[row];
    if (source === undefined) return Infinity;
    for (const { sources, numbers } of this.#slices) {
      const at = sources.indexOf(source);
      if (at >= 0) return numbers[at * numbersEach + firstMs] ?? Infinity;
    }
    return Infinity;
  }

  /** One that is younger than all others. */
  add(slice: Slice): void {
    this.#slices.push(slice);
  }

  takeOldest(): Slice | undefined {
    const oldest = this.#slices.shift();
    if (oldest === undefined || this.#counted === 0) return oldest;
    this.#counted -= 1;
    this.#gone.push(oldest);
    return oldest;
  }

  /** To be called before rows are asked for. */
  settle(): void {
    for (const slice of this.#gone) this.#takeOut(slice);
    this.#gone = [];
    for (const slice of this.#slices.slice(this.#counted)) this.#count(slice, 1);
    this.#counted = this.#slices.length;
  }

  #takeOut(slice: Slice): void {
    this.#count(slice, -1);
    for (const source of slice.sources) {
      const row = this.rowOf(source);
      if (this.#sums[row * each + listed] === 0) this.#free(source, row);
    }
  }

  #count({ floor, sources, numbers }: Slice, sign: 1 | -1): void {
    this.#floor += sign * floor;
    this.#head = null;
    for (let at = 0; at < sources.length; at++) {
      const source = sources[at] as Source;
      const known = this.rowOf(source);
      const row = known < 0 ? this.#take(source) : known;
      const to = row * each;
      const from = at * numbersEach;
      const sums = this.#sums;
      sums[to + messages] = (sums[to + messages] ?? 0) + sign * (numbers[from + messages] ?? 0);
      sums[to + connections] = (sums[to + connections] ?? 0) + sign * (numbers[from + connections] ?? 0);
      sums[to + rejects] = (sums[to + rejects] ?? 0) + sign * (numbers[from + rejects] ?? 0);
      sums[to + listed] = (sums[to + listed] ?? 0) + sign;
      if (floor > 0) this.#countAside(row, sign * (numbers[from + error] ?? 0), sign * floor);
    }
  }

  #countAside(row: number, error: number, floor: number): void {
    const aside = this.#aside;
    const at = row * eachAside;
    aside[at + errors] = (aside[at + errors] ?? 0) + error;
    aside[at + floors] = (aside[at + floors] ?? 0) + floor;
  }

  #take(source: Source): number {
    const row = this.#sources.push(source) - 1;
    if (this.rows * each > this.#sums.length) {
      this.#sums = twiceAs(this.#sums);
      this.#aside = twiceAs(this.#aside);
    }
    this.#sums.fill(0, row * each, this.rows * each);
    this.#aside.fill(0, row * eachAside, this.rows * eachAside);
    this.#setRow(source, row);
    return row;
  }

  /** The last takes its row. */
  #free(source: Source, row: number): void {
    const last = this.rows - 1;
    const moved = this.#sources[last];
    if (moved !== undefined && moved !== source) {
      this.#sums.copyWithin(row * each, last * each, this.rows * each);
      this.#aside.copyWithin(row * eachAside, last * eachAside, this.rows * eachAside);
      this.#sources[row] = moved;
      this.#setRow(moved, row);
    }
    this.#sources.pop();
    this.#setRow(source, -1);
  }

  #setRow(source: Source, row: number): void {
    if (this.#isBrief) source.briefRow = row;
    else source.row = row;
  }
}

function twiceAs(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

const leastRows = 256;
/** As many as a screen shows, and some that the open slice may hold as well. */
const headRows = 60;
