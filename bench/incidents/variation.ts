import { createHash } from "node:crypto";
import type { Variation } from "../../server/src/simulate/index.ts";

const shiftMinutes = 20;
const scale = 0.3;
const oneIn = 3;

/** How a run differs from the day as it is written, which is seed 1. The same for all time: it comes from day and seed alone. */
export function variationOf(scenario: string, seed: number): Variation {
  if (seed === 1) return {};
  const digest = createHash("sha256").update(`${scenario} ${seed}`).digest();
  /** Evenly from 0 up to, but not, 1. */
  const drawn = (place: number) => digest.readUInt32LE(place * 4) / 2 ** 32;
  return {
    shiftMinutes: Math.floor(drawn(0) * (2 * shiftMinutes + 1)) - shiftMinutes,
    scale: Math.round((1 - scale + drawn(1) * 2 * scale) * 1000) / 1000,
    renameProbes: drawn(2) < 1 / oneIn,
    withoutChanges: drawn(3) < 1 / oneIn,
  };
}
