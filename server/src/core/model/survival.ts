import type { Seconds, Share } from "@mailtide/shared";
import type { Counter } from "./counter.ts";
import { binMs, waitBin } from "./wait-bins.ts";

/** Waits as counts: those that ended and that go on by wait bin, and those that grow by the second they began in. */
export interface Waits {
  readonly ended: readonly Counter[];
  readonly going: readonly Counter[];
  readonly growing: readonly Counter[];
}

/**
 * Kaplan-Meier quantiles (JASA 53, 1958) of waits of which some have ended and some go on. A wait that goes on in
 * the same bin as one that ended outlasts it. `shares` ascend: 0.5 is the median; null where so many have not ended yet.
 */
export function survivalQuantiles(
  { ended, going, growing }: Waits,
  nowMs: number,
  shares: readonly Share[],
): (Seconds | null)[] {
  const found: (Seconds | null)[] = [];
  const ends = ended.map(ascending);
  const others = [...going.map(ascending), ...growing.map((counter) => fromYoungest(counter, nowMs))];
  let atRisk = 0;
  for (const walk of [ended, going, growing]) for (const { total } of walk) atRisk += total;
  let surviving = 1;
  for (let bin = lowest(ends); bin !== Infinity && found.length < shares.length; bin = lowest(ends)) {
    for (const walk of others) atRisk -= walk.takeBelow(bin);
    let count = 0;
    for (const walk of ends) count += walk.takeBelow(bin + 1);
    surviving *= 1 - count / atRisk;
    atRisk -= count;
    // Halves that are not exact in binary must not miss their quantile.
    while (found.length < shares.length && surviving <= 1 - (shares[found.length] ?? 1) + 1e-9)
      found.push(binMs(bin) / 1_000);
  }
  while (found.length < shares.length) found.push(null);
  return found;
}

/** Goes through a counter from the shortest wait on. */
class Walk {
  readonly #counter: Counter;
  readonly #binAt: (place: number) => number;
  readonly #step: 1 | -1;
  #place: number;

  constructor(counter: Counter, step: 1 | -1, binAt: (place: number) => number) {
    this.#counter = counter;
    this.#binAt = binAt;
    this.#step = step;
    this.#place = step === 1 ? 0 : counter.length - 1;
  }

  /** The bin of the next wait; Infinity when there is none. */
  next(): number {
    for (; this.#place >= 0 && this.#place < this.#counter.length; this.#place += this.#step)
      if (this.#counter.countAt(this.#place) !== 0) return this.#binAt(this.#place);
    return Infinity;
  }

  takeBelow(bin: number): number {
    let count = 0;
    for (; this.next() < bin; this.#place += this.#step) count += this.#counter.countAt(this.#place);
    return count;
  }
}

const ascending = (counter: Counter): Walk => new Walk(counter, 1, (place) => counter.keyAt(place));
const fromYoungest = (counter: Counter, nowMs: number): Walk =>
  new Walk(counter, -1, (place) => waitBin(nowMs - counter.keyAt(place) * 1_000));

function lowest(walks: readonly Walk[]): number {
  let bin = Infinity;
  for (const walk of walks) bin = Math.min(bin, walk.next());
  return bin;
}
