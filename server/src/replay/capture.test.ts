import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lineReader } from "../collect/readers.ts";
import type { Observation } from "../core/observation.ts";
import { emptyCounts, openCapture } from "./capture.ts";
import type { CaptureOptions, ParserFor } from "./contract.ts";
import { keptOf } from "./portion.ts";

const parserFor: ParserFor = (mta, context) => {
  const read = lineReader(mta, context);
  if (read === null) throw new Error(`logs of ${mta} cannot be read`);
  return read;
};

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "mailtide-capture-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const yaml = `version: 1
name: hand-made
timezone: Africa/Johannesburg
year: 2016
simulated: false
unknownKey: ignored
nodes: [mx1, {id: mx2, mta: postfix, timezone: UTC, ownDomains: [a.example]}]
dependencies: [{id: db, type: postgres, affects: [mx1]}]
`;
const log = (...lines: string[]) => lines.map((line) => `${line}\n`).join("");
const connect = (time: string, host = "mx1") =>
  `May 11 ${time} ${host} postfix/smtpd[7]: connect from a.example[192.0.2.1]`;

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}
const open = (more: Partial<CaptureOptions> = {}) => openCapture(dir, { parserFor, ...more });
const clock = (one: Observation) => new Date(one.atMs).toISOString().slice(11, 19);

test("inputs of every kind come out in order of time, then name, with the collectors' health", async () => {
  await write({
    "capture.yaml": yaml,
    "mx1/mail.log.gz": gzipSync(log(connect("12:00:01"), connect("12:00:03"))),
    "mx2/mail.log": log(connect("10:00:01", "elsewhere")),
    "mx1/queue.jsonl": `${JSON.stringify({ version: 1, at: "2016-05-11T10:00:02.000Z", mta: "postfix", queues: { active: { count: 4, ageHistogram: [4, 0, 0, 0, 0, 0, 0, 0, 0, 0] } } })}\n`,
    "probes.jsonl": `${JSON.stringify({ at: "2016-05-11T10:00:01.000Z", id: "db", type: "postgres", ok: true, latencySeconds: 0.1, details: { lockWaits: 2, more: 1 } })}\n`,
    "changes.jsonl": `${JSON.stringify({ startAt: "2016-05-11T10:00:02.000Z", endAt: "2016-05-11T10:00:03.000Z", title: "push" })}\n`,
    "observations.jsonl": `${JSON.stringify({ kind: "loss", at: "2016-05-11T10:00:03.500Z", node: "mx1", lines: 7, because: "suppressed", gap: { from: "2016-05-11T09:00:00Z", to: "2016-05-11T10:00:00Z", log: "/var/log/mail.log" } })}\n`,
  });
  const capture = await open();
  expect(capture.meta).toMatchObject({
    name: "hand-made",
    fromMs: Date.parse("2016-05-11T10:00:01Z"),
    toMs: null,
    nodes: [
      { id: "mx1", mta: "postfix", timezone: "Africa/Johannesburg", ownHops: [], ownDomains: [] },
      { id: "mx2", mta: "postfix", timezone: "UTC", ownDomains: ["a.example"] },
    ],
    dependencies: [{ id: "db", type: "postgres", affects: ["mx1"] }],
    assumptions: [],
  });
  const all = await gather(capture.observations());
  const facts = all.filter((one) => one.kind !== "health");
  expect(facts.map((one) => [clock(one), one.kind, "node" in one ? one.node : ""])).toEqual([
    ["10:00:01", "log", "mx1"],
    ["10:00:01", "log", "mx2"],
    ["10:00:01", "probe", ""],
    ["10:00:02", "change", ""],
    ["10:00:02", "queue", "mx1"],
    ["10:00:03", "change", ""],
    ["10:00:03", "log", "mx1"],
    ["10:00:03", "loss", "mx1"],
  ]);
  expect(facts[2]).toMatchObject({ details: { lockWaits: 2 } });
  const gap = {
    fromMs: Date.parse("2016-05-11T09:00:00Z"),
    toMs: Date.parse("2016-05-11T10:00:00Z"),
    log: "/var/log/mail.log",
  };
  expect(facts[7]).toMatchObject({ lines: 7, gap });
  expect(facts.filter((one) => one.kind === "change").map((one) => one.change.endAtMs)).toEqual([
    undefined,
    Date.parse("2016-05-11T10:00:03Z"),
  ]);
  expect(facts[4]).toMatchObject({ unknown: [], vanished: [], snapshot: { waiting: { own: { count: 0 } } } });
  // The second node's log ended at once; the first one's goes on.
  const healthy = all.filter((one) => one.kind === "health").map((one) => `${clock(one)} ${one.collector}`);
  expect(healthy).toContain("10:00:02 mx1/postfix-log");
  expect(healthy).not.toContain("10:00:02 mx2/postfix-log");
  // A capture can be read again, and is the same again.
  expect(await gather(capture.observations())).toEqual(all);
});

test("what cannot be read is counted and told, and the rest goes on", async () => {
  await write({
    "capture.yaml": yaml.replace(/nodes: .*/, "nodes: [mx1]"),
    "mx1/mail.log": log(
      connect("12:00:10"),
      "garbage without a time",
      connect("12:00:20"),
      // A date that the next line takes back must not hold up the rest.
      connect("12:00:20").replace("May 11", "Jul 30"),
      connect("12:00:21"),
      connect("12:00:05"),
    ),
    "probes.jsonl": '{"at": "2016-05-11T10:00:11Z"}\nnot json\n\n[]\n',
  });
  const counts = emptyCounts();
  const read: Observation[] = [];
  for await (const runs of (await open()).batches(counts)) read.push(...keptOf(runs));
  const logs = read.filter((one) => one.kind === "log");
  expect(logs.map(clock)).toEqual(["10:00:10", "10:00:10", "10:00:20", "10:00:20", "10:00:21", "10:00:05"]);
  expect(counts).toMatchObject({ lines: 9, unparsed: 5, late: 1 });
  expect(counts.problems).toContain("mx1/mail.log:2: no time that fits its neighbours");
  expect(counts.problems).toContain("probes.jsonl:2: not JSON");
  expect(counts.problems.find((text) => text.startsWith("probes.jsonl:1: id:"))).toBeDefined();
  // What is read ahead of an end does not count.
  const half = emptyCounts(Date.parse("2016-05-11T10:00:20.400Z"));
  await gather((await open()).batches(half));
  expect(half).toMatchObject({ lines: 5, unparsed: 4, late: 0 });
});

test("a folder with one log is a capture, and says what it assumes", async () => {
  await write({ "mail.log": log(connect("12:00:01", "mail7")) });
  await utimes(join(dir, "mail.log"), new Date(), new Date("2017-03-01T00:00:00Z"));
  const { meta } = await open();
  expect(meta.nodes).toMatchObject([{ id: "mail7", mta: "postfix", timezone: "UTC" }]);
  // May 2017 would be after the file was last changed.
  expect(meta.fromMs).toBe(Date.parse("2016-05-11T12:00:01Z"));
  expect(meta.assumptions).toEqual([
    "the log states no time zone: UTC is assumed",
    "the log states no year: 2016 is assumed, from the file's last change",
    "the node is the logged host, mail7",
  ]);
  const told = await open({ year: 2011, zone: "Africa/Johannesburg" });
  expect(told.meta.fromMs).toBe(Date.parse("2011-05-11T10:00:01Z"));
  expect(told.meta.assumptions).toEqual(["the node is the logged host, mail7"]);
});

test("a log that states year and zone leaves nothing to assume but its node", async () => {
  await write({
    "mail.log": "2016-05-11T12:00:01.250+02:00 mx1 postfix/smtpd[7]: connect from a.example[192.0.2.1]\n",
  });
  const { meta } = await open();
  expect(meta.assumptions).toEqual(["the node is the logged host, mx1"]);
});

test("errors name file, line and key", async () => {
  await expect(openCapture(join(dir, "none"), { parserFor })).rejects.toThrow("none: does not exist");
  await expect(open()).rejects.toThrow("holds neither capture.yaml nor mail.log");
  const cases: [edit: (text: string) => string, message: RegExp][] = [
    [(text) => text.replace("version: 1", "version: 2"), /capture\.yaml:1: version: must be 1/],
    [(text) => text.replace("Africa/Johannesburg", "Mars/Base"), /capture\.yaml:3: timezone: is not an IANA time zone/],
    [(text) => text.replace("year: 2016", "year: soon"), /capture\.yaml:4: year: /],
    [(text) => text.replace("year: 2016\n", ""), /capture\.yaml:1: year: /],
    [
      (text) => text.replace("type: postgres", "type: oracle"),
      /capture\.yaml:8: dependencies\[0\]\.type: "oracle" is none of postgres, /,
    ],
    [
      (text) => text.replace("[mx1]}]", "[mx9]}]"),
      /yaml:8: dependencies\[0\]\.affects\[0\]: "mx9" is none of the nodes/,
    ],
    [(text) => text.replace("nodes: [mx1,", "nodes: [../up,"), /capture\.yaml:7: nodes\[0\]: must be a plain name/],
    [(text) => text.replace("id: mx2", "id: mx1"), /capture\.yaml:7: nodes\[1\]: "mx1" stands there twice/],
    [(text) => text.replace("nodes: [", "nodes: ["), /nodes: "mx1" has no inputs/],
    [(text) => `${text}  bad: [`, /capture\.yaml:\d+: /],
  ];
  for (const [edit, message] of cases) {
    await write({ "capture.yaml": edit(yaml) });
    await expect(open(), String(message)).rejects.toThrow(message);
  }
});

test("an MTA that nobody can read, or nobody can tell, is an error at once", async () => {
  await write({ "capture.yaml": yaml.replace(/nodes: .*/, "nodes: [{id: mx1, mta: mdaemon}]"), "mx1/mail.log": "x\n" });
  await expect(open()).rejects.toThrow("logs of mdaemon cannot be read");
  await write({ "capture.yaml": yaml.replace(/nodes: .*/, "nodes: [mx1]") });
  await expect(open()).rejects.toThrow("mx1/mail.log: cannot tell whose log this is");
});

test("an empty capture has no beginning and nothing in it", async () => {
  await write({ "capture.yaml": yaml.replace(/nodes: .*/, "nodes: [{id: mx1, mta: postfix}]"), "mx1/mail.log": "" });
  const capture = await open();
  expect(capture.meta.fromMs).toBeNull();
  expect(await gather(capture.observations())).toEqual([]);
});

async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
