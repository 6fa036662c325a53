import type { EpochMs, Seconds, Share } from "@mailtide/shared";
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
  nowMs: EpochMs,
  shares: readonly Share[],
): (Seconds | null)[] {
  const found: (Seconds | null)[] = [];
  const ends = walksOf(ended, null);
  const others = [...walksOf(going, null), ...walksOf(growing, nowMs)];
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

/** Goes through a counter from the shortest wait on: by wait bin, or, when `nowMs` is given, by the second it began in. */
class Walk {
  readonly #counter: Counter;
  readonly #nowMs: EpochMs | null;
  #place: number;
  /** Of the next wait; Infinity at the end. */
  bin = 0;

  constructor(counter: Counter, nowMs: EpochMs | null) {
    this.#counter = counter;
    this.#nowMs = nowMs;
    this.#place = nowMs === null ? 0 : counter.length - 1;
    this.#stand();
  }

  takeBelow(bin: number): number {
    let count = 0;
    while (this.bin < bin) {
      count += this.#counter.countAt(this.#place);
      this.#place += this.#nowMs === null ? 1 : -1;
      this.#stand();
    }
    return count;
  }

  #stand(): void {
    const counter = this.#counter;
    const nowMs = this.#nowMs;
    if (nowMs === null) {
      while (this.#place < counter.length && counter.countAt(this.#place) === 0) this.#place += 1;
      this.bin = this.#place < counter.length ? counter.keyAt(this.#place) : Infinity;
    } else {
      while (this.#place >= 0 && counter.countAt(this.#place) === 0) this.#place -= 1;
      this.bin = this.#place < 0 ? Infinity : waitBin(nowMs - counter.keyAt(this.#place) * 1_000);
    }
  }
}

function lowest(walks: readonly Walk[]): number {
  let bin = Infinity;
  for (const walk of walks) if (walk.bin < bin) bin = walk.bin;
  return bin;
}

function walksOf(counters: readonly Counter[], nowMs: EpochMs | null): Walk[] {
  const walks: Walk[] = [];
  for (const counter of counters) if (counter.length > 0) walks.push(new Walk(counter, nowMs));
  return walks;
}
