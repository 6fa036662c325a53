import { expect, test } from "vitest";
import type { Expectation } from "./expectations.ts";
import type { DelayRow } from "./report.ts";
import { alert, at, perfect, truth } from "./sample.ts";
import { scorePages } from "./score-pages.ts";
import { scoreRecovery } from "./score-recovery.ts";
import { quantile, sumOf, wilson } from "./share.ts";

const later = (iso: string | undefined, minutes: number) =>
  iso === undefined ? undefined : new Date(Date.parse(iso) + minutes * 60_000).toISOString();
const moved = (minutes: number) =>
  perfect([alert()], (row: DelayRow) => ({
    ...row,
    recoveryAt: later(row.recoveryAt, minutes),
    recoveryLowAt: later(row.recoveryLowAt, minutes),
    recoveryHighAt: later(row.recoveryHighAt, minutes),
  }));

test("a forecast is good within a fifth of what remains, and within five minutes at the end", () => {
  // 20 minutes off is a fifth of 100: good while at least that remains, from 12:00 to 12:20.
  expect(scoreRecovery(moved(20), truth())).toMatchObject({
    good: { hits: 21, of: 106 },
    forecast: { hits: 106, of: 106 },
    covered: { hits: 0, of: 106 },
    errors: [{ error: expect.closeTo(20 / 120) }, { error: expect.closeTo(20 / 60) }],
  });
  expect(scoreRecovery(moved(-5), truth())?.good).toEqual({ hits: 106, of: 106 });
  expect(scoreRecovery(moved(-5), truth())?.covered).toEqual({ hits: 106, of: 106 });
});

test("without a forecast no minute is good, and there is no error that could look small", () => {
  const silent = perfect([alert()], ({ at: when, headlineSeconds, lateShare }) => ({
    at: when,
    headlineSeconds,
    lateShare,
    recovery: "unknown",
  }));
  expect(scoreRecovery(silent, truth())).toEqual({
    good: { hits: 0, of: 106 },
    forecast: { hits: 0, of: 106 },
    covered: { hits: 0, of: 0 },
    widthAtTwoHours: null,
    errors: [
      { hours: 1, error: null },
      { hours: 2, error: null },
    ],
  });
});

test("a day that never recovers, or within the hour, cannot be judged", () => {
  expect(scoreRecovery(perfect(), truth({ recoveredAt: null }))).toBeNull();
  expect(scoreRecovery(perfect(), truth({ recoveredAt: at(190) }))).toBeNull();
});

const incident: Expectation = { kind: "incident", says: [], never: ["spoof-flood"] };
const negative: Expectation = { kind: "negative", says: [], never: [] };
const normal: Expectation = { kind: "normal", says: [], never: [] };
const pageAt = (minute: number, more = {}) =>
  perfect([alert({ startedAt: at(minute), firedAt: at(minute), worstAt: at(minute), ...more })]);

const falsePagesAt = (minute: number) => scorePages(pageAt(minute), truth(), incident).falsePages;

test("on an incident day a page has a reason during the event, when mail is late, and an hour ahead of it", () => {
  // Late from 10:10: from 9:10 on it is ahead by an hour at most.
  expect([5, 9, 10, 65, 200, 314, 315].map(falsePagesAt)).toEqual([1, 1, 0, 0, 0, 0, 1]);
});

test("on other days mail must be late for a page; on normal ones for a ticket as well", () => {
  const quiet = truth({ events: [{ what: "flood", at: at(20), until: at(40) }] });
  const scoreAt = (minute: number, kind: Expectation, severity: "page" | "ticket") => {
    const { falsePages, falseTickets } = scorePages(pageAt(minute, { severity }), quiet, kind);
    return falsePages + falseTickets;
  };
  expect([30, 69, 70].map((minute) => scoreAt(minute, negative, "page"))).toEqual([1, 1, 0]);
  expect([30, 65, 70].map((minute) => scoreAt(minute, negative, "ticket"))).toEqual([0, 1, 0]);
  expect([30, 65, 70].map((minute) => scoreAt(minute, normal, "ticket"))).toEqual([1, 1, 0]);
});

test("a cause that must not be named makes its page false, however late the mail", () => {
  const score = scorePages(pageAt(80, { cause: "spoof-flood" }), truth(), incident);
  expect(score).toMatchObject({ falsePages: 1, wrong: { "attack-sources": 1 }, forbidden: ["spoof-flood"] });
});

test("where a ticket is the most, a page is false; what told nobody is neither", () => {
  expect(scorePages(pageAt(80), truth(), { ...negative, worst: "ticket" }).falsePages).toBe(1);
  expect(scorePages(pageAt(5, { severity: "info" }), truth(), normal)).toMatchObject({ pages: 0, tickets: 0 });
});

test("days with a false page are counted once", () => {
  const twice = perfect([
    alert({ firedAt: at(5), startedAt: at(5), worstAt: at(5) }),
    alert({ firedAt: at(6), startedAt: at(6), worstAt: at(6) }),
  ]);
  expect(scorePages(twice, truth(), normal)).toMatchObject({ falsePages: 2, days: 1, daysWithFalsePage: 1 });
});

test("Wilson's interval: 8 of 10 is 49 to 94 %; none of 90 leaves 4 %; nothing counted leaves everything open", () => {
  expect(wilson({ hits: 8, of: 10 })).toEqual({ low: expect.closeTo(0.49, 2), high: expect.closeTo(0.943, 2) });
  expect(wilson({ hits: 0, of: 90 })).toEqual({ low: 0, high: expect.closeTo(0.041, 3) });
  expect(wilson({ hits: 0, of: 0 })).toEqual({ low: 0, high: 1 });
});

test("quantiles lie on the line between their neighbours", () => {
  expect([quantile([], 0.5), quantile([3], 0.9), quantile([4, 1, 3, 2], 0.5)]).toEqual([null, 3, 2.5]);
  expect(
    sumOf([
      { hits: 1, of: 2 },
      { hits: 3, of: 5 },
    ]),
  ).toEqual({ hits: 4, of: 7 });
});
