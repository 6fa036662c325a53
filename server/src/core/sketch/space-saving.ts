/**
 * The heaviest keys of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient computation of
 * frequent and top-k elements in data streams", ICDT 2005) with a binary heap by count. Every key that made more than
 * `total / capacity` of the stream is here. A key that took the place of another begins with that one's count as its
 * `error`: its true count is between `count - error`, which it was seen to make, and `count`.
 */
export class SpaceSaving<Kind extends string> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry<Kind>>();
  readonly #heap: Entry<Kind>[] = [];
  /** The same in the order in which they came; one that takes the place of another stays there. */
  readonly #seats: Entry<Kind>[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What a key that is not here has made at most. */
  get floor(): number {
    return this.#heap.length < this.#capacity ? 0 : (this.#heap[0]?.count ?? 0);
  }

  get size(): number {
    return this.#heap.length;
  }

  /**
   * `times` of `kind` by `key`; `firstMs` is kept from the first time that it is seen here. Returns the key's seat: who
   * gives it back the next time, right or wrong by then, mostly spares a look-up.
   */
  add(key: string, kind: Kind, atMs: number, zero: Readonly<Record<Kind, number>>, times = 1, seat = -1): number {
    const seated = seat >= 0 && seat < this.#seats.length ? this.#seats[seat] : undefined;
    let entry = seated !== undefined && seated.key === key ? seated : this.#entries.get(key);
    if (entry === undefined) {
      if (this.#heap.length < this.#capacity) {
        entry = {
          key,
          count: 0,
          error: 0,
          firstMs: atMs,
          seen: { ...zero },
          place: this.#heap.length,
          seat: this.#heap.length,
        };
        this.#heap.push(entry);
        this.#seats.push(entry);
        this.#rise(entry);
      } else {
        const weakest = this.#heap[0];
        if (weakest === undefined) return -1;
        this.#entries.delete(weakest.key);
        // Reused in place: under a flood of new keys this is the hot path.
        weakest.key = key;
        weakest.error = weakest.count;
        weakest.firstMs = atMs;
        Object.assign(weakest.seen, zero);
        entry = weakest;
      }
      this.#entries.set(key, entry);
    }
    entry.count += times;
    entry.seen[kind] += times;
    this.#sink(entry);
    return entry.seat;
  }

  /** In no order that matters. */
  entries(): readonly Readonly<Entry<Kind>>[] {
    return this.#heap;
  }

  /** The heap as it stands, so that ties go on being broken in the same way. */
  save(): SavedEntry<Kind>[] {
    return this.#heap.map(({ key, count, error, firstMs, seen }) => [key, count, error, firstMs, seen]);
  }

  restore(saved: readonly SavedEntry<Kind>[]): void {
    this.#entries.clear();
    this.#heap.length = this.#seats.length = 0;
    for (const [key, count, error, firstMs, seen] of saved.slice(0, this.#capacity)) {
      const entry = {
        key,
        count,
        error,
        firstMs,
        seen: { ...seen },
        place: this.#heap.length,
        seat: this.#heap.length,
      };
      this.#heap.push(entry);
      this.#seats.push(entry);
      this.#entries.set(key, entry);
    }
  }

  #rise(entry: Entry<Kind>): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (parent === undefined || parent.count <= entry.count) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry<Kind>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      if (left === undefined) return;
      const smaller = right !== undefined && right.count < left.count ? right : left;
      if (smaller.count >= entry.count) return;
      this.#swap(entry, smaller);
    }
  }

  #swap(a: Entry<Kind>, b: Entry<Kind>): void {
    const place = a.place;
    a.place = b.place;
    b.place = place;
    this.#heap[a.place] = a;
    this.#heap[b.place] = b;
  }
}

export interface Entry<Kind extends string> {
  key: string;
  count: number;
  error: number;
  firstMs: number;
  readonly seen: Record<Kind, number>;
  place: number;
  readonly seat: number;
}
export type SavedEntry<Kind extends string> = readonly [
  key: string,
  count: number,
  error: number,
  firstMs: number,
  seen: Record<Kind, number>,
];
