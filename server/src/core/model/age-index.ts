/** How many, and the oldest, by second: in two steps, so that the oldest is found without walking days of empty seconds. */
export class AgeIndex {
  readonly #blocks = new Map<number, Map<number, number>>();
  count = 0;

  add(second: number, delta: 1 | -1): void {
    const key = Math.floor(second / 300);
    let block = this.#blocks.get(key);
    if (!block) this.#blocks.set(key, (block = new Map()));
    const count = (block.get(second) ?? 0) + delta;
    if (count === 0) block.delete(second);
    else block.set(second, count);
    if (block.size === 0) this.#blocks.delete(key);
    this.count += delta;
  }

  oldestSecond(): number | null {
    if (this.count === 0) return null;
    let oldest = Infinity;
    for (const key of this.#blocks.keys()) if (key < oldest) oldest = key;
    let second = Infinity;
    for (const key of this.#blocks.get(oldest)?.keys() ?? []) if (key < second) second = key;
    return second;
  }
}
