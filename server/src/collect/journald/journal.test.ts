import { PassThrough } from "node:stream";
import { nodeId, collectorId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Observation } from "../../core/observation.ts";
import { collectLines } from "../lines/collect-lines.ts";
import { standardInput } from "../lines/standard-input.ts";
import { createPostfixParser } from "../mta/postfix/parse.ts";
import { LogClock } from "../syslog/clock.ts";
import { lineOfEntry } from "./entry.ts";
import { JournalExport } from "./export.ts";
import { lineOfJson } from "./json.ts";
import { until } from "../../../test/real/process.ts";

const fields = {
  __CURSOR: "s=1;i=a",
  __REALTIME_TIMESTAMP: "1795514400500123",
  PRIORITY: "6",
  _HOSTNAME: "mx1",
  SYSLOG_IDENTIFIER: "postfix/qmgr",
  _PID: "812",
};
const wanted = "2026-11-24T10:00:00.500Z mx1 postfix/qmgr[812]: ABCDEF: removed";

function exported(entry: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts = Object.entries(entry).flatMap(([name, value]) => {
    if (typeof value === "string") return [Buffer.from(`${name}=${value}\n`)];
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(value.length));
    return [Buffer.from(`${name}\n`), length, value, Buffer.from("\n")];
  });
  return Buffer.concat([...parts, Buffer.from("\n")]);
}

function linesOf(data: Buffer, size: number): string[] {
  const journal = new JournalExport();
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += size)
    for (const entry of journal.push(data.subarray(at, at + size))) lines.push(String(lineOfEntry(entry)?.bytes));
  return lines;
}

test("text and binary values are read, however the stream is cut, and huge values of others cost nothing", () => {
  const data = Buffer.concat([
    exported({ ...fields, MESSAGE: "ABCDEF: removed" }),
    exported({ ...fields, COREDUMP: Buffer.alloc(300_000, 10), MESSAGE: Buffer.from("ABCDEF:\nremoved") }),
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (size) => {
      expect(linesOf(data, size)).toEqual([wanted, wanted]);
    }),
    { numRuns: 20 },
  );
});

const lineOf = (PRIORITY: string, SYSLOG_FACILITY: string): string =>
  String(lineOfEntry({ ...fields, PRIORITY, SYSLOG_FACILITY, MESSAGE: "ABCDEF: removed" })?.bytes);

test("a level is stated where Exim tells its logs apart by it, in mail alone", () => {
  expect(lineOf("5", "2")).toBe(wanted.replace("postfix", "mail.notice postfix"));
  expect(lineOf("1", "2")).toBe(wanted.replace("postfix", "mail.alert postfix"));
  expect([lineOf("6", "2"), lineOf("4", "2"), lineOf("5", "3")]).toEqual([wanted, wanted, wanted]);
});

test("a message of megabytes is cut and marked", () => {
  const journal = new JournalExport();
  const [entry] = journal.push(exported({ ...fields, MESSAGE: Buffer.alloc(3 << 20, 120) }));
  expect(entry?.truncated).toBe(true);
  expect(entry?.MESSAGE).toHaveLength(65_536);
  const [text] = journal.push(exported({ ...fields, MESSAGE: "x".repeat(3 << 20) }));
  expect(text?.truncated).toBe(true);
});

const json = (MESSAGE: unknown): string | undefined =>
  lineOfJson(Buffer.from(JSON.stringify({ ...fields, MESSAGE })))?.bytes.toString();

test("journalctl -o json says the same, bytes and lists too", () => {
  expect(json("ABCDEF: removed")).toBe(wanted);
  expect(json([...Buffer.from("ABCDEF: removed")])).toBe(wanted);
  expect(json(["ABCDEF: removed", "another"])).toBe(wanted);
  expect(json([[...Buffer.from("ABCDEF: removed")], "another"])).toBe(wanted);
  for (const none of [null, {}, [[["ABCDEF: removed"]]]]) expect(json(none)).toBeUndefined();
  const deep = `{"__REALTIME_TIMESTAMP":"1","MESSAGE":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  expect(lineOfJson(Buffer.from(deep))).toBeNull();
  expect(lineOfJson(Buffer.from("{"))).toBeNull();
});

test.each([
  ["plain lines", Buffer.from(`${wanted}\n`)],
  ["a recorded export", exported({ ...fields, MESSAGE: "ABCDEF: removed" })],
  ["recorded JSON", Buffer.from(`${JSON.stringify({ ...fields, MESSAGE: "ABCDEF: removed" })}\n`)],
])("standard input takes %s", async (_, data) => {
  const input = new PassThrough();
  const observations: Observation[] = [];
  let health = "";
  const collector = collectLines({
    id: collectorId("mx1/postfix-log"),
    node: nodeId("mx1"),
    required: true,
    limitSeconds: 10,
    log: "standard input",
    way: standardInput(input),
    createParser: () => createPostfixParser({ clock: new LogClock({ zone: "UTC", firstYear: 2026 }) }),
  });
  await collector.start({
    position: undefined,
    now: () => 0,
    sink: async (batch) => void observations.push(...batch.observations),
    health: (state, problem) => (health = problem ?? state),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  input.end(data);
  await until("the end is said", () => health === "standard input has ended");
  await collector.stop();
  expect(observations).toMatchObject([
    { atMs: 1_795_514_400_500, event: { event: "removed", queueId: "ABCDEF", process: "postfix/qmgr", pid: 812 } },
  ]);
});
