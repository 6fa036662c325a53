import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectingInto } from "../../../../test/collecting.ts";
import { Indexed } from "../../../../test/index/indexed.ts";
import { type RunningJournal, startJournald } from "../../../../test/real/journald.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { type RunningSendmail, startSendmail } from "../../../../test/real/sendmail.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { type RunningSmtpServer, startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { PollCollector } from "../../collector.ts";
import { sendmailLog, sendmailQueue } from "./index.ts";

const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: ["local.test"], backoff: backoffOf("sendmail"), endsWithRecipients: true }],
});
const context = collectingInto(model);

let journal: RunningJournal;
let hop: RunningSmtpServer;
let mta: RunningSendmail;
let log: ReturnType<typeof sendmailLog.create>;
let queue: PollCollector;
/** Whether the next hop puts off what is for grey. */
let isGrey = true;

const recipient = (address: string): string =>
  isGrey && address.startsWith("grey") ? "450 4.7.1 Greylisted, come back" : "250 2.1.5 Ok";

beforeAll(async () => {
  [journal, hop] = await Promise.all([startJournald(), startSmtpServer({ recipient })]);
  mta = await startSendmail({
    journal,
    nextHopPort: hop.port,
    deadPort: await freePort(),
    queueGroups: { big: 2, one: 1 },
    aliases: ["list: anna, far@own.test, x@big.test", "owner-list: anna", "away: x@one.test, y@one.test"],
  });
  const journald = { command: ["journalctl", `--directory=${journal.folder}`] };
  log = sendmailLog.create(sendmailLog.config.parse({ journald }), { id: node, timezone });
  const command = [...mta.listCommand];
  queue = sendmailQueue.create(sendmailQueue.config.parse({ command }), { id: node, timezone }) as PollCollector;
  await log.start(context);
  await queue.start(context);
});
afterAll(async () => {
  await log?.stop();
  await mta?.stop();
  await hop?.stop();
  await journal?.stop();
});

function seen() {
  const { queues, facts } = model.evaluate(Date.now());
  const [queued, held] = [facts.queued, queues.waiting.held.count];
  return { queued, held, totals: facts.totals };
}

async function listed(): Promise<QueueObservation> {
  const { observations } = await queue.poll(AbortSignal.timeout(120_000));
  const [found] = observations;
  if (observations.length !== 1 || found?.kind !== "queue") throw new Error("not one listing");
  return found;
}
const messagesOf = ({ snapshot }: QueueObservation): number =>
  Object.values(snapshot.queues).reduce((sum, { count }) => sum + count, 0);

let last = 0;
async function send(...to: string[]): Promise<void> {
  last += 1;
  const text = `Message-ID: <${last}@sender.test>\r\nSubject: x\r\n\r\nhello`;
  const said = await speakSmtp(mta.smtpPort, handOver("s@sender.test", to, text));
  expect(said.at(-2)).toMatch(/^250 .* Message accepted/u);
}
const many = (count: number, domain: string, name = "r"): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}@${domain}`);

/** What has come since, and that all of it is gone again. */
async function allGone(before: ReturnType<typeof seen>["totals"]): Promise<number> {
  await until("all to leave", () => seen().queued === 0);
  const { totals } = seen();
  expect(totals).toMatchObject({ waiting: 0, blocked: before.blocked, unexplained: 0 });
  expect(messagesOf(await listed())).toBe(0);
  expect(totals.left).toBe(totals.accepted);
  return totals.accepted - before.accepted;
}

test("recipients of several queue groups, over the limits of two: one mail, of three domains", async () => {
  const before = seen().totals;
  await send("a@own.test", ...many(5, "big.test"), ...many(3, "one.test"));
  await until("it to be taken", () => seen().totals.accepted > before.accepted);
  expect(await allGone(before)).toBe(3);
  expect(journal.mailLog().filter((line) => /: split: (?:maxrcpts|count)=/u.test(line)).length).toBe(3);
});

test("what is put off waits under as many ids as mailq lists, each with its recipients", async () => {
  const before = seen().totals;
  await send("grey@own.test", ...many(5, "big.test", "grey"), ...many(3, "one.test", "grey"), "now@big.test");
  const listing = await until("a listing between two runs of the queue", async () => {
    const found = await listed();
    const { queued, totals } = seen();
    // Once each was tried there are three domains, and nobody who may be of a fourth.
    return found.snapshot.recipients === 9 && queued === 7 && totals.waiting === 3 && found;
  });
  expect(messagesOf(listing)).toBe(7);
  expect(listing).toMatchObject({ unknown: [], vanished: [] });
  expect(seen().totals.accepted).toBe(before.accepted + 3);
  isGrey = false;
  expect(await allGone(before)).toBe(3);
  isGrey = true;
});

test("a list of ids so long that its line comes in pieces", async () => {
  const before = seen().totals;
  await send(...many(80, "one.test", "grey"));
  await until("each to wait", async () => messagesOf(await listed()) === 80 && seen().queued === 80);
  expect(journal.mailLog().some((line) => /\[2\]: [0-9A-Za-z]{14}; /u.test(line))).toBe(true);
  await until("each to be tried", () => seen().totals.accepted === before.accepted + 1);
  isGrey = false;
  expect(await allGone(before)).toBe(1);
  isGrey = true;
});

test("lists: with an owner it goes on under another id, and of an alias for another group nothing stays", async () => {
  const before = seen().totals;
  await send("list@local.test", "b@own.test", "c@big.test");
  await until("its members to be told of", () => seen().totals.left >= before.left + 3);
  // Local, own.test and big.test, one of them in two queue files.
  expect(await allGone(before)).toBe(3);
  const between = seen().totals;
  await send("away@local.test");
  await until("its members to be told of", () => seen().totals.left > between.left);
  expect(await allGone(between)).toBe(1);
  expect(journal.mailLog().some((line) => /: clone: owner=anna/u.test(line))).toBe(true);
});

test("what is quarantined is held, in each queue file, and is listed though sendmail -bp leaves it out", async () => {
  const before = seen().totals;
  await send("doubtful@own.test", "a@big.test");
  await until("both queue files to be held", () => seen().held === 2);
  for (let turn = 0; turn < 3; turn += 1) {
    const listing = await listed();
    expect(listing).toMatchObject({ snapshot: { queues: { hold: { count: 2 } } }, unknown: [], vanished: [] });
  }
  expect(mta.operate("-bp")).not.toContain("doubtful@own.test");
  mta.operate("-Q", "-qQ");
  expect(await allGone(before)).toBe(2);

  await send("grey@own.test");
  await until("it to wait", () => seen().queued === 1);
  await until("an operator to get hold of it between two tries", async () => {
    mta.operate("-Qlater please", "-qSs@sender.test");
    return (await listed()).snapshot.queues["hold"]?.count === 1;
  });
  await until("it to be held", () => seen().held === 1);
  isGrey = false;
  mta.operate("-Q", "-qQ");
  expect(await allGone(before)).toBe(3);
  isGrey = true;
});

test("the index tells of every queue file whose mail it was", () => {
  const index = new Indexed().read([{ node: "mx", mta: "sendmail", lines: journal.mailLog(), here: true }], Date.now());
  const { messages } = index.find("address", "r3@big.test");
  expect(messages).toHaveLength(1);
  const [message] = messages;
  expect(message?.hops.every(({ messageId }) => messageId === "1@sender.test")).toBe(true);
  const recipients = message?.hops.flatMap((each) => each.recipients.map(({ address }) => address)).toSorted();
  expect(recipients).toEqual(["a@own.test", ...many(5, "big.test"), ...many(3, "one.test")].toSorted());
});
