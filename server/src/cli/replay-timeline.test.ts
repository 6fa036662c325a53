import { expect, test } from "vitest";
import type { ReportDelayRow, ReportDocument } from "../replay/report/index.ts";
import { timeline, type TimelineOptions } from "./replay-timeline.ts";
import { sparkline } from "./sparkline.ts";

const minute = (at: string, headlineSeconds: number | null, more: Partial<ReportDelayRow> = {}): ReportDelayRow => ({
  at,
  site: "default",
  headlineSeconds,
  lateShare: 0,
  typicalSeconds: 2,
  stuck: { count: 0, oldestSeconds: null },
  expectedWaitSeconds: 3,
  expectedWaitLowSeconds: null,
  expectedWaitHighSeconds: null,
  recovery: "none",
  complete: true,
  ...more,
});

const report: ReportDocument = {
  version: 1,
  run: { program: "mailtide 0", elapsedSeconds: 1 },
  capture: "a day",
  from: "2016-05-11T21:00:00.000Z",
  to: "2016-05-11T23:00:00.000Z",
  lines: 1234567,
  unparsed: 2,
  lost: 0,
  assumptions: ["the log states no year\u001B[2J: 2016 is assumed"],
  alerts: [
    {
      rule: "attack-sources",
      cause: "spoof-flood",
      severity: "page",
      worstAt: "2016-05-11T21:20:00.000Z",
      site: "default",
      subject: "evil\r\n\u001B]0;owned\u0007name\u202E",
      startedAt: "2016-05-11T21:05:00.000Z",
      firedAt: "2016-05-11T21:10:00.000Z",
      resolvedAt: "2016-05-11T22:05:00.000Z",
      evidence: [{ id: "attack.sources", params: {}, text: `7,287 new sources. ${"x".repeat(300)}` }],
    },
  ],
  incidents: [
    {
      startedAt: "2016-05-11T21:05:00.000Z",
      resolvedAt: "2016-05-11T22:05:00.000Z",
      causes: [{ cause: "spoof-flood", score: 1, startedAt: "2016-05-11T21:05:00.000Z" }],
      changes: [{ startAt: "2016-05-11T20:55:00.000Z", title: "\u001B[31mdeploy" }],
      alerts: [0],
    },
  ],
  delay: [
    minute("2016-05-11T21:00:00.000Z", null),
    minute("2016-05-11T21:01:00.000Z", 2),
    minute("2016-05-11T21:30:00.000Z", 600, {
      lateShare: 0.5,
      recovery: "recovering",
      recoveryAt: "2016-05-11T23:10:00.000Z",
      complete: false,
    }),
    minute("2016-05-11T22:00:00.000Z", 5),
  ],
  sources: {
    distinct: 9000,
    top: [
      {
        ip: "198.51.100.7",
        messages: 40,
        rejected: 3,
        spoofed: 38,
        authFailures: 0,
        firstAt: "2016-05-11T21:05:00.000Z",
      },
    ],
  },
  blocklist: ["198.51.100.7/32"],
};
const plainOptions: TimelineOptions = {
  timezone: "Africa/Johannesburg",
  locale: "en-GB",
  isColoured: false,
  simulated: true,
};

test("what happened stands in order, in the site's zone, over midnight with its day", () => {
  const lines = timeline(report, plainOptions);
  const text = lines.join("\n");
  const order = [
    "REPLAY OF A SIMULATION  a day",
    "at most 10 min at 23:30",
    "22:55  change    [31mdeploy",
    "23:00            not known",
    "23:10  fired     Spoofing flood",
    "23:20  page      Spoofing flood",
    "23:30            at least 10 min · 50 % late · on time again Thu, 01:10",
    "Thursday 12 May 2016",
    "00:00            5 s",
    "00:05  over      Spoofing flood",
    "Incident 1, since Wednesday 11 May 2016 23:05, over at Thu, 00:05",
    "  1. Spoofing flood, since 23:05",
    "after the change 22:55",
    "Sources: 9,000; to be blocked: 1 prefix",
    "198.51.100.7     40 messages, 38 forged",
    "Lines: 1,234,567 read, 2 not understood, 0 lost",
    "Assumed: the log states no year",
  ];
  let from = 0;
  for (const piece of order) {
    const at = text.replaceAll(",", "").indexOf(piece.replaceAll(",", ""), from);
    expect(at, `${piece} in\n${text}`).toBeGreaterThanOrEqual(from);
    from = at;
  }
});

test("no line is wider than 100 columns and nothing that a stranger wrote steers the terminal", () => {
  const lines = timeline(report, plainOptions);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const coloured = timeline(report, { ...plainOptions, isColoured: true }).join("\n");
  expect(coloured).toContain("\u001B[31m23:20  page");
  // eslint-disable-next-line no-control-regex
  expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(lines.join("\n"));
});

test("evidence without a mark at its end does not run into the next", () => {
  const texts = ["7,287 new sources.", "mail-db: no answer within 2 s", "Mail is late"];
  const evidence = texts.map((text) => ({ id: "", params: {}, text }));
  const alerts = report.alerts.map((alert) => ({ ...alert, evidence }));
  const lines = timeline({ ...report, alerts }, plainOptions);
  expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain(
    "since 23:05. 7,287 new sources; mail-db: no answer within 2 s. Mail is late",
  );
});

test("a recording of which nothing can be told says so", () => {
  const blind = { ...report, alerts: [], incidents: [], delay: [minute("2016-05-11T21:00:00.000Z", null)] };
  expect(timeline(blind, plainOptions).join("\n")).toContain("How late mail was could not be told.");
});

test("a sparkline keeps every peak and shows holes", () => {
  expect(sparkline([0, 0, 8, 0, 4, null], 6)).toBe("▁▁█▁▅ ");
  expect(sparkline([0, 0, 0, 0, 0, 0, 0, 8, 0, 0], 2)).toBe("▁█");
  expect(sparkline([0, 0], 9)).toBe("▁▁");
  expect(sparkline([4, 7, 5], 9, 60)).toBe("▁▁▁");
  expect(sparkline([], 9)).toBe("");
});
