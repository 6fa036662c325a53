import { expect, test } from "vitest";
import { createCalendar, curve } from "./calendar.ts";
import { parseScenario } from "./read.ts";

function calendar(timezone: string, from: string, to: string, arrivals = "{}") {
  const text = `version: 1\nid: x\ntitle: x\ntimezone: ${timezone}\nfrom: ${from}\nto: ${to}\nrate: 1\narrivals: ${arrivals}\nplatform: { filter: { capacity: 900 }, delivery: { capacity: 900 } }\n`;
  return createCalendar(parseScenario(text, "x.yaml"));
}
const hourMs = 3_600_000;

test("local times are instants in the scenario's zone, across summer time", () => {
  const { fromMs, toMs, instant } = calendar("America/Chicago", "2013-11-02T12:00", "2013-11-04T12:00");
  expect(new Date(fromMs).toISOString()).toBe("2013-11-02T17:00:00.000Z");
  expect(new Date(toMs).toISOString()).toBe("2013-11-04T18:00:00.000Z");
  expect(toMs - fromMs).toBe(49 * hourMs);
  expect(new Date(instant("2013-11-03T01:30")).toISOString()).toBe("2013-11-03T06:30:00.000Z");
  expect(new Date(instant("2013-11-03T02:30")).toISOString()).toBe("2013-11-03T08:30:00.000Z");
  expect(new Date(instant("2013-11-03T00:59:30")).toISOString()).toBe("2013-11-03T05:59:30.000Z");
});

test("an hour that is skipped is read as the one after it", () => {
  const { instant } = calendar("America/Chicago", "2013-03-09T12:00", "2013-03-11T12:00");
  expect(instant("2013-03-10T02:30")).toBe(instant("2013-03-10T03:30"));
});

test("the rhythm goes by the clock on the wall", () => {
  const day = calendar(
    "Europe/Berlin",
    "2019-03-30T00:00",
    "2019-04-01T00:00",
    '{ rhythm: [["06:00", 0], ["08:00", 1]] }',
  );
  expect(day.rhythm(day.instant("2019-03-30T05:00"))).toBe(0);
  expect(day.rhythm(day.instant("2019-03-30T07:00"))).toBeCloseTo(0.5);
  // The night between them is an hour short.
  expect(day.rhythm(day.instant("2019-03-31T07:00"))).toBeCloseTo(0.5);
  expect(day.rhythm(day.instant("2019-03-31T20:00"))).toBe(1);
  expect(day.instant("2019-03-31T07:00") - day.instant("2019-03-30T07:00")).toBe(23 * hourMs);
});

test("weekdays, holidays and drift multiply", () => {
  const days = calendar(
    "Europe/Berlin",
    "2026-05-20T00:00",
    "2026-06-10T00:00",
    "{ week: { sat: 0.4, sun: 0.2 }, holidays: [2026-05-25], driftPerDay: 0.01 }",
  );
  expect(days.rhythm(days.instant("2026-05-20T12:00"))).toBe(1);
  expect(days.rhythm(days.instant("2026-05-23T12:00"))).toBeCloseTo(0.4 * 1.03);
  expect(days.rhythm(days.instant("2026-05-24T12:00"))).toBeCloseTo(0.2 * 1.04);
  // A Monday that is like a Sunday.
  expect(days.rhythm(days.instant("2026-05-25T12:00"))).toBeCloseTo(0.2 * 1.05);
  expect(days.rhythm(days.instant("2026-06-09T12:00"))).toBeCloseTo(1.2);
});

test("the newsletter goes out on the first of the month and sums up to what was said", () => {
  const days = calendar("Europe/Berlin", "2026-05-31T00:00", "2026-06-03T00:00", "{ newsletterSeconds: 600 }");
  let sum = 0;
  for (let atMs = days.fromMs; atMs < days.toMs; atMs += 60_000) sum += days.newsletter(atMs) * 60;
  expect(sum).toBeCloseTo(600);
  expect(days.newsletter(days.instant("2026-06-01T10:15"))).toBeGreaterThan(0);
  expect(days.newsletter(days.instant("2026-06-02T10:15"))).toBe(0);
});

test("a curve is straight between its points and flat outside", () => {
  const line = curve([
    [0, 0],
    [1, 10],
    [1, 4],
    [2, 4],
  ]);
  expect([-1, 0, 0.5, 1, 1.5, 3].map(line)).toEqual([0, 0, 5, 4, 4, 4]);
});
