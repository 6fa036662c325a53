import type { Random } from "../random.ts";

/**
 * How long things take. Neither is a distribution that anything in the product assumes: a Weibull for scans (most take
 * about as long as each other, a few much longer), a gamma of shape 2 for what crosses the network.
 */
const shape = 1.5;
/** Gamma function at 1 + 1 / shape, so that the mean is the one asked for. */
const meanOfUnitScale = 0.902_745_3;

export const weibull = (random: Random, mean: number): number =>
  (mean / meanOfUnitScale) * (-Math.log(1 - random.unit())) ** (1 / shape);

/** Two steps of half the mean each. */
export const gamma = (random: Random, mean: number): number =>
  (-Math.log((1 - random.unit()) * (1 - random.unit())) * mean) / 2;
