import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { doubled, leastSeconds, processorSeconds } from "../../../test/processor-time.ts";
import { readPoints as pointsIn, type ReadPoints } from "./line-protocol.ts";

function readPoints(text: string, unitMs: number): ReadPoints {
  const steps = pointsIn(text, unitMs);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
const points = (text: string, unitMs = 1e-6) =>
  readPoints(text, unitMs).points.map(({ measurement, tags, fields, atMs }) => [
    measurement,
    Object.fromEntries(tags),
    Object.fromEntries(fields),
    atMs,
  ]);

test("what Telegraf's postfix input sends (from its documentation and source)", () => {
  const text = `postfix_queue,host=mx1.example.org,queue=active length=3i,size=12345i,age=9i 1717171717000000000
postfix_queue,host=mx1.example.org,queue=hold length=0i,size=0i,age=0i 1717171717000000000
`;
  expect(points(text)).toEqual([
    ["postfix_queue", { host: "mx1.example.org", queue: "active" }, { length: 3, size: 12345, age: 9 }, 1717171717000],
    ["postfix_queue", { host: "mx1.example.org", queue: "hold" }, { length: 0, size: 0, age: 0 }, 1717171717000],
  ]);
});

test("escapes, strings with everything in them, booleans, unsigned and floats, comments, no time", () => {
  const text = String.raw`# a comment
we\,ather\ x,lo\=c=us\ mid,a=b\,c t=82.5,s="a, \"b\" = c
second line",b=t,u=7u,e=-1.5e3
x v=1 17`;
  expect(points(text, 1_000)).toEqual([
    ["we,ather x", { "lo=c": "us mid", a: "b,c" }, { t: 82.5, u: 7, e: -1500 }, undefined],
    ["x", {}, { v: 1 }, 17_000],
  ]);
});

test.each([
  ["cpu", "missing fields"],
  [",a=b v=1", "missing measurement"],
  ["cpu,a v=1", "missing tag value"],
  ["cpu v=", "invalid field format"],
  ['cpu v="a', "invalid field format"],
  ["cpu v=1 soon", "bad timestamp"],
])("%s: %s", (line, why) => {
  const { points: read, garbled, firstError } = readPoints(`ok v=1\n${line}\n`, 1);
  expect([read.length, garbled]).toEqual([1, 1]);
  expect(firstError).toBe(`unable to parse '${line}': ${why}`);
});

test.each([
  ['cpu,host="mx1 v=1'],
  ['cpu,host="a"b",c=" v=1'],
  ['cpu,host=a v="never closed'],
  ['cpu v="closed",w="never closed'],
  ['# a comment, v="'],
  ["cpu,host=a\\ v=1\\"],
])("%s costs its own line only", (line) => {
  const read = readPoints(`first v=1\n${line}\nsecond,a=b v=2\nthird v=3,s="x\ny"\n`, 1).points;
  expect(read.map(({ measurement }) => measurement).filter((name) => name !== "cpu")).toEqual([
    "first",
    "second",
    "third",
  ]);
});

const reading = (text: string) => () => void readPoints(text, 1);

test("whatever comes costs itself alone, in proportion to its length", () => {
  const mark = constantFrom("a", ",", "=", " ", '"', "\\", "\n", "1", "i", "#", "é", "\0");
  assert(
    property(array(mark, { maxLength: 80 }), (marks) => {
      const { points: read, garbled } = readPoints(marks.join(""), 1);
      for (const point of read) for (const value of point.fields.values()) expect(value).not.toBeNaN();
      expect(garbled).toBeLessThanOrEqual(marks.length);
    }),
    { numRuns: 3_000 },
  );
  for (const hostile of [
    (length: number) => `a${",".repeat(length)}`,
    (length: number) => `a v="${"\\".repeat(length)}`,
    (length: number) => '="'.repeat(length / 2),
    (length: number) => "a v=1 ".repeat(length / 5),
  ]) {
    const [half, whole] = [hostile(5e5), hostile(1e6)];
    expect(doubled(reading(half), reading(whole)), whole.slice(0, 20)).toMatchObject({ isLinear: true });
    expect(leastSeconds(reading(whole)), whole.slice(0, 20)).toBeLessThan(1.25);
  }
});

test("a line without end is no point, costs no more than itself, and takes no step for long", () => {
  for (const hostile of [`a${",".repeat(4e6)}`, `a v="${"x".repeat(4e6)}`, `a v=1 ${" ".repeat(4e6)}x`]) {
    const { points: read, firstError } = readPoints(`${hostile}\nlast v=1\n`, 1);
    expect([read.length, firstError?.endsWith("line too long")]).toEqual([1, true]);
    const steps = pointsIn(hostile, 1);
    const done: boolean[] = [];
    while (done.at(-1) !== true)
      expect(processorSeconds(() => void done.push(steps.next().done === true))).toBeLessThan(0.3);
  }
});
