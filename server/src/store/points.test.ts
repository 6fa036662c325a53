import { expect, test } from "vitest";
import { chunksOf } from "./embedded/state/parts.ts";
import { secondsOf } from "./influx/client.ts";
import { Refused, meaningOf } from "./influx/failure.ts";
import { cleanFilter, cleanTag } from "./points.ts";
import { StoreUnavailable } from "./series.ts";

test.each([
  ["plain", "plain"],
  ["a\nb\tc\0", "a\uFFFDb\uFFFDc\uFFFD"],
  ["back\\slash", "back\\slash"],
  ["end\\", "end\uFFFD"],
  ["half \uD83D pair 😀", "half \uFFFD pair 😀"],
  [undefined, ""],
])("tag %j is stored as %j", (value, stored) => {
  expect(cleanTag(value)).toBe(stored);
  expect(cleanTag(stored)).toBe(stored);
});

test("long tags are cut to 200 characters, stay apart, and end in whole characters", () => {
  const long = "😀".repeat(5_000);
  const cut = cleanTag(long);
  expect(cut.length).toBeLessThanOrEqual(200);
  expect(cut).toBe(cleanTag(long));
  expect(cut).not.toBe(cleanTag(`${long}x`));
  expect(Buffer.from(cut).toString()).toBe(cut);
});

test("a filter on a tag that no point has matches nothing", () => {
  expect(cleanFilter("mail_delay", { site: "a\n" })).toEqual([["site", "a\uFFFD"]]);
  expect(cleanFilter("mail_delay", { node: "x" })).toBeNull();
});

test("a text is cut into pieces that never part a pair of surrogates", () => {
  const text = `a${"😀".repeat(10)}`;
  const chunks = [...chunksOf(text, 4)];
  expect(chunks.join("")).toBe(text);
  expect(chunks.every((chunk) => Buffer.from(chunk).toString() === chunk)).toBe(true);
  expect([...chunksOf("")]).toEqual([""]);
});

test("durations as InfluxDB prints them", () => {
  expect(secondsOf("168h0m0s")).toBe(604_800);
  expect(secondsOf("1h1m1s")).toBe(3_661);
  expect(secondsOf("0s")).toBe(0);
});

const answered = (statusCode: number): Error => Object.assign(new Error("no"), { res: { statusCode } });

test("only refusals of the content are final", () => {
  const asked = { url: "http://user:pw@tsdb:8086/x", database: "mailtide", username: null, timeoutMs: 5_000 };
  const meaning = (error: Error) => meaningOf(error, "write points", asked);
  for (const status of [400, 413]) expect(meaning(answered(status))).toBeInstanceOf(Refused);
  for (const status of [401, 403, 404, 429, 500, 503]) {
    expect(meaning(answered(status))).toBeInstanceOf(StoreUnavailable);
  }
  expect(meaning(new SyntaxError("Unexpected token <")).message).toMatch(/is no InfluxDB 1\.x/);
  expect(meaning(Object.assign(new Error(""), { code: "ECONNREFUSED" })).message).toBe(
    "InfluxDB at http://tsdb:8086 refuses connections: nothing listens there; start it, or correct store.series.url",
  );
});
