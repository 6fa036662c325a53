import { expect, test } from "vitest";
import { createRandom } from "./random.ts";

const draw = (seed: number) => {
  const random = createRandom(seed);
  return Array.from({ length: 20_000 }, () => [random.unit(), random.exponential(3), random.lognormal(5, 0.5)]);
};

test("the same seed draws the same numbers, with the means asked for", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)[0]).not.toEqual(draw(8)[0]);
  const mean = (column: number) => draw(7).reduce((sum, row) => sum + (row[column] ?? 0), 0) / 20_000;
  expect(mean(0)).toBeCloseTo(0.5, 1);
  expect(mean(1)).toBeCloseTo(3, 0);
  expect(mean(2)).toBeCloseTo(5, 0);
});
