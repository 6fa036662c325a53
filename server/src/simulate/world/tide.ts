import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Random } from "../random.ts";
import { beta, gamma } from "./draw.ts";

/** The restlessness of innocent mail: a factor around 1 that changes from minute to minute. */
export type Tide = (atMs: EpochMs, usual: PerSecond) => number;

const minuteMs = 60_000;
/** Of one minute's deviation, what is left in the next: it fades over six minutes. */
export const persistence = Math.exp(-1 / 6);

/**
 * Gamma-distributed with mean 1, and so spread that messages in a minute have `excess + 1` as their variance over their
 * mean. Consecutive minutes hang together by beta thinning, which leaves the distribution as it is (Lewis, McKenzie and
 * Hugus, "Gamma processes", 1989).
 */
export function createTide(excess: number, random: Random): Tide {
  let minute = NaN;
  let shape = 0;
  let level = 0;
  return (atMs, usual) => {
    if (excess <= 0 || usual <= 0) return 1;
    const now = Math.floor(atMs / minuteMs);
    if (now !== minute) {
      const wanted = (usual * 60) / excess;
      if (Number.isNaN(minute)) level = gamma(random, wanted);
      else {
        // The usual rate moves: the same relative height at the new width.
        level *= wanted / shape;
        level = beta(random, wanted * persistence, wanted * (1 - persistence)) * level;
        level += gamma(random, wanted * (1 - persistence));
      }
      shape = wanted;
      minute = now;
    }
    return level / shape;
  };
}
