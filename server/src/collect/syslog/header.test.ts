import { expect, test } from "vitest";
import { LogClock } from "./clock.ts";
import { createHeaderReader } from "./header.ts";

const freshReader = () => createHeaderReader(new LogClock({ zone: "UTC", firstYear: 2026 }));

function read(line: string, zone = "UTC", firstYear = 2026) {
  const header = createHeaderReader(new LogClock({ zone, firstYear }))(line);
  return {
    time: Number.isNaN(header.atMs) ? null : new Date(header.atMs).toISOString(),
    host: header.host,
    process: header.process,
    pid: header.pid,
    body: line.slice(header.bodyStart),
  };
}

const expected = {
  time: "2026-11-03T19:57:53.000Z",
  host: "mx1",
  process: "postfix/submission/smtpd",
  pid: 25520,
  body: "hello world",
};

test.each([
  ["RFC 3164", "Nov  3 19:57:53 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["one blank before a short day", "Nov 3 19:57:53 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["with priority", "<22>Nov  3 19:57:53 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["with year", "Nov  3 2026 19:57:53 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["ISO with zone", "2026-11-03T20:57:53.000000+01:00 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["ISO in UTC", "2026-11-03T19:57:53Z mx1 postfix/submission/smtpd[25520]: hello world"],
  ["ISO without zone", "2026-11-03 19:57:53 mx1 postfix/submission/smtpd[25520]: hello world"],
  ["RFC 5424", "<22>1 2026-11-03T19:57:53Z mx1 postfix/submission/smtpd 25520 - - hello world"],
  [
    "RFC 5424 with data",
    '<22>1 2026-11-03T19:57:53Z mx1 postfix/submission/smtpd 25520 id [a@1 b="]\\""][c d="e"] hello world',
  ],
])("%s", (_name, line) => {
  expect(read(line)).toEqual(expected);
});

test("fractions are kept to the millisecond", () => {
  expect(read("2026-11-03T19:57:53.123456+00:00 mx1 a[1]: x").time).toBe("2026-11-03T19:57:53.123Z");
  expect(read("Nov  3 19:57:53.5 mx1 a[1]: x").time).toBe("2026-11-03T19:57:53.500Z");
});

test("a missing host, pid or time leaves its place empty", () => {
  expect(read("Nov  3 19:57:53 postfix/qmgr[9]: x")).toMatchObject({ host: "", process: "postfix/qmgr", pid: 9 });
  expect(read("Nov  3 19:57:53 mx1 rsyslogd: x")).toMatchObject({ host: "mx1", process: "rsyslogd", pid: Number.NaN });
  expect(read("mx1 postfix/qmgr[9]: x")).toMatchObject({ time: null, host: "mx1", process: "postfix/qmgr", body: "x" });
  expect(read("some text without a header")).toMatchObject({
    time: null,
    host: "",
    body: "some text without a header",
  });
});

test.each([
  "",
  " ",
  "<",
  "<22>",
  "Nov",
  "Nov 99 99:99:99 a b",
  "2026-13-40T00:00:00Z x",
  "1 2",
  "\u0000\ufffd",
  "<22>1 -",
])("%j is read without an error", (line) => {
  expect(read(line).time).toBeNull();
});

function times(zone: string, firstYear: number, lines: string[]): string[] {
  const reader = createHeaderReader(new LogClock({ zone, firstYear }));
  return lines.map((line) => new Date(reader(`${line} mx a[1]: x`).atMs).toISOString());
}

test("a line that begins as the one before it is read as by a fresh reader", () => {
  const beginning = "Nov  3 19:57:53 mx1 ";
  const lines = [
    "a[1]: x",
    "postfix/smtpd[25520]: hello",
    "b: text",
    " c[3]: a blank more",
    "no tag here",
    "d[4]:",
    "",
    "[5]: y",
    "e[6]: z",
  ].map((rest) => beginning + rest);
  const reader = freshReader();
  const others = ["Nov  3 19:57:54 mx1 a[1]: x", "Nov  3 19:57:53 a[1]: no host", "Nov  3 19:57:53 mx1x a[1]: x", "?"];
  for (const line of [...lines, ...lines.toReversed(), ...lines.flatMap((one) => [...others, one, one])])
    expect({ line, ...reader(line) }).toEqual({ line, ...freshReader()(line) });
});

test("the year turns with December, and a straggler belongs to the old one", () => {
  const lines = ["Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 10:00:00"];
  expect(times("UTC", 2025, lines).map((time) => time.slice(0, 10))).toEqual([
    "2025-12-31",
    "2026-01-01",
    "2025-12-31",
    "2026-01-01",
    "2025-12-31",
  ]);
  expect(times("UTC", 2025, ["Nov 30 00:00:00", "Feb  1 00:00:00", "Jan 31 00:00:00"])).toEqual([
    "2025-11-30T00:00:00.000Z",
    "2026-02-01T00:00:00.000Z",
    "2026-01-31T00:00:00.000Z",
  ]);
});

test("a doubtful hour is the first occurrence until time steps back", () => {
  const lines = [
    "Oct 25 01:59:59",
    "Oct 25 02:00:00",
    "Oct 25 02:59:58",
    "Oct 25 02:59:57",
    "Oct 25 02:00:01",
    "Oct 25 02:59:59",
    "Oct 25 03:00:00",
    "Oct 25 02:59:59",
  ];
  expect(times("Europe/Vienna", 2026, lines).map((time) => time.slice(11, 19))).toEqual([
    "23:59:59",
    "00:00:00",
    "00:59:58",
    "00:59:57",
    "01:00:01",
    "01:59:59",
    "02:00:00",
    "01:59:59",
  ]);
});

test("a wall time that spring left out goes on from before", () => {
  expect(times("Europe/Vienna", 2026, ["Mar 29 01:59:59", "Mar 29 02:30:00", "Mar 29 03:00:00"])).toEqual([
    "2026-03-29T00:59:59.000Z",
    "2026-03-29T01:30:00.000Z",
    "2026-03-29T01:00:00.000Z",
  ]);
});

test("a live log is in the newest year that is not after tomorrow", () => {
  const nowMs = Date.UTC(2026, 0, 1, 0, 30);
  const reader = createHeaderReader(new LogClock({ zone: "UTC", now: () => nowMs }));
  const yearOf = (line: string) => new Date(reader(`${line} mx a[1]: x`).atMs).getUTCFullYear();
  expect(yearOf("Dec 31 23:59:59")).toBe(2025);
  expect(yearOf("Jan  1 00:29:00")).toBe(2026);
  expect(yearOf("Jan  1 23:00:00")).toBe(2026);
  expect(yearOf("Feb 29 12:00:00")).toBe(2024);
});

test("an unknown zone is refused", () => {
  expect(() => new LogClock({ zone: "Mars/Olympus", firstYear: 2026 })).toThrow("Mars/Olympus");
});
