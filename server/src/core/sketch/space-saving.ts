/**
 * The heaviest keys of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient computation of
 * frequent and top-k elements in data streams", ICDT 2005) with a binary heap by count, which is not kept before there are
 * more keys than room. Every key that made more than `total / capacity` of the stream is here. A key that took the place of
 * another begins with that one's count as its `error`: its true count is between `count - error`, which it was seen to
 * make, and `count`.
 */
export class SpaceSaving<Kind extends string> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry<Kind>>();
  /** Only once it is `#ordered` a heap. */
  readonly #heap: Entry<Kind>[] = [];
  #ordered = false;
  /** The same in the order in which they came; one that takes the place of another stays there. */
  readonly #seats: Entry<Kind>[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What a key that is not here has made at most. */
  get floor(): number {
    if (this.#heap.length < this.#capacity) return 0;
    this.#order();
    return this.#heap[0]?.count ?? 0;
  }

  get size(): number {
    return this.#heap.length;
  }

  /**
   * `times` by `key`; the caller adds them to what the entry has `seen`. `firstMs` is kept from the first time that the key
   * is seen here. Whoever gives back the entry's seat the next time, right or wrong by then, mostly spares a look-up.
   */
  add(key: string, atMs: number, zero: Readonly<Record<Kind, number>>, times = 1, seat = -1): Entry<Kind> {
    const seated = seat >= 0 && seat < this.#seats.length ? this.#seats[seat] : undefined;
    const entry =
      seated !== undefined && seated.key === key ? seated : (this.#entries.get(key) ?? this.#enter(key, atMs, zero));
    entry.count += times;
    if (this.#ordered) this.#sink(entry);
    return entry;
  }

  #enter(key: string, atMs: number, zero: Readonly<Record<Kind, number>>): Entry<Kind> {
    const place = this.#heap.length;
    let entry: Entry<Kind>;
    if (place < this.#capacity) {
      entry = { key, count: 0, error: 0, firstMs: atMs, seen: { ...zero }, place, seat: place };
      this.#heap.push(entry);
      this.#seats.push(entry);
    } else {
      this.#order();
      // Reused in place: under a flood of new keys this is the hot path.
      entry = this.#heap[0] as Entry<Kind>;
      this.#entries.delete(entry.key);
      entry.key = key;
      entry.error = entry.count;
      entry.firstMs = atMs;
      Object.assign(entry.seen, zero);
    }
    this.#entries.set(key, entry);
    return entry;
  }

  /** In no order that matters. */
  entries(): readonly Readonly<Entry<Kind>>[] {
    return this.#heap;
  }

  /** The heap as it stands, so that ties go on being broken in the same way. */
  save(): SavedSummary<Kind> {
    const rows = this.#heap.map(({ key, count, error, firstMs, seen }): SavedEntry<Kind> => [
      key,
      count,
      error,
      firstMs,
      seen,
    ]);
    return [this.#ordered, rows];
  }

  restore([ordered, saved]: SavedSummary<Kind>): void {
    this.#entries.clear();
    this.#heap.length = this.#seats.length = 0;
    this.#ordered = ordered;
    for (const [key, count, error, firstMs, seen] of saved.slice(0, this.#capacity)) {
      const place = this.#heap.length;
      const entry = { key, count, error, firstMs, seen: { ...seen }, place, seat: place };
      this.#heap.push(entry);
      this.#seats.push(entry);
      this.#entries.set(key, entry);
    }
  }

  #order(): void {
    if (this.#ordered) return;
    this.#ordered = true;
    for (let place = (this.#heap.length >> 1) - 1; place >= 0; place--) {
      const entry = this.#heap[place];
      if (entry !== undefined) this.#sink(entry);
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
type SavedEntry<Kind extends string> = readonly [
  key: string,
  count: number,
  error: number,
  firstMs: number,
  seen: Record<Kind, number>,
];
export type SavedSummary<Kind extends string> = readonly [ordered: boolean, entries: readonly SavedEntry<Kind>[]];
