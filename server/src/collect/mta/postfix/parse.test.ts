import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsedLine } from "../../parsed-line.ts";
import { LogClock } from "../../syslog/clock.ts";
import { createPostfixParser } from "./parse.ts";

/** Each folder: `input`, lines of a log that begins in 2026, and `expected.json`, one object a line. */
const folder = join(import.meta.dirname, "testcases");
const parser = () => createPostfixParser({ clock: new LogClock({ zone: "UTC", firstYear: 2026 }) });

test.each(readdirSync(folder))("testcases/%s", (name) => {
  const parse = parser();
  const lines = readFileSync(join(folder, name, "input"), "utf8")
    .split("\n")
    .slice(0, -1);
  const parsed = lines.map((line) => parsedLine(parse(line)));
  const expected = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8")) as unknown;
  expect(parsed).toEqual(expected);
});

test("an over-long line is cut and says so", () => {
  const line = `Nov 23 19:41:05 mx postfix/smtp[9]: 6F7D621606C: to=<a@b>, relay=none, status=deferred (${"x".repeat(100_000)})`;
  const event = parser()(Buffer.from(line));
  expect(event).toMatchObject({ event: "delivery", queueId: "6F7D621606C", status: "deferred", truncated: true });
  expect(event.reason?.length).toBeLessThan(65_536);
});

test("invalid UTF-8 becomes U+FFFD", () => {
  const line = Buffer.from("Nov 23 19:41:05 mx postfix/cleanup[9]: 6F7D621606C: message-id=<\xff@x>", "latin1");
  expect(parser()(line).messageId).toBe("\u{fffd}@x");
});

test("zeros that a crash left in front of a line are no part of it", () => {
  const line = "Nov 23 19:41:05 mx postfix/qmgr[9]: 6F7D621606C: removed";
  const expected = { event: "removed", host: "mx", process: "postfix/qmgr", pid: 9, queueId: "6F7D621606C" };
  const zeros = "\0".repeat(400);
  for (const text of [line, JSON.stringify({ log: `${line}\n` })]) {
    expect(parser()(zeros + text)).toMatchObject(expected);
    expect(parser()(Buffer.from(zeros + text))).toMatchObject(expected);
  }
  expect(parser()(zeros)).toMatchObject({ event: "other" });
});

test("an address within the URL of an SPF server's explanation is told without its escapes", () => {
  const head =
    "Nov 23 19:41:05 mx postfix/policy-spf[811]: Policy action=550 Please see http://www.openspf.net/Why?s=mfrom";
  const told = (id: string) => parser()(`${head};id=${id};ip=192.0.2.7;r=own.example`).from;
  expect(told("amy%40shop.example")).toBe("amy@shop.example");
  expect(told("amy%2Bnews%40shop.example")).toBe("amy+news@shop.example");
});

test("no line makes it throw, whatever it holds", () => {
  const parse = parser();
  const inputs = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name, "input"), "utf8").split("\n"));
  const mangled = fc
    .tuple(fc.constantFrom(...inputs), fc.nat(400), fc.nat(400), fc.string({ maxLength: 20 }))
    .map(([line, from, length, text]) => line.slice(0, from) + text + line.slice(from + length));
  fc.assert(
    fc.property(mangled, (line) => {
      const event = parse(line);
      expect(parsedLine(event)["event"]).toBe(event.event);
      for (const value of Object.values(event))
        expect(typeof value === "number" && !Number.isFinite(value)).toBe(false);
    }),
    { numRuns: 3_000 },
  );
});
