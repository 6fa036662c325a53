import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EpochMs, nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningExim, startExim } from "../../../../test/real/exim.ts";
import { type RunningSink, startSink } from "../../../../test/real/postfix.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { PollCollector } from "../../collector.ts";
import { collectingInto } from "../../../../test/collecting.ts";
import type { ListedEntry, ListingFormat } from "../../queue/listing.ts";
import { eximBpc, eximBpi, exiqgrepC } from "./bp-short.ts";
import { exiqgrepB, exiqsumm } from "./exiqgrep.ts";
import { eximLog, eximQueue } from "./index.ts";

const mailtide = fileURLToPath(new URL("../../../../bin/mailtide.mjs", import.meta.url));
const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: ["own.test"], backoff: backoffOf("exim") }],
});
const context = collectingInto(model);

let exim: RunningExim;
let log: ReturnType<typeof eximLog.create>;
let queue: PollCollector;
let sink: RunningSink | null = null;
let nextHopPort: number;

beforeAll(async () => {
  nextHopPort = await freePort();
  exim = await startExim({ nextHopPort });
  log = eximLog.create(eximLog.config.parse({ path: exim.logPath, from: "start" }), { id: node, timezone });
  queue = eximQueue.create(eximQueue.config.parse({ command: exim.listCommand }), {
    id: node,
    timezone,
  }) as PollCollector;
  await log.start(context);
  await queue.start(context);
});
afterAll(async () => {
  await log?.stop();
  await exim?.stop();
  await sink?.stop();
});

/** What the log made of it. */
function seen(nowMs: EpochMs = Date.now()) {
  const { queues, facts } = model.evaluate(nowMs);
  const counts = queues.queues.filter(({ count }) => count > 0).map(({ name, count }) => [name, count] as const);
  return { queues: Object.fromEntries(counts), waiting: queues.waiting, totals: facts.totals };
}

/** What Exim says of its queue, compared with the log. */
async function listed(): Promise<QueueObservation> {
  const { observations } = await queue.poll(AbortSignal.timeout(120_000));
  const [found] = observations;
  if (observations.length !== 1 || found?.kind !== "queue") throw new Error("not one listing");
  return found;
}
const counts = ({ snapshot }: QueueObservation) =>
  Object.fromEntries(Object.entries(snapshot.queues).map(([name, { count }]) => [name, count]));
const ids = (): string[] => exim.exim("-bpr").match(/[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}/g) ?? [];

test("what waits by the log is what Exim lists, and it is ours: the next hop is down", async () => {
  for (const to of [["a@own.test"], ["b@own.test", "c@own.test"], ["d@own.test"]])
    await speakSmtp(exim.smtpPort, handOver("s@far.test", to, "Subject: hello"));
  await until("three to be put off", () => seen().queues["deferred"] === 3);
  expect(seen()).toMatchObject({
    waiting: { own: { count: 3 }, remote: { count: 0 } },
    totals: { accepted: 3, left: 0 },
  });
  const listing = await listed();
  expect(counts(listing)).toEqual({ queue: 3 });
  expect(listing).toMatchObject({ unknown: [], vanished: [], snapshot: { mta: "exim", recipients: 4 } });
});

function read(format: ListingFormat, text: string): ListedEntry[] {
  const entries: ListedEntry[] = [];
  expect(format.detects(text)).toBe(true);
  const reader = format.read({ nowMs: Date.now(), zone: "UTC" }, (entry) => entries.push(entry));
  for (const line of text.split("\n")) reader.piece(line);
  reader.end();
  expect(reader.garbled).toBe(0);
  return entries;
}

