/** How many, and the oldest, by second: in two steps, so that the oldest is found without walking days of empty seconds. */
export class AgeIndex {
  readonly #blocks = new Map<number, Map<number, number>>();
  /** An emptied one: where messages only pass through, the next comes within a moment. */
  #spare: Map<number, number> | null = null;
  /** Null when it has to be looked for. */
  #oldest: number | null = null;
  count = 0;

  add(second: number, delta: 1 | -1): void {
    const key = Math.floor(second / 300);
    let block = this.#blocks.get(key);
    if (!block) {
      this.#blocks.set(key, (block = this.#spare ?? new Map()));
      this.#spare = null;
    }
    const count = (block.get(second) ?? 0) + delta;
    if (count === 0) block.delete(second);
    else block.set(second, count);
    if (block.size === 0) {
      this.#blocks.delete(key);
      this.#spare = block;
    }
    this.count += delta;
    if (this.#oldest === null) return;
    if (count !== 0) this.#oldest = Math.min(this.#oldest, second);
    else if (second === this.#oldest) this.#oldest = null;
  }

  oldestSecond(): number | null {
    if (this.count === 0) return null;
    return (this.#oldest ??= this.#lookForOldest());
  }

  #lookForOldest(): number {
    let oldest = Infinity;
    for (const key of this.#blocks.keys()) if (key < oldest) oldest = key;
    let second = Infinity;
    for (const key of this.#blocks.get(oldest)?.keys() ?? []) if (key < second) second = key;
    return second;
  }
}
