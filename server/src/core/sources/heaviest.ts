/** The first few of many without sorting them: heaviest first, ties by key. */
export class Heaviest {
  readonly rows: Ranked[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Full of what weighs more than this. */
  isAbove(seen: number): boolean {
    const last = this.#last();
    return last !== undefined && last.seen > seen;
  }

  /** `open` and `closed` are the caller's own: where it stands here and there, or -1. */
  offer(key: string, seen: number, open: number, closed: number): void {
    const { rows } = this;
    const last = this.#last();
    if (last !== undefined) {
      if (seen < last.seen || (seen === last.seen && key > last.key)) return;
      rows.pop();
    }
    let at = rows.length;
    for (; at > 0; at--) {
      const before = rows[at - 1];
      if (before === undefined || before.seen > seen || (before.seen === seen && before.key < key)) break;
    }
    rows.splice(at, 0, { key, seen, open, closed });
  }

  /** Only once it is full. */
  #last(): Ranked | undefined {
    return this.rows.length < this.#most ? undefined : this.rows[this.#most - 1];
  }
}

interface Ranked {
  readonly key: string;
  readonly seen: number;
  readonly open: number;
  readonly closed: number;
}
