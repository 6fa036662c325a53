import type { Random } from "../random.ts";

/** Mean 0, standard deviation 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

/** Scale 1, so that the mean is the shape. Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
export function gamma(random: Random, shape: number): number {
  if (shape <= 0) return 0;
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.unit()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = normal(random);
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random.unit()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}

export function beta(random: Random, a: number, b: number): number {
  const x = gamma(random, a);
  const y = gamma(random, b);
  return x + y > 0 ? x / (x + y) : 0;
}

/** 1, 2, 3 ... with this mean, which is at least 1. */
export function geometric(random: Random, mean: number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random.unit()) / Math.log(1 - 1 / mean));
}

/** Whole, [0, count): the weight of the n-th falls as n ** -exponent, by the inverse of the continuous law. */
export function createZipf(count: number, exponent: number): (random: Random) => number {
  const power = 1 - exponent;
  if (Math.abs(power) < 1e-6) throw new Error("an exponent of 1 has another inverse");
  const reach = (count + 1) ** power - 1;
  return (random) => Math.min(count - 1, Math.floor((reach * random.unit() + 1) ** (1 / power)) - 1);
}
