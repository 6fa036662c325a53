import { array, assert, double, integer, option, property } from "fast-check";
import { expect, test } from "vitest";
import { downsample } from "./downsample.ts";
import type { Sample } from "./downsample.ts";

const line = (values: readonly (number | null)[]): readonly Sample[] =>
  values.map((value, index) => ({ atMs: index * 1000, value }));

const known = (list: readonly Sample[]) => list.flatMap(({ value }) => (value === null ? [] : [value]));

test("a spike of one sample among a thousand survives", () => {
  const samples = line(Array.from({ length: 1_000 }, (_, index) => (index === 617 ? 900 : 12)));
  const shown = downsample(samples, 40);
  expect(shown.length).toBeLessThanOrEqual(80);
  expect(shown).toContainEqual({ atMs: 617_000, value: 900 });
});

test("a column of which nothing is known stays a gap", () => {
  const samples = line(Array.from({ length: 400 }, (_, index) => (index >= 100 && index < 200 ? null : 5)));
  const shown = downsample(samples, 20);
  const gap = shown.filter(({ atMs, value }) => value === null && atMs >= 100_000 && atMs < 200_000);
  expect(gap.length).toBeGreaterThan(0);
  expect(shown.filter(({ atMs, value }) => value !== null && atMs > 101_000 && atMs < 199_000)).toEqual([]);
});

test("few samples pass untouched", () => {
  const samples = line([1, null, 3]);
  expect(downsample(samples, 2)).toBe(samples);
  expect(downsample([], 10)).toEqual([]);
});

test("for any series: at most two a column, in order, with both extremes", () => {
  const values = array(option(double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 400 });
  assert(
    property(values, integer({ min: 1, max: 60 }), (drawn, columns) => {
      const samples = line(drawn);
      const shown = downsample(samples, columns);
      expect(shown.length).toBeLessThanOrEqual(Math.max(columns * 2, Math.min(samples.length, columns * 2)));
      expect(shown.map(({ atMs }) => atMs)).toEqual(shown.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
      expect(Math.max(...known(shown))).toBe(Math.max(...known(samples)));
      expect(Math.min(...known(shown))).toBe(Math.min(...known(samples)));
    }),
  );
});
