/**
 * Rows by a hash of what they stand for, in numbers alone, so that thousands fit the processor's caches. Places are tried one after
 * the other (linear probing, Knuth, The Art of Computer Programming 3, 6.4), and no more than a few: whoever chose texts to crowd
 * one place only has theirs refused.
 */
export class RowIndex {
  /** Of each place the hash, and the row and one more behind it; 0 where there is none. */
  #places = new Int32Array(2 * leastPlaces);
  #size = 0;

  /** The row of this hash of which `idOf` says this id; -1 where there is none. */
  find(hash: number, id: string, idOf: (row: number) => string): number {
    const places = this.#places;
    const mask = places.length / 2 - 1;
    for (let step = 0, place = hash & mask; step < mostSteps; step++, place = (place + 1) & mask) {
      const next = places[2 * place + 1] ?? 0;
      if (next === 0) return -1;
      if (places[2 * place] === hash && idOf(next - 1) === id) return next - 1;
    }
    return -1;
  }

  /** False where there is no room for it. */
  add(hash: number, row: number): boolean {
    if (4 * this.#size > this.#places.length) this.#grow();
    if (!put(this.#places, hash, row + 1)) return false;
    this.#size += 1;
    return true;
  }

  /** False where it is not there. */
  delete(hash: number, row: number): boolean {
    const places = this.#places;
    const mask = places.length / 2 - 1;
    let place = hash & mask;
    for (let step = 0; places[2 * place + 1] !== row + 1; step++, place = (place + 1) & mask)
      if (step >= mostSteps || places[2 * place + 1] === 0) return false;
    this.#size -= 1;
    // Those behind it that may stand nearer to their own place take its place, one after the other.
    for (let next = (place + 1) & mask; places[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const own = (places[2 * next] ?? 0) & mask;
      if (((next - own) & mask) < ((next - place) & mask)) continue;
      places[2 * place] = places[2 * next] ?? 0;
      places[2 * place + 1] = places[2 * next + 1] ?? 0;
      place = next;
    }
    places[2 * place + 1] = 0;
    return true;
  }

  /** Taken in the order in which they stand, from behind an empty place on, nobody comes to stand further from where it belongs. */
  #grow(): void {
    const before = this.#places;
    const count = before.length / 2;
    this.#places = new Int32Array(2 * before.length);
    let empty = 0;
    while (before[2 * empty + 1] !== 0) empty += 1;
    for (let step = 1; step < count; step++) {
      const at = 2 * ((empty + step) & (count - 1));
      const next = before[at + 1] ?? 0;
      if (next !== 0) put(this.#places, before[at] ?? 0, next);
    }
  }
}

function put(places: Int32Array, hash: number, next: number): boolean {
  const mask = places.length / 2 - 1;
  for (let step = 0, place = hash & mask; step < mostSteps; step++, place = (place + 1) & mask) {
    if (places[2 * place + 1] !== 0) continue;
    places[2 * place] = hash;
    places[2 * place + 1] = next;
    return true;
  }
  return false;
}

/** A power of two. */
const leastPlaces = 256;
const mostSteps = 64;
