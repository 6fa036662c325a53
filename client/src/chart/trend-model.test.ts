import { expect, test } from "vitest";
import { createFormats } from "../ui/format.ts";
import { delayAxis, timeTicks, zoneOffsetMs } from "./axis.ts";
import { labelsWithin, numbered } from "./mark-labels.ts";
import { placeAlong, placeMarks } from "./marks.ts";
import { sparkPath } from "./spark-path.ts";
import { trendModel } from "./trend-model.ts";

const minute = 60_000;
const none = { notBeforeMs: null, lowMs: null, highMs: null };
const trend = (seconds: readonly (number | null)[]) => ({
  stepSeconds: 60,
  atMs: seconds.map((_, index) => index * minute),
  headlineSeconds: seconds,
  marks: [],
});

test.each([
  [30, "30\u00a0s"],
  [372, "6\u00a0min"],
  [10_934, "3\u00a0h"],
])("a delay of up to %d s is read on an axis that has %s", (seconds, label) => {
  const axis = delayAxis(seconds);
  expect(axis.topSeconds).toBeGreaterThan(seconds);
  expect(axis.ticks.map(axis.label)).toContain(label);
  expect(axis.ticks.length).toBeLessThanOrEqual(5);
});

test("time ticks stand on round hours of the reader's zone", () => {
  const from = Date.parse("2016-05-11T01:10:00Z");
  const ticks = timeTicks(from, from + 9 * 60 * minute, 6, zoneOffsetMs("Asia/Kolkata", from));
  expect(ticks.map((atMs) => new Date(atMs).toISOString().slice(11, 16))).toEqual(["02:30", "04:30", "06:30", "08:30"]);
  expect(zoneOffsetMs("America/New_York", from)).toBe(-4 * 60 * minute);
});

test("what is not known is a stretch, not a line through it", () => {
  const model = trendModel(trend([5, null, null, 7, 8, null]), 5 * minute, none, 100);
  expect(model?.unknown).toEqual([
    { fromMs: 0, toMs: 3 * minute },
    { fromMs: 4 * minute, toMs: 5 * minute },
  ]);
  expect(model?.lastSeconds).toBeNull();
});

test("a far forecast gets no more room than the past", () => {
  const model = trendModel(trend([5, 6, 7]), 2 * minute, { ...none, notBeforeMs: 900 * minute }, 100);
  expect(model?.toMs).toBe(4 * minute);
  expect(model?.late).toEqual({ untilMs: 900 * minute, toMs: 4 * minute });
});

test("nothing is drawn before there are two points", () => {
  expect(trendModel(trend([5]), 0, none, 100)).toBeNull();
});

const room = { x: (atMs: number) => atMs, leftPx: 0, rightPx: 400, characterPx: 8, rows: [0, 1, 2] };

test("labels cover neither each other nor any line", () => {
  const placed = placeMarks(
    [
      { atMs: 200, kind: "attack", words: "flood", time: "11:40" },
      { atMs: 220, kind: "change", words: "push", time: "12:24" },
      { atMs: 222, kind: "fault", words: "schema lock", time: "12:24" },
      { atMs: 390, kind: "now", words: "now", time: null },
    ],
    room,
  );
  expect(placed.map(({ words }) => words)).toEqual(["now", "schema lock 12:24", "push 12:24", "flood 11:40"]);
  const spans = placed.map(({ atMs, side, words, row }) => ({
    row,
    line: atMs,
    from: side === "left" ? atMs - (words.length + 2) * 8 : atMs,
    to: side === "left" ? atMs : atMs + (words.length + 2) * 8,
  }));
  for (const a of spans) {
    for (const b of spans.filter((other) => other !== a)) {
      expect(a.row === b.row && a.from < b.to && a.to > b.from).toBe(false);
      expect(a.row <= b.row && a.line > b.from + 2 && a.line < b.to - 2).toBe(false);
    }
  }
});

