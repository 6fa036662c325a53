import { expect, test } from "vitest";
import { deltaE2000 } from "./colour-difference.ts";
import type { Lab } from "./colour-difference.ts";
import { contrast, parseHex } from "./colour.ts";

// Pairs 1, 7, 13, 17 and 25 of Sharma, Wu and Dalal's published test data.
const published: readonly (readonly [Lab, Lab, number])[] = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
];

test.each(published)("%o and %o differ by %d", (a, b, expected) => {
  expect(deltaE2000(a, b)).toBeCloseTo(expected, 4);
  expect(deltaE2000(b, a)).toBeCloseTo(expected, 4);
});

test("black on white is 21 to 1", () => {
  expect(contrast(parseHex("#000000"), parseHex("#ffffff"))).toBeCloseTo(21, 5);
  expect(contrast(parseHex("#767676"), parseHex("#ffffff"))).toBeCloseTo(4.54, 2);
});
