import { createServer } from "node:net";
import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningOpensmtpd, startOpensmtpd } from "../../../../test/real/opensmtpd.ts";
import { type RunningSink, startSink } from "../../../../test/real/postfix.ts";
import { until } from "../../../../test/real/process.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { MailEvent } from "../../../core/event.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { PollCollector } from "../../collector.ts";
import { collectingInto } from "../../../../test/collecting.ts";
import { opensmtpdLog, opensmtpdQueue } from "./index.ts";

const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: [], backoff: backoffOf("opensmtpd"), endsWithRecipients: true }],
});
const context = collectingInto(model, (observation) => {
  if (observation.kind === "log") events.push(observation.event);
});

const events: MailEvent[] = [];
let mta: RunningOpensmtpd;
let sink: RunningSink;
let log: ReturnType<typeof opensmtpdLog.create>;
let queue: PollCollector;

beforeAll(async () => {
  sink = await startSink();
  mta = await startOpensmtpd({ nextHopPort: sink.port });
  log = opensmtpdLog.create(opensmtpdLog.config.parse({ path: mta.logPath, from: "start" }), { id: node, timezone });
  queue = opensmtpdQueue.create(opensmtpdQueue.config.parse({ command: mta.listCommand }), {
    id: node,
    timezone,
  }) as PollCollector;
  await log.start(context);
  await queue.start(context);
});
afterAll(async () => {
  await log?.stop();
  await mta?.stop();
  await sink?.stop();
});

function seen() {
  const { queues, facts } = model.evaluate(Date.now());
  return {
    queued: queues.queues.reduce((sum, { count }) => sum + count, 0),
    totals: facts.totals,
    waiting: queues.waiting,
  };
}

async function listed(): Promise<QueueObservation> {
  const { observations } = await queue.poll(AbortSignal.timeout(120_000));
  const [found] = observations;
  if (observations.length !== 1 || found?.kind !== "queue") throw new Error("not one listing");
  return found;
}
const messages = ({ snapshot }: QueueObservation) =>
  Object.values(snapshot.queues).reduce((sum, { count }) => sum + count, 0);

test("a mail is followed from its envelope to its delivery", async () => {
  await speakSmtp(mta.smtpPort, handOver("s@far.test", ["a@own.test"], "Subject: hello"));
  await until("it to leave", () => seen().totals.left === 1);
  expect(seen()).toMatchObject({ queued: 0, totals: { accepted: 1, waiting: 0 } });
  expect(messages(await listed())).toBe(0);
  // The line says only how large it is; who sent it stood in the first one of the session.
  expect(events.find(({ event }) => event === "message")).toMatchObject({ clientIp: "127.0.0.1" });
});

test("what waits by the log is what smtpctl lists, by message and by recipient", async () => {
  await sink.stop();
  await speakSmtp(mta.smtpPort, handOver("s@far.test", ["b@own.test", "c@own.test"], "Subject: hello"));
  await until("it to wait", () => seen().queued === 1);
  const listing = await listed();
  expect(listing).toMatchObject({ unknown: [], vanished: [], snapshot: { mta: "opensmtpd", recipients: 2 } });
  expect(messages(listing)).toBe(1);
  expect(seen().waiting).toMatchObject({ own: { count: 1 }, remote: { count: 0 } });
});

test("what is removed by hand is unexplained", async () => {
  const [id = ""] = /^[0-9a-f]{8}/m.exec(mta.smtpctl("show", "queue")) ?? [];
  // One absence proves nothing, and what the log says late of its last try brings it back until two more.
  await until("it to be gone", async () => {
    const listing = await listed();
    model.apply(listing);
    // What is being tried meanwhile stays.
    if (messages(listing) > 0) mta.smtpctl("remove", id);
    const { queued, totals } = seen();
    return queued === 0 && totals.unexplained === 1;
  });
  expect(seen()).toMatchObject({ queued: 0, totals: { accepted: 2, waiting: 0, left: 1, blocked: 0, unexplained: 1 } });
});

test("what OpenSMTPD keeps back because too much waits for one hop waits on us, and is not held", async () => {
  const hop = createServer().listen(sink.port, "127.0.0.1");
  try {
    for (let at = 0; at < 60; at++)
      await speakSmtp(mta.smtpPort, handOver("s@far.test", [`h${at}@own.test`], "Subject: hello"));
    await until("it to keep some back", () => /\|hold\|/.test(mta.smtpctl("show", "queue")));
    const { waiting } = (await listed()).snapshot;
    expect(waiting).toMatchObject({ own: { count: 60 }, held: { count: 0 } });
    const [id = ""] = /^[0-9a-f]{8}(?=.*\|hold\|)/m.exec(mta.smtpctl("show", "queue")) ?? [];
    mta.smtpctl("pause", "envelope", id);
    expect((await listed()).snapshot.waiting).toMatchObject({ own: { count: 59 }, held: { count: 1 } });
  } finally {
    hop.close();
  }
});