const wordsBefore = (later: string) =>
  placeMarks(
    [
      { atMs: 300, kind: "change", words: later, time: null },
      { atMs: 150, kind: "change", words: "push", time: null },
    ],
    { ...room, rows: [0], rightPx: 300 },
  )[1]?.words;

test("capitals and ideographs take the room that they are wide", () => {
  expect(wordsBefore("fifteen letters")).toBe("push");
  expect(wordsBefore("FIFTEEN LETTERS")).toBe("");
  expect(wordsBefore("郵便サーバの更新")).toBe("push");
  expect(wordsBefore("郵便サーバの更新と再起動")).toBe("");
});

const say = (words: string, rightPx: number) =>
  placeMarks([{ atMs: 5, kind: "change", words, time: "12:24" }], { ...room, rightPx })[0];

test("a label without room says fewer whole words, then its time, then nothing; its line stays", () => {
  expect(say("Code push 4182: drop test tables", 400)?.words).toBe("Code push 4182: drop test tables 12:24");
  expect(say("Code push 4182: drop test tables", 250)?.words).toBe("Code push 4182 12:24");
  expect(say("Code push 4182: drop test tables", 150)?.words).toBe("Code push 12:24");
  expect(say("x".repeat(90), 400)?.words).toBe("12:24");
  expect(say("x".repeat(90), 20)).toMatchObject({ words: "", atMs: 5 });
});

test("a line without words begins below the labels that stand in its way", () => {
  const [, , silent] = placeMarks(
    [
      { atMs: 300, kind: "fault", words: "schema lock", time: "12:24" },
      { atMs: 301, kind: "change", words: "push", time: "12:24" },
      { atMs: 250, kind: "attack", words: "", time: null },
    ],
    { ...room, rightPx: 310, rows: [0, 1] },
  );
  expect(silent).toEqual({ atMs: 250, kind: "attack", words: "", row: 2, side: "left" });
});

const mark = (atMs: number, kind: "attack" | "change", words: string) => ({
  atMs,
  kind,
  label: { id: "mark", params: {}, parts: [{ text: `${words} ` }, { atMs }] },
});

test("marks that are listed bear the numbers of the list, oldest first, and only those that are drawn", () => {
  const model = trendModel(trend([5, 6, 7]), 2 * minute, none, 100);
  const marks = [mark(-minute, "change", "before"), mark(0, "attack", "flood"), mark(minute, "change", "push")];
  if (model === null) throw new Error("no model");
  const labels = labelsWithin(model, marks, createFormats("en-GB", "UTC"));
  expect(labels).toEqual([
    { atMs: 0, kind: "attack", words: "flood", time: "00:00" },
    { atMs: minute, kind: "change", words: "push", time: "00:01" },
  ]);
  expect(numbered(labels)).toMatchObject([
    { words: "1", time: null },
    { words: "2", time: null },
  ]);
  const cramped = { ...room, x: (atMs: number) => 40 + atMs / minute, rightPx: 60 };
  expect(placeMarks(numbered(labels), cramped).map(({ words }) => words)).toEqual(["2", "1"]);
});

test("words along a line step past what stands in their way, and are left out where they find no room", () => {
  const line = { leftPx: 0, rightPx: 200, widthPx: 60 };
  expect(placeAlong([], line)).toBe(0);
  expect(placeAlong([{ fromPx: 100, toPx: 104 }], line)).toBe(0);
  expect(
    placeAlong(
      [
        { fromPx: 50, toPx: 54 },
        { fromPx: 10, toPx: 14 },
        { fromPx: 100, toPx: 104 },
      ],
      line,
    ),
  ).toBe(104);
  expect(
    placeAlong(
      [
        { fromPx: 50, toPx: 54 },
        { fromPx: 110, toPx: 160 },
      ],
      line,
    ),
  ).toBeNull();
});

test("a failed probe breaks the sparkline", () => {
  expect(sparkPath([1, 1, null, 1], 30, 24)).toBe("M0 12L10 12M30 12");
  expect(sparkPath([null, null], 30, 24)).toBe("");
});
