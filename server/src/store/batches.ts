import type { Point, TierName } from "../core/measurement.ts";

/** So many points are made into text in a few milliseconds. */
const pointsPerCall = 2_000;

export interface Written {
  readonly written: number;
  readonly dropped: number;
}

/** Hands points to a worker in pieces of text: cheaper than cloning objects, and the main loop turns in between. */
export async function writeInBatches(
  tier: TierName,
  points: readonly Point[],
  write: (tier: TierName, text: string) => Promise<Written>,
): Promise<Written> {
  let written = 0;
  let dropped = 0;
  for (let from = 0; from < points.length; from += pointsPerCall) {
    const part = await write(tier, JSON.stringify(points.slice(from, from + pointsPerCall)));
    written += part.written;
    dropped += part.dropped;
  }
  return { written, dropped };
}
