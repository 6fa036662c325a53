import type { Share } from "@mailtide/shared";
import type { Random } from "../random.ts";
import { normal } from "./draw.ts";
import { asShare, mix } from "./hash.ts";

/** The addresses of a campaign: a few send much, many once or twice, and not all of them from the first minute on. */
export interface Sources {
  /** One that has appeared when so much of the campaign is over. */
  pick(random: Random, passed: Share): number;
  /** Whether operators, who block the busiest first but not strictly so, have come to this one. */
  isAmongFirst(source: number, share: Share): boolean;
}

/** Spread of the logarithm of a source's activity; none sends more than so many times the mean. */
const sigma = 1.8;
const mostTimesMean = 60;
/** Of the sources, those that are there at once; the others appear until so much of the mail is through. */
const earlyShare = 0.35;
const allPresentAt = 0.8;
const tries = 12;

export function createSources(count: number, random: Random): Sources {
  const heights = Float64Array.from({ length: count }, () =>
    Math.min(mostTimesMean * Math.exp(sigma ** 2 / 2), Math.exp(sigma * normal(random))),
  );
  const sums = new Float64Array(count);
  let sum = 0;
  heights.forEach((height, index) => (sums[index] = sum += height));
  const salt = random.below(2 ** 32);
  const isPresent = (source: number, passed: Share) => {
    const unit = asShare(mix(source ^ salt));
    return unit < earlyShare || ((unit - earlyShare) / (1 - earlyShare)) * allPresentAt <= passed;
  };
  const order = Array.from({ length: count }, (_, index) => index);
  const noticed = heights.map((height) => Math.log(height) + sigma * normal(random));
  order.sort((a, b) => (noticed[b] ?? 0) - (noticed[a] ?? 0));
  const place = new Int32Array(count);
  order.forEach((source, index) => (place[source] = index));

  return {
    pick(from, passed) {
      let source = 0;
      for (let left = tries; left > 0; left--) {
        source = find(sums, from.unit() * sum);
        if (isPresent(source, passed)) return source;
      }
      return source;
    },
    isAmongFirst: (source, share) => (place[source] ?? 0) < share * count,
  };
}

function find(sums: Float64Array, wanted: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? Infinity) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
