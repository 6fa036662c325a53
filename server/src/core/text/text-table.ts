import { placeOf } from "./place.ts";

/**
 * A map by short texts that come and go all the time, where an engine's own costs most: a plain Map follows a chain from entry
 * to entry, and is built anew again and again for what was deleted. Here a text has eight places that lie side by side;
 * what finds them taken, by chance or because somebody chose texts to that end, goes into a plain Map. It has no order.
 * It grows by a page at a time (extendible hashing: Fagin and others, 1979): a table of a hundred thousand that were built
 * anew at once would hold whoever waits for it.
 */
export class TextTable<Item> {
  /** By the bits of the hash beyond those that choose the bucket; as many of these in a row as a page has in common. */
  #pages: Page<Item>[] = [new Page(0, leastBuckets)];
  /** How many of them are different. */
  #different = 1;
  /** How many stand in the pages. */
  #placed = 0;
  readonly #rest = new Map<string, Item>();

  get size(): number {
    return this.#placed + this.#rest.size;
  }

  get(text: string): Item | undefined {
    const hash = hashOf(text);
    const page = this.#pageOf(hash);
    const at = find(page, text, hash);
    if (at >= 0) return page.pairs[2 * at + 1] as Item;
    return this.#rest.size === 0 ? undefined : this.#rest.get(text);
  }

  /** The text is kept: no part of a line. Gives what stood in its place before. */
  set(text: string, item: Item): Item | undefined {
    const hash = hashOf(text);
    const page = this.#pageOf(hash);
    const found = find(page, text, hash);
    const before = found >= 0 ? (page.pairs[2 * found + 1] as Item) : this.#rest.get(text);
    if (found >= 0) page.pairs[2 * found + 1] = item;
    else if (before !== undefined) this.#rest.set(text, item);
    else this.#add(page, text, hash, item);
    return before;
  }

  /** Only this item: false when another stands there, or none. */
  delete(text: string, item: Item): boolean {
    const hash = hashOf(text);
    const page = this.#pageOf(hash);
    const at = find(page, text, hash);
    if (at < 0) return this.#rest.get(text) === item && this.#rest.delete(text);
    if (page.pairs[2 * at + 1] !== item) return false;
    page.hashes[at] = 0;
    page.pairs[2 * at] = page.pairs[2 * at + 1] = undefined;
    page.placed -= 1;
    this.#placed -= 1;
    return true;
  }

  #pageOf(hash: number): Page<Item> {
    const pages = this.#pages;
    // Its length is a power of two.
    return pages[(hash >>> pageShift) & (pages.length - 1)] as Page<Item>;
  }

  #add(page: Page<Item>, text: string, hash: number, item: Item): void {
    if (page.placed * 2 >= page.hashes.length && this.#grow(page)) {
      this.#add(this.#pageOf(hash), text, hash, item);
      return;
    }
    if (place(page, text, hash, item)) this.#placed += 1;
    else this.#rest.set(text, item);
  }

  /** A small page is doubled, a large one split by one more bit. False where its list would be nearly all the same pages. */
  #grow(page: Page<Item>): boolean {
    const { depth, hashes } = page;
    const bit = 2 ** depth;
    if (hashes.length < mostBuckets * each) {
      const larger = new Page<Item>(depth, (2 * hashes.length) / each);
      this.#move(page, larger, larger);
      return true;
    }
    if (this.#pages.length === bit) {
      if (this.#pages.length >= mostAlike * this.#different) return false;
      this.#pages = [...this.#pages, ...this.#pages];
    }
    this.#different += 1;
    this.#move(page, new Page(depth + 1, mostBuckets), new Page(depth + 1, mostBuckets));
    return true;
  }

  /** To where the next bit is not set, and where it is. Into buckets as full as before or less, so that each finds a place. */
  #move(page: Page<Item>, without: Page<Item>, having: Page<Item>): void {
    const bit = 2 ** page.depth;
    for (let at = 0; at < page.hashes.length; at++) {
      const hash = page.hashes[at] ?? 0;
      if (hash === 0) continue;
      const text = page.pairs[2 * at] as string;
      const item = page.pairs[2 * at + 1] as Item;
      place(((hash >>> pageShift) & bit) === 0 ? without : having, text, hash, item);
    }
    for (let at = 0; at < this.#pages.length; at++)
      if (this.#pages[at] === page) this.#pages[at] = (at & bit) === 0 ? without : having;
  }
}

class Page<Item> {
  /** How many bits of their hashes all its texts have in common, beyond those of the bucket. */
  readonly depth: number;
  /** Of the text at each place; 0 where there is none. */
  readonly hashes: Int32Array;
  /** Of each place its text and behind it its item: whoever compares the one has the other at hand. */
  readonly pairs: (string | Item | undefined)[];
  placed = 0;

  constructor(depth: number, buckets: number) {
    this.depth = depth;
    this.hashes = new Int32Array(buckets * each);
    this.pairs = blank.slice(0, buckets * each * 2);
  }
}

/** Where it stands; -1 where it does not. */
function find<Item>({ hashes, pairs }: Page<Item>, text: string, hash: number): number {
  const from = (hash << eachBits) & (hashes.length - 1);
  for (let at = from; at < from + each; at++) if (hashes[at] === hash && pairs[2 * at] === text) return at;
  return -1;
}

/** False where the bucket is full. */
function place<Item>(page: Page<Item>, text: string, hash: number, item: Item): boolean {
  const from = (hash << eachBits) & (page.hashes.length - 1);
  for (let at = from; at < from + each; at++) {
    if (page.hashes[at] !== 0) continue;
    page.hashes[at] = hash;
    page.pairs[2 * at] = text;
    page.pairs[2 * at + 1] = item;
    page.placed += 1;
    return true;
  }
  return false;
}

function hashOf(text: string): number {
  return placeOf(text, -1) || 1;
}

/** Their hashes are one line of the processor's cache. */
const eachBits = 3;
const each = 2 ** eachBits;
/** Powers of two. A page of the most takes some 200 microseconds to split. */
const leastBuckets = 128;
const mostBuckets = 1024;
/** The bits of the hash before it choose the bucket. */
const pageShift = 10;
/** Copied in place of being made anew: that was half of what growing took. */
const blank: undefined[] = Array.from({ length: mostBuckets * each * 2 }, () => undefined);
/** Places in the list of pages for each page; chance needs a few. */
const mostAlike = 16;
