import { expect, test } from "vitest";
import { advanced, forgottenLines, positionOf } from "./position.ts";

const cursor = (entry: number, seconds = entry, name = "ab") =>
  `s=${name};i=${entry.toString(16)};b=52ce;m=1;t=${(seconds * 1_000_000).toString(16)};x=4f`;

test("what was forgotten is the part of the missing entries that is usually ours", () => {
  let position = advanced(null, cursor(100), 10);
  for (let entry = 110; entry <= 1_000; entry += 10) position = advanced(position, cursor(entry), 2);
  expect(forgottenLines(position, cursor(2_001))).toBe(200);
  expect(forgottenLines(position, cursor(1_001))).toBe(0);
  expect(forgottenLines(position, cursor(500))).toBe(0);
  expect(forgottenLines(position, cursor(1_002))).toBe(1);
});

test("of a journal that was begun anew only the time tells that something is missing", () => {
  const position = advanced(null, cursor(100), 10);
  expect(forgottenLines(position, cursor(1, 101, "cd"))).toBe(1);
  expect(forgottenLines(position, cursor(1, 99, "cd"))).toBe(0);
  expect(forgottenLines(position, "nonsense")).toBe(0);
});

test("a position of an earlier version is read, and what is none is none", () => {
  expect(positionOf({ cursor: cursor(7) })).toEqual({ cursor: cursor(7), lines: 0, entries: 0 });
  const full = { cursor: cursor(7), isNext: true, lines: 3, entries: 9 };
  expect(positionOf(JSON.parse(JSON.stringify(full)))).toEqual(full);
  for (const none of [null, undefined, 7, {}, { cursor: 7 }, { cursor: "--help me" }, { cursor: "" }])
    expect(positionOf(none)).toBeNull();
});
