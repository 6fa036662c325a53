import type { EpochMs } from "@mailtide/shared";

/** Consecutive items of one input, in time order. */
export interface Portion<T> {
  readonly length: number;
  /** When each stands in time. */
  readonly atMs: readonly EpochMs[] | Float64Array;
  /** What stands there, until the next is asked for. */
  at(place: number): T;
  /** The same to be kept. */
  kept(place: number): T;
}

/** Some of a portion. */
export interface Run<T> {
  readonly portion: Portion<T>;
  readonly from: number;
  to: number;
}

/** A portion of things that are there, and that can still take some. */
export class GrowingPortion<T> implements Portion<T> {
  readonly atMs: EpochMs[] = [];
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  add(atMs: EpochMs, item: T): void {
    this.atMs.push(atMs);
    this.#items.push(item);
  }

  at(place: number): T {
    return this.#items[place] as T;
  }

  kept(place: number): T {
    return this.at(place);
  }
}

/** All of a portion. */
export const wholeOf = <T>(portion: Portion<T>): Run<T> => ({ portion, from: 0, to: portion.length });

/** What runs hold, to be kept. */
export function* keptOf<T>(runs: readonly Run<T>[]): Generator<T> {
  for (const { portion, from, to } of runs) for (let place = from; place < to; place++) yield portion.kept(place);
}
