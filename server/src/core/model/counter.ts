/**
 * Counts by integer key, in the order of the keys, so that the few largest or smallest are found without sorting. A key
 * whose count returns to zero stays until there are more of those than others: most come back within a moment.
 */
export class Counter {
  /** Ascending. */
  #keys: number[] = [];
  #counts: number[] = [];
  #empty = 0;
  total = 0;

  /** Places that hold a key; some of them may count nothing. */
  get length(): number {
    return this.#keys.length;
  }

  keyAt(place: number): number {
    return this.#keys[place] ?? 0;
  }

  countAt(place: number): number {
    return this.#counts[place] ?? 0;
  }

  /** The smallest key that counts something. */
  first(): number | null {
    for (let place = 0; place < this.#keys.length; place++) if (this.#counts[place] !== 0) return this.keyAt(place);
    return null;
  }

  /** Where the key stands or belongs. */
  placeOf(key: number): number {
    let end = this.#keys.length;
    // Time goes on, so most keys are among the largest.
    for (const near = Math.max(0, end - nearEnd); end > near; end--) {
      const last = this.#keys[end - 1] ?? 0;
      if (last < key) return end;
      if (last === key) return end - 1;
    }
    let place = 0;
    while (place < end) {
      const middle = (place + end) >> 1;
      if ((this.#keys[middle] ?? 0) < key) place = middle + 1;
      else end = middle;
    }
    return place;
  }

  add(key: number, delta: number): void {
    if (delta === 0) return;
    this.total += delta;
    const place = this.placeOf(key);
    if (this.#keys[place] !== key) {
      this.#insert(place, key, delta);
      return;
    }
    const before = this.#counts[place] ?? 0;
    this.#counts[place] = before + delta;
    if (before === 0) this.#empty -= 1;
    else if (before + delta === 0) {
      this.#empty += 1;
      if (this.#empty > leastEmpty && 2 * this.#empty > this.#keys.length) this.#compact();
    }
  }

  /** What the other counts, `times` (1 or -1) over. */
  addAll(other: Counter, times: 1 | -1): void {
    for (let place = 0; place < other.length; place++) this.add(other.keyAt(place), times * other.countAt(place));
  }

  save(): number[] {
    const saved: number[] = [];
    for (let place = 0; place < this.length; place++)
      if (this.countAt(place) !== 0) saved.push(this.keyAt(place), this.countAt(place));
    return saved;
  }

  restore(saved: readonly number[]): void {
    for (let i = 0; i + 1 < saved.length; i += 2) this.add(saved[i] ?? 0, saved[i + 1] ?? 0);
  }

  /** By hand: `splice` makes a list of what it took out, each time. */
  #insert(place: number, key: number, count: number): void {
    const keys = this.#keys;
    const counts = this.#counts;
    keys.push(key);
    counts.push(count);
    for (let at = keys.length - 1; at > place; at--) {
      keys[at] = keys[at - 1] ?? 0;
      counts[at] = counts[at - 1] ?? 0;
    }
    keys[place] = key;
    counts[place] = count;
  }

  #compact(): void {
    const [keys, counts]: [number[], number[]] = [[], []];
    for (let place = 0; place < this.#keys.length; place++) {
      const count = this.countAt(place);
      if (count === 0) continue;
      keys.push(this.keyAt(place));
      counts.push(count);
    }
    [this.#keys, this.#counts, this.#empty] = [keys, counts, 0];
  }
}

const leastEmpty = 16;
const nearEnd = 4;
