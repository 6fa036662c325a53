import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import type { Counter } from "./counter.ts";
import { binMs, waitBin } from "./wait-bins.ts";

/** Waits as counts: those that ended and that go on by wait bin, and those that grow by the second they began in. */
export interface Waits {
  readonly ended: readonly Counter[];
  readonly going: readonly Counter[];
  readonly growing: readonly Counter[];
}

/** A longer wait counts as a day: mail of the last minutes has none unless a clock is wrong. */
const mostBins = waitBin(86_400_000) + 1;
/** Waits by bin, all kinds of a kind together. Zero between two calls, which are thousands, of a few hundred bins each. */
const endedIn = new Int32Array(mostBins);
const goingIn = new Int32Array(mostBins);

/**
 * Kaplan-Meier quantiles (JASA 53, 1958) of waits of which some have ended and some go on. A wait that goes on in
 * the same bin as one that ended outlasts it. `shares` ascend: 0.5 is the median; null where so many have not ended yet.
 */
export function survivalQuantiles(
  { ended, going, growing }: Waits,
  nowMs: EpochMs,
  shares: readonly Share[],
): (Seconds | null)[] {
  let endedBins = 0;
  let goingBins = 0;
  let atRisk = 0;
  for (const counter of ended) {
    endedBins = Math.max(endedBins, spread(counter, endedIn));
    atRisk += counter.total;
  }
  for (const counter of going) {
    goingBins = Math.max(goingBins, spread(counter, goingIn));
    atRisk += counter.total;
  }
  for (const counter of growing) {
    goingBins = Math.max(goingBins, spreadGrowing(counter, goingIn, nowMs));
    atRisk += counter.total;
  }
  const found: (Seconds | null)[] = [];
  let surviving = 1;
  for (let bin = 0; bin < endedBins && found.length < shares.length; bin++) {
    const count = endedIn[bin] ?? 0;
    if (count !== 0) {
      surviving *= 1 - count / atRisk;
      // Halves that are not exact in binary must not miss their quantile.
      while (found.length < shares.length && surviving <= 1 - (shares[found.length] ?? 1) + 1e-9)
        found.push(binMs(bin) / 1_000);
    }
    atRisk -= count + (goingIn[bin] ?? 0);
  }
  endedIn.fill(0, 0, endedBins);
  goingIn.fill(0, 0, goingBins);
  while (found.length < shares.length) found.push(null);
  return found;
}

/** Adds the counter's waits; returns behind which bin there are none. */
function spread(counter: Counter, bins: Int32Array): number {
  let end = 0;
  for (let place = 0; place < counter.length; place++) {
    const count = counter.countAt(place);
    if (count === 0) continue;
    const bin = Math.min(counter.keyAt(place), mostBins - 1);
    bins[bin] = (bins[bin] ?? 0) + count;
    end = bin + 1;
  }
  return end;
}

function spreadGrowing(counter: Counter, bins: Int32Array, nowMs: EpochMs): number {
  let end = 0;
  for (let place = 0; place < counter.length; place++) {
    const count = counter.countAt(place);
    if (count === 0) continue;
    const bin = Math.min(waitBin(nowMs - counter.keyAt(place) * 1_000), mostBins - 1);
    bins[bin] = (bins[bin] ?? 0) + count;
    // The first that began is the longest.
    if (end === 0) end = bin + 1;
  }
  return end;
}
