import { Seats } from "./seats.ts";

/**
 * The heaviest keys of a stream in bounded memory. A key that took the seat of another begins with that one's count as its
 * `error`: its true count is between `count - error`, which it was seen to make, and `count`.
 */
export class SpaceSaving {
  readonly #seats: Seats;
  readonly #seatOf = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #errors: number[] = [];

  constructor(capacity: number) {
    this.#seats = new Seats(capacity);
  }

  /** What a key that is not here has made at most. */
  get floor(): number {
    return this.#seats.floor;
  }

  add(key: string, times = 1): void {
    this.#seats.add(this.#seatOf.get(key) ?? this.#enter(key), times);
  }

  /** In no order that matters. */
  entries(): HeavyKey[] {
    return this.#keys.map((key, seat) => ({
      key,
      count: this.#seats.counts[seat] ?? 0,
      error: this.#errors[seat] ?? 0,
    }));
  }

  #enter(key: string): number {
    const isFull = this.#seats.isFull;
    const seat = isFull ? this.#seats.least() : this.#seats.take();
    if (isFull) this.#seatOf.delete(this.#keys[seat] ?? "");
    this.#keys[seat] = key;
    this.#errors[seat] = this.#seats.counts[seat] ?? 0;
    this.#seatOf.set(key, seat);
    return seat;
  }
}

export interface HeavyKey {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}
