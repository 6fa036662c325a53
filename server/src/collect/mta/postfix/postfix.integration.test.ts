import { appendFileSync, chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../../../../test/real/postfix.ts";
import { temporaryFolder, until } from "../../../../test/real/process.ts";
import { addressOf, sendMail } from "../../../../test/real/smtp-load.ts";
import { backoffOf } from "../../../core/backoff.ts";
import type { MailEvent } from "../../../core/event.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { Observation, QueueObservation } from "../../../core/observation.ts";
import type { Batch, Collector, CollectorContext } from "../../collector.ts";
import { postfixLog, postfixQueue } from "./index.ts";

let sink: RunningSink;
let postfix: RunningPostfix;
beforeAll(async () => {
  sink = await startSink();
  postfix = await startPostfix({ routes: { "own.test": sink.port } });
});
afterAll(async () => {
  await postfix?.stop();
  await sink?.stop();
});

/** Keeps what a collector says. */
class Recorder {
  readonly observations: Observation[] = [];
  readonly events: MailEvent[] = [];
  health = "";
  position: unknown;
  readonly #collector: Collector;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  async start(position?: unknown): Promise<this> {
    const context: CollectorContext = {
      position,
      now: () => Date.now(),
      sink: (batch) => Promise.resolve(this.#keep(batch)),
      health: (state, problem) => {
        this.health = problem ?? state;
      },
      knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
      point: () => undefined,
    };
    await this.#collector.start(context);
    return this;
  }

  #keep({ observations, position }: Batch): void {
    this.observations.push(...observations);
    for (const observation of observations) if (observation.kind === "log") this.events.push(observation.event);
    this.position = position;
  }

  stop(): Promise<void> {
    return this.#collector.stop();
  }
}

