import { expect, test } from "vitest";
import { variationOf } from "./variation.ts";

const seeds = Array.from({ length: 400 }, (_, place) => place + 2);
const drawn = seeds.map((seed) => variationOf("synaq-2016-05-11", seed));
const shifts = drawn.map((one) => one.shiftMinutes ?? Number.NaN);
const scales = drawn.map((one) => one.scale ?? Number.NaN);

test("seed 1 is the day as it is written, and a seed is always the same run", () => {
  expect(variationOf("synaq-2016-05-11", 1)).toEqual({});
  expect(variationOf("synaq-2016-05-11", 7)).toEqual(variationOf("synaq-2016-05-11", 7));
  expect(variationOf("synaq-2016-05-11", 7)).not.toEqual(variationOf("tmu-2014-11-04", 7));
});

test("times move by up to twenty minutes either way, sizes by up to 30 %", () => {
  expect([Math.min(...shifts), Math.max(...shifts)]).toEqual([-20, 20]);
  expect(Math.min(...scales)).toSatisfy((value) => value >= 0.7 && value < 0.72);
  expect(Math.max(...scales)).toSatisfy((value) => value <= 1.3 && value > 1.28);
});

test("some runs have neutral names, some no changes, and not the same ones", () => {
  expect(shareOf((one) => one.renameProbes === true)).toBeCloseTo(1 / 3, 1);
  expect(shareOf((one) => one.withoutChanges === true)).toBeCloseTo(1 / 3, 1);
  expect(shareOf((one) => one.renameProbes === true && one.withoutChanges === true)).toBeCloseTo(1 / 9, 1);
});

const shareOf = (is: (one: (typeof drawn)[number]) => boolean): number => drawn.filter(is).length / drawn.length;
