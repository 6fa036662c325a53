/**
 * A map that knows its oldest entry. A plain Map keeps insertion order too, but asking it for its first key walks over
 * the places of all that were deleted in front, which under a flood of new keys is most of the table, every time. One
 * iterator that goes on from where it stood walks over each only once.
 */
export class InOrder<Value, Key = string> {
  readonly #map = new Map<Key, Value>();
  #entries = this.#map.entries();
  /** Where the iterator stands, as long as that entry has neither gone nor moved. */
  #front: readonly [key: Key, value: Value] | null = null;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  /** Puts the entry at the end, as the youngest. */
  put(key: Key, value: Value): void {
    this.delete(key);
    this.#map.set(key, value);
  }

  /** Leaves an entry that is there in its place, with another value; a new one is the youngest. */
  set(key: Key, value: Value): void {
    if (key === this.#front?.[0]) this.#front = [key, value];
    this.#map.set(key, value);
  }

  delete(key: Key): void {
    if (key === this.#front?.[0]) this.#front = null;
    this.#map.delete(key);
  }

  oldest(): readonly [key: Key, value: Value] | undefined {
    if (this.#front === null) {
      let next = this.#entries.next();
      if (next.done === true) {
        this.#entries = this.#map.entries();
        next = this.#entries.next();
        if (next.done === true) return undefined;
      }
      this.#front = next.value;
    }
    return this.#front;
  }

  /** Forgets it, and gives it out. */
  dropOldest(): readonly [key: Key, value: Value] | undefined {
    const oldest = this.oldest();
    if (oldest !== undefined) this.delete(oldest[0]);
    return oldest;
  }

  clear(): void {
    this.#map.clear();
    this.#entries = this.#map.entries();
    this.#front = null;
  }

  /** Oldest first. */
  entries(): IterableIterator<[Key, Value]> {
    return this.#map.entries();
  }

  values(): IterableIterator<Value> {
    return this.#map.values();
  }
}
