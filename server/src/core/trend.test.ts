import { expect, test } from "vitest";
import { Trend } from "./trend.ts";

const step = 180_000;

test("a step keeps its highest value, and an unknown does not erase a known one", () => {
  const trend = new Trend();
  for (const [at, value] of [
    [0, 5],
    [60_000, 9],
    [120_000, null],
    [150_000, 7],
  ] as const)
    trend.add(step + at, value);
  expect(trend.section([])).toMatchObject({ atMs: [step], headlineSeconds: [9] });
});

test("time in which nobody looked is a hole", () => {
  const trend = new Trend();
  trend.add(step, 1);
  trend.add(5 * step, 2);
  expect(trend.section([])).toMatchObject({ atMs: [step, 2 * step, 5 * step], headlineSeconds: [1, null, 2] });
});

test("is bounded, and the section stays the same object until something changes", () => {
  const trend = new Trend();
  for (let at = 0; at < 1_000; at++) trend.add(at * step, at);
  const section = trend.section([]);
  expect(section.atMs).toHaveLength(300);
  expect(section.headlineSeconds.at(-1)).toBe(999);
  trend.add(999 * step + 1, 3);
  expect(trend.section([])).toBe(section);
});

test("comes back as it was", () => {
  const trend = new Trend();
  trend.add(step, 4);
  const again = new Trend();
  expect(again.restore({ format: 1, text: trend.save() })).toBe(true);
  expect(again.section([])).toEqual(trend.section([]));
  expect(again.restore({ format: 2, text: "" })).toBe(false);
});

test("after a clock was set back the line goes on from there", () => {
  const trend = new Trend();
  for (let at = 1; at <= 20; at++) trend.add(at * step, at);
  trend.add(10 * step, 100);
  trend.add(11 * step, 101);
  const { atMs, headlineSeconds } = trend.section([]);
  expect(atMs).toEqual(Array.from({ length: 11 }, (_, at) => (at + 1) * step));
  expect(headlineSeconds.slice(8)).toEqual([9, 100, 101]);
});