test("the short listings say the same: ids with their times, and a count", async () => {
  const listing = await listed();
  // As `-bpi` prints them, which Exim has since 4.97.
  const byId = read(eximBpi, exim.exiqgrep("-i"));
  expect(byId.map(({ queueId }) => queueId).sort()).toEqual(ids().sort());
  for (const { arrivalMs } of byId) expect(Math.abs(Date.now() - (arrivalMs ?? 0))).toBeLessThan(600_000);
  expect(read(eximBpc, exim.exim("-bpc"))).toMatchObject([{ messages: listing.snapshot.queues["queue"]?.count }]);
});

test("what exiqgrep makes of the queue is read, and exiqsumm's table is called one", () => {
  expect(read(exiqgrepC, exim.exiqgrep("-c"))).toMatchObject([{ messages: 3 }]);
  const brief = read(exiqgrepB, exim.exiqgrep("-b"));
  expect(brief.map(({ queueId }) => queueId).sort()).toEqual(ids().sort());
  for (const { arrivalMs } of brief) expect(Math.abs(Date.now() - (arrivalMs ?? 0))).toBeLessThan(600_000);
  const recipients = brief.flatMap((entry) => entry.recipients.map(({ address }) => address)).sort();
  expect(recipients).toEqual(["a@own.test", "b@own.test", "c@own.test", "d@own.test"]);
  expect(brief.map(({ sender }) => sender)).toEqual(Array.from({ length: 3 }, () => "s@far.test"));
  const summed = exim.exiqsumm();
  expect(exiqsumm.detects(summed)).toBe(true);
  expect(
    spawnSync(process.execPath, [mailtide, "queue", "--mta", "exim"], { input: summed, encoding: "utf8" }),
  ).toMatchObject({
    status: 1,
    stderr:
      "mailtide: this is a table by exiqsumm, which counts a message once for each of its domains: give it what exim -bp prints\n",
  });
});

test("what is frozen waits for an operator, and no longer when it is thawed", async () => {
  const [id = ""] = ids();
  // A delivery that has just begun holds the message.
  await until("it to be frozen", () => exim.exim("-Mf", id));
  await until("it to be held", () => seen().queues["hold"] === 1);
  expect(counts(await listed())).toEqual({ queue: 2, frozen: 1 });
  expect(seen().waiting).toMatchObject({ held: { count: 1 }, own: { count: 2 } });
  await until("it to be thawed", () => exim.exim("-Mt", id));
  await until("it to be let go", () => seen().queues["hold"] === undefined);
});

test("what is given up by hand is bounced, and nobody's delivery", async () => {
  await speakSmtp(exim.smtpPort, handOver("", ["e@own.test"], "Subject: hello"));
  await until("it to be put off", () => ids().length === 4 && seen().queues["deferred"] === 4);
  const found = /(\S+) <= <> .* for e@own\.test/.exec(readFileSync(exim.logPath, "utf8"));
  await until("it to be given up", () => {
    exim.exim("-Mg", found?.[1] ?? "");
    return ids().length === 3;
  });
  await until("it to be gone", () => seen().totals.blocked === 1);
  expect(seen().totals).toMatchObject({ left: 0, unexplained: 0, waiting: 3 });
});

test("what is removed by hand is unexplained, what is delivered has left", async () => {
  const [id = ""] = ids();
  await until("it to be removed", () => exim.exim("-Mrm", id));
  await until("it to be gone", () => seen().totals.unexplained === 1);
  sink = await startSink(nextHopPort);
  await until("the rest to leave", () => seen().totals.left === 2);
  expect(seen().queues).toEqual({});
  expect(counts(await listed())).toEqual({});
  expect(await listed()).toMatchObject({ unknown: [], vanished: [] });
});

test("a queue that may not be listed is said in Exim's words", async () => {
  const [enter = "", ...rest] = exim.listCommand;
  const command = [enter, "--setuid=65534", "--setgid=65534", ...rest];
  const collector = eximQueue.create(eximQueue.config.parse({ command }), { id: node, timezone }) as PollCollector;
  await collector.start(context);
  await expect(collector.poll(AbortSignal.timeout(120_000))).rejects.toThrow(/: exim: permission denied/);
});
