import { Heaviest } from "./heaviest.ts";
import { error, firstMs, messages, numbersEach, seenAt, type Slice } from "./slices.ts";
import type { Source } from "./source.ts";

/** Behind what a slice has of a source: the floors of the slices that list it, and all kinds together. */
const floors = numbersEach;
const seen = numbersEach + 1;
const each = numbersEach + 2;

/** Slices added up, one sum at a time: each source remembers where it stands in the last one. */
export class SliceSum {
  readonly sources: Source[] = [];
  #numbers = new Float64Array(0);
  /** So often it was summed. */
  #times = 0;
  floor = 0;
  /** The first rows by what was seen, heaviest first. */
  head: number[] = [];

  add(slices: readonly Slice[]): void {
    this.#times += 1;
    this.sources.length = 0;
    this.floor = 0;
    let rows = 0;
    for (const slice of slices) rows += slice.sources.length;
    if (this.#numbers.length < rows * each) this.#numbers = new Float64Array(2 * rows * each);
    for (const slice of slices) this.#add(slice);
    const head = new Heaviest(headRows);
    for (let row = 0; row < this.sources.length; row++) head.offer(this.keyOf(row), this.seenOf(row), -1, row);
    this.head = head.rows.map(({ closed }) => closed);
  }

  /** -1 where it is in none of the slices. */
  rowOf(source: Source): number {
    return source.sum === this.#times ? source.row : -1;
  }

  keyOf(row: number): string {
    return this.sources[row]?.ip ?? "";
  }

  seenOf(row: number): number {
    return this.#numbers[row * each + seen] ?? 0;
  }

  /** One of a slice's numbers. In a slice that does not list a source it may have made up to that slice's floor. */
  number(row: number, number: number): number {
    const own = this.#numbers[row * each + number] ?? 0;
    return number === error ? own + this.floor - (this.#numbers[row * each + floors] ?? 0) : own;
  }

  #add({ floor, sources, numbers }: Slice): void {
    this.floor += floor;
    const sums = this.#numbers;
    for (let at = 0; at < sources.length; at++) {
      const source = sources[at] as Source;
      const from = at * numbersEach;
      let to = source.row * each;
      if (source.sum !== this.#times) {
        source.sum = this.#times;
        source.row = this.sources.length;
        this.sources.push(source);
        to = source.row * each;
        for (let number = 0; number < each; number++) sums[to + number] = number === firstMs ? Infinity : 0;
      }
      for (let number = messages; number <= error; number++)
        sums[to + number] = (sums[to + number] ?? 0) + (numbers[from + number] ?? 0);
      sums[to + firstMs] = Math.min(sums[to + firstMs] ?? 0, numbers[from + firstMs] ?? 0);
      sums[to + floors] = (sums[to + floors] ?? 0) + floor;
      sums[to + seen] = (sums[to + seen] ?? 0) + seenAt(numbers, from);
    }
  }
}

/** As many as a screen shows, and some that the open slice may hold as well. */
const headRows = 60;
