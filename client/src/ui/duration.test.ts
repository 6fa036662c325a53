import { expect, test } from "vitest";
import { duration, durationParts, latency, shortDuration, toldDuration } from "./duration.ts";

test.each([
  [0, "0 s"],
  [12.9, "12 s"],
  [60, "1 min"],
  [245, "4 min 05 s"],
  [599.9, "9 min 59 s"],
  [600, "10 min"],
  [3_599, "59 min"],
  [3_600, "1 h"],
  [9_300, "2 h 35 min"],
  [21_900, "6 h 05 min"],
  [48 * 3_600, "2 d"],
  [76 * 3_600, "3 d 04 h"],
  [-5, "0 s"],
])("%d s is said as %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words.replaceAll(" ", "\u00a0"));
});

test("a running headline keeps its second figure", () => {
  expect(durationParts(7_200)).toEqual([
    { value: "2", unit: "h" },
    { value: "00", unit: "min" },
  ]);
});

test.each([
  [0, "0 s"],
  [0.3, "under 1 s"],
  [1.84, "1.8 s"],
  [9.96, "9 s"],
  [14.2, "14 s"],
])("an ordinary wait of %d s is %s", (seconds, words) => {
  expect(shortDuration(seconds)).toBe(words.replaceAll(" ", "\u00a0"));
});

test.each([
  [0, "0 ms"],
  [0.000_04, "0 ms"],
  [0.0004, "0.4 ms"],
  [0.009, "9 ms"],
  [0.41, "410 ms"],
  [0.9996, "1.0 s"],
  [1.23, "1.2 s"],
  [12.3, "12 s"],
  [10_680, "2 h 58 min"],
])("a latency of %d s is %s", (seconds, words) => {
  expect(latency(seconds)).toBe(words.replaceAll(" ", "\u00a0"));
});

test.each([
  [0, "0 s"],
  [0.0121, "12 ms"],
  [0.31, "310 ms"],
  [4.26, "4.3 s"],
  [12.9, "12 s"],
  [8_783, "2 h 26 min"],
])("a sentence tells %d s as %s", (seconds, words) => {
  expect(toldDuration(seconds)).toBe(words.replaceAll(" ", "\u00a0"));
});
