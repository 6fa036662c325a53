import type { EpochMs, PerSecond } from "@mailtide/shared";

const blockMs = 300_000;
const rateSlotMs = 10_000;
const rateWindowMs = 300_000;
const blocksKept = 12;

export interface BusyRate {
  readonly median: PerSecond;
  readonly low: PerSecond;
  readonly high: PerSecond;
  readonly blocks: number;
}

/** Delivery attempts: how many are due, and how fast blocks of five minutes in which some always were did them. */
export class Work {
  due = 0;
  lastDepartureMs: EpochMs | null = null;
  #attempts = 0;
  #leastDue = 0;
  #block: number | null = null;
  /** The block began while we watched. */
  #whole = false;
  #busy: PerSecond[] = [];
  /** Made when asked for; undefined once there is another block. */
  #busyRate: BusyRate | null | undefined;
  #arrivals = new Map<number, number>();
  #departures = new Map<number, number>();
  #oldestSlot = -Infinity;

  addDue(delta: 1 | -1): void {
    this.due += delta;
    if (this.due < this.#leastDue) this.#leastDue = this.due;
  }

  noteAttempt(): void {
    this.#attempts += 1;
  }

  noteArrival(atMs: EpochMs): void {
    bump(this.#arrivals, atMs);
  }

  noteDeparture(atMs: EpochMs): void {
    bump(this.#departures, atMs);
    if (this.lastDepartureMs === null || atMs > this.lastDepartureMs) this.lastDepartureMs = atMs;
  }

  advance(nowMs: EpochMs): void {
    const block = Math.floor(nowMs / blockMs);
    if (block !== this.#block) {
      const next = this.#block !== null && block === this.#block + 1;
      if (next && this.#whole && this.#leastDue > 0) {
        this.#busy = [...this.#busy, this.#attempts / (blockMs / 1_000)].slice(-blocksKept);
        this.#busyRate = undefined;
      }
      this.#whole = next || nowMs % blockMs === 0;
      this.#block = block;
      this.#attempts = 0;
      this.#leastDue = this.due;
    }
    const oldest = Math.ceil((nowMs - rateWindowMs) / rateSlotMs - 1);
    if (oldest === this.#oldestSlot) return;
    this.#oldestSlot = oldest;
    for (const slots of [this.#arrivals, this.#departures])
      for (const slot of slots.keys()) if (slot < oldest) slots.delete(slot);
  }

  /** Null until a busy block was seen whole. */
  busyRate(): BusyRate | null {
    if (this.#busyRate === undefined) this.#busyRate = rateOf(this.#busy);
    return this.#busyRate;
  }

  arrivingPerSecond(nowMs: EpochMs): PerSecond {
    return rate(this.#arrivals, nowMs);
  }

  leavingPerSecond(nowMs: EpochMs): PerSecond {
    return rate(this.#departures, nowMs);
  }

  save(): unknown[] {
    const maps = [[...this.#arrivals], [...this.#departures]];
    return [this.lastDepartureMs, this.#attempts, this.#leastDue, this.#block, this.#whole, this.#busy, ...maps];
  }

  /** After the units are back: what is due is counted from them. */
  restore(saved: readonly unknown[]): void {
    this.lastDepartureMs = saved[0] as number | null;
    this.#attempts = saved[1] as number;
    this.#leastDue = saved[2] as number;
    this.#block = saved[3] as number | null;
    this.#whole = saved[4] as boolean;
    this.#busy = saved[5] as number[];
    this.#busyRate = undefined;
    this.#arrivals = new Map(saved[6] as [number, number][]);
    this.#departures = new Map(saved[7] as [number, number][]);
  }
}

function bump(slots: Map<number, number>, atMs: EpochMs): void {
  const slot = Math.floor(atMs / rateSlotMs);
  slots.set(slot, (slots.get(slot) ?? 0) + 1);
}

function rate(slots: ReadonlyMap<number, number>, nowMs: EpochMs): PerSecond {
  const fromMs = nowMs - rateWindowMs;
  const oldest = Math.floor(fromMs / rateSlotMs);
  // Of the oldest slot, the part that the window still holds.
  const heldShare = 1 - (fromMs - oldest * rateSlotMs) / rateSlotMs;
  let total = 0;
  slots.forEach((count, slot) => {
    if (slot * rateSlotMs <= nowMs && slot >= oldest) total += slot === oldest ? count * heldShare : count;
  });
  return total / (rateWindowMs / 1_000);
}

function rateOf(busy: readonly PerSecond[]): BusyRate | null {
  if (busy.length === 0) return null;
  const rates = busy.toSorted((a, b) => a - b);
  return {
    median: quantile(rates, 0.5),
    low: quantile(rates, 0.1),
    high: quantile(rates, 0.9),
    blocks: rates.length,
  };
}

/** Linear between the ranks. */
function quantile(ascending: readonly number[], share: number): number {
  const rank = share * (ascending.length - 1);
  const below = ascending[Math.floor(rank)] ?? 0;
  const above = ascending[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}
