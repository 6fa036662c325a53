/**
 * A set of ids by their hashes of 53 bits, in one table of numbers: a hundred thousand strings that are kept until the end
 * of a listing are copied about by the garbage collector, which holds the event loop for longer than anything else about it.
 * Two ids are taken for one with a chance of one in a million over a listing of 100,000; then one that has gone is
 * noticed by the log only.
 */
export class IdSet {
  #table = new Float64Array(leastPlaces);
  #size = 0;

  /** `expected`: how many will likely be added, so that the table needs not grow. */
  constructor(expected = 0) {
    let places = leastPlaces;
    while (places < 2 * expected) places *= 2;
    this.#table = new Float64Array(places);
  }

  get size(): number {
    return this.#size;
  }

  add(id: string): void {
    const hash = hashOf(id);
    const place = placeOf(this.#table, hash);
    if (this.#table[place] === hash) return;
    this.#table[place] = hash;
    this.#size += 1;
    if (2 * this.#size > this.#table.length) this.#grow();
  }

  has(id: string): boolean {
    const hash = hashOf(id);
    return this.#table[placeOf(this.#table, hash)] === hash;
  }

  #grow(): void {
    const table = new Float64Array(2 * this.#table.length);
    for (const hash of this.#table) if (hash !== 0) table[placeOf(table, hash)] = hash;
    this.#table = table;
  }
}

/** Where it stands, or would. */
function placeOf(table: Float64Array, hash: number): number {
  const last = table.length - 1;
  let place = hash % table.length;
  while (table[place] !== 0 && table[place] !== hash) place = (place + 1) & last;
  return place;
}

/** Two multiplicative hashes of 32 bits, of which 53 are kept; 0 is an empty place. */
function hashOf(id: string): number {
  let high = 0x81_1c_9d_c5;
  let low = 0x9e_37_79_b9;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01_00_01_93);
    low = Math.imul(low ^ code, 0x5b_d1_e9_95);
    low ^= low >>> 15;
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11) || 1;
}

/** A power of two, as all sizes are. */
const leastPlaces = 1_024;
