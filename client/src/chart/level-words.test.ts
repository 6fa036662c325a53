import { expect, test } from "vitest";
import { markFoot, type Plot, placeAtTarget, placeInStretches, rowsIn } from "./level-words.ts";
import type { PlacedMark } from "./marks.ts";

const plotOf = (targetY: number, height = 300): Plot => ({ unit: 10, top: 10, height, targetY, x: (atMs) => atMs });
/** From the top of capitals and tall letters to the end of those that hang: so much of the type's size. */
const ink = (footPx: number) => ({ top: footPx - 0.76 * 13.75, bottom: footPx + 0.2 * 13.75 });
const heights = Array.from({ length: 301 }, (_, index) => 10 + index);

test("no line of labels lies on the target, wherever that is, and there are always five", () => {
  for (const targetY of heights) {
    const plot = plotOf(targetY);
    const rows = rowsIn(plot);
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      const { top, bottom } = ink(markFoot(row, plot));
      expect(targetY > top - 1 && targetY < bottom + 1, `line ${row}, target at ${targetY}`).toBe(false);
    }
  }
  expect(rowsIn(plotOf(250))).toEqual([0, 1, 2, 3, 4]);
  expect(rowsIn(plotOf(20))).toEqual([1, 2, 3, 4, 5]);
});

test("a low plot has fewer lines of labels: none lies under it", () => {
  const plot = plotOf(50, 60);
  expect(rowsIn(plot)).toEqual([0, 1]);
});

const mark = (atMs: number, row: number, words: string): PlacedMark => ({
  atMs,
  kind: "change",
  words,
  row,
  side: "left",
});

test("what is said of a stretch lies neither on the target nor on a mark", () => {
  const stretch = { fromMs: 100, toMs: 300, words: ["not known"] };
  for (const targetY of heights) {
    const [placed] = placeInStretches([stretch], [], plotOf(targetY));
    const { top, bottom } = ink(placed?.footPx ?? NaN);
    expect(targetY <= top - 1 || targetY >= bottom + 1, `target at ${targetY}`).toBe(true);
  }
  const across = placeInStretches([stretch], [mark(200, 0, "push")], plotOf(250))[0];
  expect(across?.leftPx).toBeGreaterThanOrEqual(100);
  expect((across?.leftPx ?? 0) + (across?.widthPx ?? 0) < 200 || (across?.leftPx ?? 0) > 200).toBe(true);
  // The label of a later mark, on the same level.
  expect(placeInStretches([stretch], [mark(310, 9, "a deploy of everything")], plotOf(250))).toEqual([]);
  expect(placeInStretches([{ ...stretch, toMs: 150 }], [], plotOf(250))).toEqual([]);
  const narrow = { ...stretch, toMs: 200, words: ["late until tomorrow", "not known", "?"] };
  expect(placeInStretches([narrow], [], plotOf(250))[0]?.words).toBe("not known");
});

test("the target's words pass what is said of a stretch on their level", () => {
  const plot = plotOf(184);
  const others = placeInStretches([{ fromMs: 0, toMs: 90, words: ["not known"] }], [], plot);
  expect(others).toHaveLength(1);
  const at = (targetY: number) =>
    placeAtTarget("target 5 min", { leftPx: 0, rightPx: 400 }, { marks: [], others }, plotOf(targetY))?.leftPx;
  expect(at(184)).toBeGreaterThan(70);
  expect(at(100)).toBe(0);
});