const node = { id: nodeId("mx1"), timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
const logOf = (path: string, options: Record<string, unknown> = {}): Recorder =>
  new Recorder(postfixLog.create(postfixLog.config.parse({ path, ...options }), node));

function* mails(count: number): Generator<{ clientIp: string; from: string; to: string }> {
  for (let index = 0; index < count; index++) {
    yield { clientIp: addressOf(index), from: `s${index}@sender.test`, to: `r${index}@own.test` };
  }
}

/** What the log said of each message, by recipient. */
function lives(events: readonly MailEvent[]): Map<string, MailEvent[]> {
  const byId = new Map<string, MailEvent[]>();
  for (const event of events) {
    if (event.queueId === undefined || event.queueId === "NOQUEUE") continue;
    const life = event.event === "client" ? [] : (byId.get(event.queueId) ?? []);
    life.push(event);
    byId.set(event.queueId, life);
    // Short queue ids come again: a message's life ends here.
    if (event.event === "removed") {
      byId.delete(event.queueId);
      byId.set(`${event.queueId} ${byId.size}`, life);
    }
  }
  const byRecipient = new Map<string, MailEvent[]>();
  for (const life of byId.values()) {
    const to = life.find(({ event }) => event === "delivery")?.to;
    if (to !== undefined) byRecipient.set(to, life);
  }
  return byRecipient;
}

test("every message's life is seen, through a rotation and a restart of the follower", async () => {
  let log = await logOf(postfix.logPath, { from: "start" }).start();
  expect(await sendMail(mails(100), { port: postfix.smtpPort, by: "xclient" })).toBe(100);
  const first = log;
  await until("lines", () => first.events.length > 100);
  await log.stop();
  const events = [...log.events];

  renameSync(postfix.logPath, `${postfix.logPath}.1`);
  log = await logOf(postfix.logPath).start(JSON.parse(JSON.stringify(log.position)));
  const second = log;
  expect(await sendMail(mails(100), { port: postfix.proxyPort, by: "proxy" })).toBe(100);
  await until("all removed", () => {
    const removed = [...events, ...second.events].filter(({ event }) => event === "removed");
    return removed.length === 200;
  });
  await log.stop();
  events.push(...log.events);

  expect(log.health).toBe("ok");
  const counts = new Map<string, number>();
  for (const { event, queueId } of events) {
    if (queueId !== undefined) counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  expect(Object.fromEntries(counts)).toEqual({ client: 200, queued: 200, message: 200, delivery: 200, removed: 200 });
  const byRecipient = lives(events);
  for (let index = 0; index < 100; index++) {
    const life = byRecipient.get(`r${index}@own.test`) ?? [];
    expect(life.map(({ event }) => event).sort()).toEqual(["client", "delivery", "message", "queued", "removed"]);
    expect(life.find(({ event }) => event === "client")?.clientIp).toBe(addressOf(index));
    expect(life.find(({ event }) => event === "message")).toMatchObject({ from: `s${index}@sender.test`, nrcpt: 1 });
    expect(life.find(({ event }) => event === "delivery")).toMatchObject({ status: "sent", relayPort: sink.port });
  }
  // The PROXY protocol gives connections their true address as well.
  const connected = new Set(events.filter(({ event }) => event === "connect").map(({ clientIp }) => clientIp));
  for (let index = 0; index < 100; index++) expect(connected).toContain(addressOf(index));
});

test("the listing agrees with the queue when the next hop is down", async () => {
  await sink.stop();
  expect(await sendMail(mails(60), { port: postfix.smtpPort, by: "xclient" })).toBe(60);
  await until(
    "all deferred",
    () => postfix.queue().filter(({ queue_name }) => queue_name === "deferred").length === 60,
  );

  const queue = postfixQueue.create(postfixQueue.config.parse({ command: postfix.listCommand }), node);
  if (queue.kind !== "poll") throw new Error("not a poll collector");
  const recorder = await new Recorder(queue).start();
  const { observations } = await queue.poll(new AbortController().signal);
  const { snapshot } = observations[0] as QueueObservation;
  expect(Object.keys(snapshot.queues)).toEqual(["deferred"]);
  expect(snapshot.queues["deferred"]?.count).toBe(60);
  expect(snapshot.waiting.own.count).toBe(60);
  expect(snapshot.reasons).toMatchObject([{ class: "connect-refused", count: 60 }]);
  expect(snapshot.topDomains).toEqual([{ name: "own.test", count: 60 }]);
  await recorder.stop();

  await sink.start();
  postfix.flush();
  await until("the queue to drain", () => postfix.queue().length === 0);
  const after = (await queue.poll(new AbortController().signal)).observations[0] as QueueObservation;
  expect(after.snapshot.queues).toEqual({});
});

test("what an access table or a header check holds or throws away is where the queue has it", async () => {
  const access = "{kept@own.test=HOLD},{away@own.test=DISCARD}";
  const headers = "{/^To: <kept.by.check/ HOLD},{/^To: <away.by.check/ DISCARD},{/^To: <no.by.check/ REJECT}";
  const checking = await startPostfix({
    routes: { "own.test": sink.port },
    settings: {
      smtpd_recipient_restrictions: `check_recipient_access inline:{${access}}, permit`,
      header_checks: `regexp:{${headers}}`,
    },
  });
  onTestFinished(() => checking.stop());
  const model = new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [{ id: node.id, ownDomains: ["own.test"], backoff: backoffOf("postfix") }],
  });
  const log = await logOf(checking.logPath, { from: "start" }).start();
  const kinds = ["kept", "kept.by.check", "away", "away.by.check", "no.by.check"];
  const sessions = kinds.map((kind) => ({ clientIp: addressOf(1), from: "s@sender.test", to: `${kind}@own.test` }));
  expect(await sendMail(sessions, { port: checking.smtpPort, by: "xclient", parallel: 1 })).toBe(4);
  await until("the last verdict", () =>
    log.events.some(({ event, stage }) => event === "reject" && stage === "header"),
  );
  await log.stop();
  for (const observation of log.observations) model.apply(observation);

  const { queues } = model.evaluate(Date.now());
  expect(checking.queue().map(({ queue_name }) => queue_name)).toEqual(["hold", "hold"]);
  expect(queues.queues.filter(({ count }) => count > 0)).toMatchObject([
    { name: "hold", count: 2, waiting: { held: 2 } },
  ]);
});

test("a log that is missing or may not be read is said in words, and followed once it can be", async () => {
  const folder = temporaryFolder("log");
  const path = join(folder.path, "mail.log");
  const log = await logOf(path).start();
  await until("the complaint", () => log.health === `${path} does not exist`);
  writeFileSync(path, "");
  appendFileSync(path, "Nov 23 19:41:05 mx postfix/qmgr[812]: 6F7D621606C: removed\n");
  await until("the line", () => log.events.length === 1);
  await until("health", () => log.health === "ok");
  chmodSync(path, 0o600);
  await log.stop();
  await log.stop();
  folder.remove();
});
