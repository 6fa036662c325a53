import { placeOf } from "./place.ts";

/**
 * A map by short texts that come and go all the time, where an engine's own costs most: a plain Map follows a chain from entry
 * to entry, and is built anew again and again for what was deleted. Here a text has eight places that lie side by side;
 * what finds them taken, by chance or because somebody chose texts to that end, goes into a plain Map. It has no order.
 */
export class TextTable<Item> {
  #buckets = leastBuckets;
  /** Of the text at each place; 0 where there is none. */
  #hashes = new Int32Array(leastBuckets * each);
  /** Of each place its text and behind it its item: whoever compares the one has the other at hand. */
  #pairs: (string | Item | undefined)[] = emptyPairs(leastBuckets);
  /** How many stand in the places. */
  #placed = 0;
  readonly #rest = new Map<string, Item>();

  get size(): number {
    return this.#placed + this.#rest.size;
  }

  get(text: string): Item | undefined {
    const at = this.#find(text, hashOf(text));
    if (at >= 0) return this.#pairs[2 * at + 1] as Item;
    return this.#rest.size === 0 ? undefined : this.#rest.get(text);
  }

  /** The text is kept: no part of a line. Gives what stood in its place before. */
  set(text: string, item: Item): Item | undefined {
    const hash = hashOf(text);
    const found = this.#find(text, hash);
    const before = found >= 0 ? (this.#pairs[2 * found + 1] as Item) : this.#rest.get(text);
    if (found >= 0) this.#pairs[2 * found + 1] = item;
    else if (before !== undefined) this.#rest.set(text, item);
    else this.#add(text, hash, item);
    return before;
  }

  /** Only this item: false when another stands there, or none. */
  delete(text: string, item: Item): boolean {
    const at = this.#find(text, hashOf(text));
    if (at < 0) return this.#rest.get(text) === item && this.#rest.delete(text);
    if (this.#pairs[2 * at + 1] !== item) return false;
    this.#hashes[at] = 0;
    this.#pairs[2 * at] = this.#pairs[2 * at + 1] = undefined;
    this.#placed -= 1;
    return true;
  }

  #find(text: string, hash: number): number {
    const hashes = this.#hashes;
    const from = (hash & (this.#buckets - 1)) * each;
    for (let at = from; at < from + each; at++) if (hashes[at] === hash && this.#pairs[2 * at] === text) return at;
    return -1;
  }

  #add(text: string, hash: number, item: Item): void {
    if (this.#placed * 2 >= this.#hashes.length) this.#grow();
    if (!this.#place(text, hash, item)) this.#rest.set(text, item);
  }

  #place(text: string, hash: number, item: Item): boolean {
    const from = (hash & (this.#buckets - 1)) * each;
    for (let at = from; at < from + each; at++) {
      if (this.#hashes[at] !== 0) continue;
      this.#hashes[at] = hash;
      this.#pairs[2 * at] = text;
      this.#pairs[2 * at + 1] = item;
      this.#placed += 1;
      return true;
    }
    return false;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const pairs = this.#pairs;
    this.#buckets *= 2;
    this.#hashes = new Int32Array(this.#buckets * each);
    this.#pairs = emptyPairs(this.#buckets);
    this.#placed = 0;
    for (const [at, hash] of hashes.entries()) {
      if (hash === 0) continue;
      const text = pairs[2 * at] as string;
      const item = pairs[2 * at + 1] as Item;
      if (!this.#place(text, hash, item)) this.#rest.set(text, item);
    }
  }
}

function hashOf(text: string): number {
  return placeOf(text, -1) || 1;
}

const emptyPairs = (buckets: number): undefined[] => Array.from({ length: buckets * each * 2 }, () => undefined);

/** Their hashes are one line of the processor's cache. */
const each = 8;
/** A power of two. */
const leastBuckets = 128;
