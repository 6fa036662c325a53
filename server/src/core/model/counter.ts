/** Counts by integer key; a key whose count returns to zero is forgotten, so that it stays as small as what it counts. */
export class Counter {
  readonly counts = new Map<number, number>();
  total = 0;

  add(key: number, delta: number): void {
    const count = (this.counts.get(key) ?? 0) + delta;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
    this.total += delta;
  }

  save(): number[] {
    return [...this.counts].toSorted((a, b) => a[0] - b[0]).flat();
  }

  restore(saved: readonly number[]): void {
    for (let i = 0; i + 1 < saved.length; i += 2) this.add(saved[i] ?? 0, saved[i + 1] ?? 0);
  }
}
