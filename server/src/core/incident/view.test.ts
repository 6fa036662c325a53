import { expect, test } from "vitest";
import { said, Stepper } from "../../../test/alerting.ts";
import { rawMarks } from "./view.ts";

test("of one cause that hosts and probes tell of one after the other there is one mark, and another for the next time", () => {
  const s = new Stepper();
  const began = s.nowMs;
  const at = (rule: string, seconds: number) =>
    said(rule, { cause: "certificate-expired", startedAtMs: began + seconds * 1_000 });
  s.after(0, [at("probe", 0)]);
  s.after(60, [at("probe", 0), at("mx1", 20)]);
  s.after(700, [
    at("probe", 0),
    at("mx1", 20),
    at("mx2", 40),
    at("again", 700),
    said("lock", { cause: "schema-lock" }),
  ]);
  const { open } = s.state;
  const marks = rawMarks(open === null ? [] : [open], [], began - 3_600_000);
  expect(marks.map(({ atMs, what }) => [(atMs - began) / 1_000, what])).toEqual([
    [0, "certificate-expired"],
    [700, "certificate-expired"],
    [expect.any(Number), "schema-lock"],
  ]);
});

test("the title of a change stands whole beside the chart, and shows where it was cut", () => {
  const startAtMs = 1_462_959_600_000;
  const marks = (title: string) => rawMarks([], [{ id: "c", startAtMs, title }], 0).map(({ what }) => what);
  expect(marks("Code push: remove tables of the test database")).toEqual([
    "Code push: remove tables of the test database",
  ]);
  expect(marks("x".repeat(61))).toEqual([`${"x".repeat(59)}…`]);
});
