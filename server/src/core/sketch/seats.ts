/**
 * The order of Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data
 * streams", ICDT 2005): a bounded number of seats, each with a count, in a binary heap by count that is not kept before
 * there are more keys than seats. Every key that made more than `total / capacity` of the stream has a seat. Who sits where
 * is the caller's to know: a new key takes a free seat or, when there is none, that of the least, whose count is then the
 * most that it may have made unseen.
 */
export class Seats {
  readonly counts: Float64Array;
  /** Which seat stands at a place of the heap, and the other way round. */
  readonly #seatAt: Int32Array;
  readonly #placeOf: Int32Array;
  #size = 0;
  /** The places are a heap. */
  #ordered = false;

  constructor(capacity: number) {
    this.counts = new Float64Array(capacity);
    this.#seatAt = new Int32Array(capacity);
    this.#placeOf = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  get ordered(): boolean {
    return this.#ordered;
  }

  get isFull(): boolean {
    return this.#size >= this.counts.length;
  }

  /** What a key without a seat has made at most. */
  get floor(): number {
    return this.isFull ? (this.counts[this.least()] ?? 0) : 0;
  }

  /** In the order of the heap as it stands: whoever takes them again in that order breaks ties in the same way. */
  at(place: number): number {
    return this.#seatAt[place] ?? 0;
  }

  /** A free seat; only while there is one. */
  take(count = 0): number {
    const seat = this.#size++;
    this.counts[seat] = count;
    this.#seatAt[seat] = seat;
    this.#placeOf[seat] = seat;
    return seat;
  }

  /** The seat of the least. */
  least(): number {
    if (!this.#ordered) this.#order();
    return this.#seatAt[0] ?? 0;
  }

  add(seat: number, times: number): void {
    this.counts[seat] = (this.counts[seat] ?? 0) + times;
    if (this.#ordered) this.#sink(this.#placeOf[seat] ?? 0);
  }

  /** All seats are free again. Those that are then taken stand in the order of a heap when `ordered`. */
  clear(ordered = false): void {
    this.#size = 0;
    this.#ordered = ordered;
  }

  #order(): void {
    this.#ordered = true;
    for (let place = (this.#size >> 1) - 1; place >= 0; place--) this.#sink(place);
  }

  #sink(from: number): void {
    const { counts } = this;
    const seatAt = this.#seatAt;
    const size = this.#size;
    const seat = seatAt[from] ?? 0;
    const count = counts[seat] ?? 0;
    let place = from;
    for (let left = 2 * place + 1; left < size; left = 2 * place + 1) {
      let smaller = seatAt[left] ?? 0;
      let at = left;
      if (left + 1 < size) {
        const right = seatAt[left + 1] ?? 0;
        if ((counts[right] ?? 0) < (counts[smaller] ?? 0)) {
          smaller = right;
          at = left + 1;
        }
      }
      if ((counts[smaller] ?? 0) >= count) break;
      seatAt[place] = smaller;
      this.#placeOf[smaller] = place;
      place = at;
    }
    seatAt[place] = seat;
    this.#placeOf[seat] = place;
  }
}
