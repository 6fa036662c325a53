/** A seeded source of numbers: the same seed gives the same day. Small and fast, not for secrets. */
export interface Random {
  /** [0, 1) */
  unit(): number;
  /** Whole, [0, below) */
  below(count: number): number;
  /** With this mean. */
  exponential(mean: number): number;
  /** With this mean; `sigma` is the spread of its logarithm. */
  lognormal(mean: number, sigma: number): number;
  pick<T>(list: readonly T[]): T;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), started from the seed by splitmix32. */
export function createRandom(seed: number): Random {
  let mix = seed >>> 0;
  const word = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = word();
  let b = word();
  let c = word();
  let counter = 1;

  const unit = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  const below = (count: number) => Math.floor(unit() * count);

  return {
    unit,
    below,
    exponential: (mean) => -Math.log(1 - unit()) * mean,
    lognormal(mean, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
    },
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}
