import type { ReplayMark } from "@mailtide/shared";
import { expect, test } from "vitest";
import { keyTarget, neighbours, shareOf } from "./timeline.ts";

const minuteMs = 60_000;
const span = { fromMs: 0, toMs: 120 * minuteMs, computedToMs: 100 * minuteMs };

test.each([
  ["ArrowRight", 51],
  ["ArrowLeft", 49],
  ["PageUp", 80],
  ["PageDown", 20],
  ["Home", 0],
  ["End", 100],
])("%s moves from minute 50 to %d, and never beyond what is computed", (key, minutes) => {
  expect(keyTarget(key, 50 * minuteMs, span)).toBe(minutes * minuteMs);
});

test("other keys are not its own", () => {
  expect(keyTarget("Tab", 0, span)).toBeNull();
  expect(keyTarget("a", 0, span)).toBeNull();
});

test("a share stays on the track, and a recording without length has none", () => {
  expect([shareOf(-5, span), shareOf(60 * minuteMs, span), shareOf(9e9, span)]).toEqual([0, 0.5, 1]);
  expect(shareOf(0, { fromMs: 0, toMs: 0, computedToMs: 0 })).toBe(0);
});

test("the marks beside a position: pressing back twice goes on, and what is not computed is not offered", () => {
  const mark = (minutes: number): ReplayMark => ({
    atMs: minutes * minuteMs,
    kind: "page",
    label: { id: String(minutes), params: {}, parts: [] },
  });
  const marks = [mark(10), mark(40), mark(110)];
  const at = (positionMs: number, speed = 1) => {
    const { previous, next } = neighbours(marks, positionMs, speed, span);
    return [previous?.label.id ?? null, next?.label.id ?? null];
  };
  expect(at(20 * minuteMs)).toEqual(["10", "40"]);
  expect(at(40 * minuteMs + 1_000)).toEqual(["10", null]);
  expect(at(41 * minuteMs, 60)).toEqual(["10", null]);
  expect(at(41 * minuteMs)).toEqual(["40", null]);
  expect(at(0)).toEqual([null, "10"]);
});
