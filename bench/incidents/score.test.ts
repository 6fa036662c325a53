import { expect, test } from "vitest";
import type { Expectation } from "./expectations.ts";
import { problemsOf, type Report } from "./report.ts";
import { alert, at, perfect, trueDelay, truth } from "./sample.ts";
import { type DayScore, scoreDay } from "./score.ts";

const expectation: Expectation = {
  kind: "incident",
  says: [
    {
      causes: ["inbound-flood"],
      of: { event: "flood", edge: "at" },
      within: 60,
      change: "Release 7",
      nodes: ["mx1"],
    },
  ],
  never: ["mail-loop"],
  stated: [{ at: at(120), hours: 2 }],
  curve: true,
  blocklist: true,
  recovery: true,
};
const scoreOf = (report: Report): DayScore => scoreDay(report, truth(), expectation);
const full = scoreOf(perfect());
const [said] = full.says;
const [stated] = full.stated;

test("a report that leaves nothing to be wished for has full marks", () => {
  expect(problemsOf(perfect())).toEqual([]);
  expect(full.says).toEqual([
    {
      causes: ["inbound-flood"],
      seconds: 30,
      deadlineSeconds: 60,
      inTime: true,
      severity: "page",
      first: { hits: 60, of: 60 },
      change: true,
      nodes: true,
    },
  ]);
  expect(full.headline).toEqual({ minutes: 230, unsaid: 0, medianError: 0, p90Error: 0 });
  expect(full.stated).toEqual([{ at: at(120), hours: 2, saidSeconds: 7200, trueSeconds: 7200, ok: true }]);
  expect(full.curve).toMatchObject({ truePeakSeconds: 7200, trueEndSeconds: 240 * 60, peakOk: true, endOk: true });
  // Judged from 12:00 to 13:45, both included.
  expect(full.recovery).toEqual({
    good: { hits: 106, of: 106 },
    forecast: { hits: 106, of: 106 },
    covered: { hits: 106, of: 106 },
    widthAtTwoHours: 10 / 60,
    errors: [
      { hours: 1, error: 0 },
      { hours: 2, error: 0 },
    ],
  });
  expect(full.pages).toMatchObject({ pages: 1, falsePages: 0, tickets: 0, falseTickets: 0, wrong: {}, forbidden: [] });
  expect(full.blocklist).toEqual({ attackers: { hits: 2, of: 2 }, innocents: { hits: 0, of: 2 }, ok: true });
});

/** Each defect, what it changes, and that it changes nothing else. */
const defects: readonly (readonly [string, Report, Partial<Record<keyof DayScore, unknown>>])[] = [
  [
    "late",
    perfect([alert({ firedAt: at(62), worstAt: at(62) })]),
    { says: [{ ...said, seconds: 120, inTime: false, first: { hits: 58, of: 58 } }] },
  ],
  ["on another host only", perfect([alert({ node: "mx2" })]), { says: [{ ...said, nodes: false }] }],
  [
    "without the change",
    { ...perfect(), incidents: perfect().incidents.map((one) => ({ ...one, changes: [] })) },
    { says: [{ ...said, change: false }] },
  ],
  [
    "a headline that is a fifth too high",
    perfect([alert()], (row) => ({ ...row, headlineSeconds: (row.headlineSeconds ?? 0) * 1.2 })),
    {
      headline: { minutes: 230, unsaid: 0, medianError: expect.closeTo(0.2), p90Error: expect.closeTo(0.2) },
      // 2.4 hours still round to two; the peak is off by more than 15 %.
      stated: [{ ...stated, saidSeconds: 8640 }],
      curve: { ...full.curve, saidPeakSeconds: 8640, peakOk: false, saidEndSeconds: 240 * 60 },
    },
  ],
  [
    "a stated hour without a number",
    perfect([alert()], (row) => (row.at === at(120) ? { ...row, headlineSeconds: null } : row)),
    {
      headline: { ...full.headline, unsaid: 1 },
      stated: [{ ...stated, saidSeconds: null, ok: false }],
      curve: { ...full.curve, saidPeakSeconds: trueDelay(121) },
    },
  ],
  [
    "an attacker let through and an innocent blocked",
    { ...perfect(), blocklist: ["203.0.113.5", "192.0.2.2"] },
    { blocklist: { attackers: { hits: 1, of: 2 }, innocents: { hits: 1, of: 2 }, ok: false } },
  ],
];

test.each(defects)("%s: exactly its own columns are lower", (_, report, changed) => {
  expect(scoreOf(report)).toEqual({ ...full, ...changed });
});

test("nothing said is missed, not fine", () => {
  const { says, pages } = scoreOf(perfect([]));
  expect(says).toEqual([
    {
      ...said,
      seconds: null,
      inTime: false,
      severity: null,
      first: { hits: 0, of: 0 },
      change: false,
      nodes: false,
    },
  ]);
  expect(pages.pages).toBe(0);
});

test("what fires before its event or after it is no detection of it", () => {
  const before = alert({ startedAt: at(20), firedAt: at(20), worstAt: at(20) });
  const after = alert({ startedAt: at(121), firedAt: at(121), worstAt: at(121) });
  expect(scoreOf(perfect([before, after])).says[0]?.seconds).toBeNull();
});

test("a louder alert leads; of equals the first, and only what began with the event", () => {
  const louder = alert({ cause: "capacity", firedAt: at(75), worstAt: at(75), resolvedAt: at(90) });
  const ticket = alert({ severity: "ticket" });
  expect(scoreOf(perfect([ticket, louder])).says[0]?.first).toEqual({ hits: 45, of: 60 });
  expect(scoreOf(perfect([alert(), louder])).says[0]?.first).toEqual({ hits: 60, of: 60 });
  const old = alert({ cause: "capacity", startedAt: at(5), firedAt: at(5), worstAt: at(5), resolvedAt: null });
  expect(scoreOf(perfect([ticket, old])).says[0]?.first).toEqual({ hits: 60, of: 60 });
});

test("the deadline may be that the true delay passes something", () => {
  const says = [{ causes: ["inbound-flood"] as const, of: { event: "flood", edge: "at" } as const, beforeDelay: 900 }];
  const of = (report: Report) => scoreDay(report, truth(), { ...expectation, says }).says[0];
  // 900 s are passed at 10:14.
  expect(of(perfect())).toMatchObject({ deadlineSeconds: 14 * 60, inTime: true });
  expect(of(perfect([alert({ firedAt: at(75), worstAt: at(75) })]))?.inTime).toBe(false);
});

test("stated hours are asked of the day as it is written only", () => {
  const moved = truth({ variation: { shiftMinutes: 5, scale: 1 } });
  expect(scoreDay(perfect(), moved, expectation).stated).toEqual([]);
});

test("a report that cannot be is refused", () => {
  expect(problemsOf({ ...perfect(), lines: 0, delay: [] })).toHaveLength(2);
  expect(problemsOf(perfect([alert({ firedAt: at(59) })]))).toEqual([expect.stringContaining("fired before it began")]);
  expect(problemsOf({ ...perfect(), alerts: [] })).toEqual(["an incident names an alert that is not there"]);
});
