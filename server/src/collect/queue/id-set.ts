import { numberOf } from "../../core/sketch/number-of.ts";

/**
 * A set of ids by their hashes of 53 bits, in tables of numbers: a hundred thousand strings that are kept until the end
 * of a listing are copied about by the garbage collector, which holds the event loop for longer than anything else about it.
 * Two ids are taken for one with a chance of one in a million over a listing of 100,000; then one that has gone is
 * noticed by the log only.
 */
export class IdSet {
  /** By the first bits of the hash; each grows by itself, for a large table that is built anew at once holds the loop too. */
  readonly #tables: Float64Array[];
  readonly #sizes = new Uint32Array(tables);
  #size = 0;

  /** `expected`: how many will likely be added, so that the tables need not grow. */
  constructor(expected = 0) {
    let places = leastPlaces;
    while (places < (2.5 * expected) / tables) places *= 2;
    this.#tables = Array.from({ length: tables }, () => new Float64Array(places));
  }

  get size(): number {
    return this.#size;
  }

  add(id: string): void {
    const hash = numberOf(id);
    const which = tableOf(hash);
    const table = this.#tables[which] ?? none;
    const place = placeOf(table, hash);
    if (table[place] === hash) return;
    table[place] = hash;
    this.#size += 1;
    const size = (this.#sizes[which] ?? 0) + 1;
    this.#sizes[which] = size;
    if (2 * size > table.length) this.#tables[which] = twice(table);
  }

  has(id: string): boolean {
    const hash = numberOf(id);
    const table = this.#tables[tableOf(hash)] ?? none;
    return table[placeOf(table, hash)] === hash;
  }
}

function twice(table: Float64Array): Float64Array {
  const larger = new Float64Array(2 * table.length);
  for (const hash of table) if (hash !== 0) larger[placeOf(larger, hash)] = hash;
  return larger;
}

/** Where it stands, or would. */
function placeOf(table: Float64Array, hash: number): number {
  const last = table.length - 1;
  let place = hash % table.length;
  while (table[place] !== 0 && table[place] !== hash) place = (place + 1) & last;
  return place;
}

const tableOf = (hash: number): number => Math.floor(hash / 2 ** (53 - tableBits));

const tableBits = 6;
const tables = 2 ** tableBits;
/** A power of two, as all sizes are. */
const leastPlaces = 64;
const none = new Float64Array(1);
