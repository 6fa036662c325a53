import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { dependencyId, nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeAuthority } from "../../../../test/real/certificates.ts";
import { asked } from "../../../../test/real/probing.ts";
import { type RunningJournal, startJournald } from "../../../../test/real/journald.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { type RunningRspamd, startRspamd } from "../../../../test/real/rspamd.ts";
import { type RunningSendmail, startSendmail } from "../../../../test/real/sendmail.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { type RunningSmtpServer, startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { Indexed } from "../../../../test/index/indexed.ts";
import { gtube } from "../../../../test/hops/letter.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { smtp } from "../../dependency/smtp/index.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { PollCollector } from "../../collector.ts";
import { collectingInto } from "../../../../test/collecting.ts";
import { sendmailLog, sendmailQueue } from "./index.ts";

const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: ["local.test"], backoff: backoffOf("sendmail"), endsWithRecipients: true }],
});
const context = collectingInto(model);

const main = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const answers: Readonly<Record<string, string>> = {
  grey: "450 4.7.1 Greylisted, come back",
  full: "452 4.2.2 Mailbox full",
  nobody: "550 5.1.1 User unknown",
};
const authority = makeAuthority();
let journal: RunningJournal;
let hop: RunningSmtpServer;
let rspamd: RunningRspamd;
let mta: RunningSendmail;
let log: ReturnType<typeof sendmailLog.create>;
/** What the next hop refuses for now. */
let refuses = true;

function recipient(address: string): string {
  const answer = answers[address.replace(/@.*/u, "")];
  return answer === undefined || (answer.startsWith("4") && !refuses) ? "250 2.1.5 Ok" : answer;
}

beforeAll(async () => {
  [journal, hop, rspamd] = await Promise.all([startJournald(), startSmtpServer({ recipient }), startRspamd()]);
  mta = await startSendmail({
    journal,
    nextHopPort: hop.port,
    deadPort: await freePort(),
    milterPort: rspamd.milterPort,
    certificate: authority.make(),
  });
  const journald = { command: ["journalctl", `--directory=${journal.folder}`] };
  log = sendmailLog.create(sendmailLog.config.parse({ journald }), { id: node, timezone });
  await log.start(context);
});
afterAll(async () => {
  await log?.stop();
  await mta?.stop();
  await Promise.all([rspamd?.stop(), hop?.stop()]);
  await journal?.stop();
  authority.remove();
});

function seen() {
  const { queues, facts } = model.evaluate(Date.now());
  const queued = queues.queues.reduce((sum, { count }) => sum + count, 0);
  return { queued, totals: facts.totals, waiting: queues.waiting };
}

function lister(command: readonly string[]): () => Promise<QueueObservation> {
  const queue = sendmailQueue.create(sendmailQueue.config.parse({ command }), { id: node, timezone }) as PollCollector;
  return async () => {
    await queue.start(context);
    const { observations } = await queue.poll(AbortSignal.timeout(120_000));
    const [found] = observations;
    if (observations.length !== 1 || found?.kind !== "queue") throw new Error("not one listing");
    return found;
  };
}
const listed = (command: readonly string[] = mta.listCommand): Promise<QueueObservation> => lister(command)();
const messages = ({ snapshot }: QueueObservation) =>
  Object.values(snapshot.queues).reduce((sum, { count }) => sum + count, 0);

let last = 0;
const send = async (to: readonly string[], headers: readonly string[] = [], body = "hello", from = "s@sender.test") => {
  last += 1;
  const text = [`Message-ID: <${last}@sender.test>`, ...headers, "Subject: x", "", body].join("\r\n");
  return (await speakSmtp(mta.smtpPort, handOver(from, to, text))).at(-2) ?? "";
};
const logged = (form: RegExp): Promise<string> =>
  until(`a line like ${form.source}`, () => journal.mailLog().find((line) => form.test(line)));

test("mails for the next hop and for a mailbox are followed from their arrival to their last recipient", async () => {
  expect(await send(["a@own.test"])).toMatch(/^250 .* Message accepted/u);
  expect(await send(["a@own.test", "b@own.test", "c@other.test"])).toMatch(/^250 /u);
  expect(await send(["anna@local.test"])).toMatch(/^250 /u);
  // Two domains of one mail are two units.
  await until("all to leave", () => seen().totals.left === 4);
  expect(seen()).toMatchObject({ queued: 0, totals: { accepted: 4, waiting: 0, blocked: 0, unexplained: 0 } });
  expect(messages(await listed())).toBe(0);
});

test("what came to nothing was never taken: refused, reset, cut off", async () => {
  expect(await send(["refused@own.test"])).toBe("550 5.7.1 <refused@own.test>... not here");
  expect(await send(["later@own.test"])).toBe("451 4.7.1 not now");
  expect(await send(["noone@local.test"])).toMatch(/^550 5\.1\.1 /u);
  const reset = ["EHLO x", "MAIL FROM:<reset@sender.test> SIZE=1000", "RCPT TO:<a@own.test>", "RSET", "QUIT"];
  await speakSmtp(mta.smtpPort, reset);
  const socket = connect(mta.smtpPort, "127.0.0.1");
  const said = [
    "EHLO x",
    "MAIL FROM:<cut@sender.test>",
    "RCPT TO:<a@own.test>",
    "DATA",
    "Message-ID: <cut@x>\r\n\r\nhalf",
  ];
  socket.on("data", () => {
    const line = said.shift();
    if (line !== undefined) socket.write(`${line}\r\n`, () => void (said.length === 0 && socket.end()));
  });
  for (const sender of ["reset", "cut"]) await logged(new RegExp(`from=<${sender}@sender\\.test>`, "u"));
  await until("the last line to be read", async () => {
    expect(await send(["a@own.test"])).toMatch(/^250 /u);
    return seen().totals.left > 4;
  });
  await until("all to leave", () => seen().queued === 0);
  const { accepted, left, blocked } = seen().totals;
  expect({ left, blocked }).toEqual({ left: accepted, blocked: 0 });
});

test("what a milter refuses at the end is blocked", async () => {
  expect(await send(["a@own.test"], [], gtube)).toMatch(/^554 5\.7\.1 Gtube/u);
  await until("it to be blocked", () => seen().totals.blocked === 1);
  expect(seen()).toMatchObject({ queued: 0 });

  // The filter names the queue id that Sendmail told it.
  const lines = readFileSync(rspamd.logPath, "utf8").split("\n").slice(0, -1);
  const logs = [
    { node: "mx", mta: "sendmail", lines: journal.mailLog(), here: true },
    { node: "mx", mta: "rspamd", lines, here: true },
  ];
  const index = new Indexed().read(logs, Date.now());
  const hopOf = (id: number) => index.find("messageId", `${id}@sender.test`).messages[0]?.hops[0];
  const refused = { ending: "refused", filters: [{ filter: "rspamd", action: "reject" }] };
  expect(hopOf(last)).toMatchObject(refused);
  expect(hopOf(1)).toMatchObject({ recipients: [{ status: "sent" }], filters: [{ filter: "rspamd" }] });
});

test("what Sendmail refuses at the end itself, or throws away, waits for nobody", async () => {
  const before = seen().totals;
  const large = Array.from({ length: 400 }, () => "y".repeat(70)).join("\r\n");
  expect(await send(["a@own.test"], [], large)).toMatch(/^552 5\.2\.3 /u);
  expect(await send(["a@own.test", "b@other.test"], ["X-Word: some bad word"])).toMatch(/^553 5\.7\.1 /u);
  expect(await send(["a@own.test", "b@other.test"], ["X-Word: some void word"])).toMatch(/^250 /u);
  await until("all to be blocked", () => seen().totals.blocked === before.blocked + 3);
  expect(seen()).toMatchObject({ queued: 0, totals: { accepted: before.accepted + 3, waiting: 0 } });
  expect(messages(await listed())).toBe(0);
});

test("recipients so many that several lines name them are one unit of mail", async () => {
  const before = seen().totals;
  const many = Array.from({ length: 60 }, (_, i) => `recipient-number-${i}@own.test`);
  expect(await send(many)).toMatch(/^250 /u);
  await logged(/to=.* \[more\], delay=/u);
  await until("it to leave", () => seen().totals.left === before.left + 1 && seen().queued === 0);
  expect(seen().totals).toMatchObject({ accepted: before.accepted + 1, waiting: 0 });
});

test("as a hop it is talked to up to the recipient, in TLS, and takes no mail from that", async () => {
  const { accepted } = seen().totals;
  const hop = { host: "127.0.0.1", port: mta.smtpPort, tls: "starttls", recipient: "a@own.test" };
  const probe = smtp.create(smtp.config.parse(hop), { id: dependencyId("hop") });
  expect(await asked(probe)).toMatchObject({ ok: true, details: { tlsSeconds: expect.any(Number) as number } });
  await logged(/STARTTLS=server, relay=localhost \[127\.0\.0\.1\], version=TLSv1\.[23], verify=NO/u);
  const refused = smtp.create(smtp.config.parse({ ...hop, recipient: "refused@own.test" }), {
    id: dependencyId("hop"),
  });
  const words = "says 550 5.7.1 <(address)>... not here to RCPT TO, for good";
  expect((await asked(refused)).error).toBe(`127.0.0.1:${hop.port}: ${words}`);
  expect(seen().totals.accepted).toBe(accepted);
});

test("what waits by the log is what mailq lists, with the reason of each; then it goes", async () => {
  await send(["grey@own.test", "good@own.test", "full@own.test"]);
  await send(["x@refused.test"]);
  await until("both to wait", () => seen().queued === 2);
  for (const command of [mta.listCommand, [...mta.listCommand, "-v"]]) {
    const listing = await until("a listing between two runs of the queue", async () => {
      const found = await listed(command);
      return found.snapshot.recipients === 3 && found;
    });
    expect(messages(listing)).toBe(2);
    expect(listing).toMatchObject({ unknown: [], vanished: [] });
    const classes = listing.snapshot.reasons.map((reason) => reason.class).toSorted();
    const one = ["connect-refused", "mailbox-full"];
    expect(classes).toEqual(command.length > mta.listCommand.length ? [one[0], "greylist", one[1]].toSorted() : one);
  }
  refuses = false;
  await until("one to go", () => seen().queued === 1);
});

test("what is given back: unknown there, no such host, in a loop, too old", async () => {
  const before = seen().totals;
  await send(["nobody@own.test"]);
  await send(["x@unknown.test"]);
  await send(
    ["a@own.test"],
    Array.from({ length: 40 }, () => "Received: by x"),
  );
  await send(["y@refused.test"], ["Priority: urgent"]);
  await logged(/DSN: User unknown/u);
  await logged(/DSN: Host unknown/u);
  await logged(/DSN: Too many hops/u);
  await logged(/sender notify: Cannot send message for/u);
  await until("only the one that waits to be left", () => seen().queued === 1);
  const { accepted, blocked } = seen().totals;
  // Its notices are no customers.
  expect([accepted - before.accepted, blocked - before.blocked]).toEqual([4, 4]);
});

test("what a user hands over waits in a queue of its own while the daemon refuses it, and is one message over both", async () => {
  const { accepted } = seen().totals;
  mta.submit("To: later@own.test\nSubject: x\n\nhello\n", "-t", "-f", "anna@local.test");
  const listing = await listed(mta.listSubmitted);
  expect(messages(listing)).toBe(1);
  expect(listing.snapshot.recipients).toBe(1);
  mta.submit("To: a@own.test\nSubject: x\n\nhello\n", "-t", "-f", "anna@local.test");
  await until("one to leave, over two hops, and one to wait", () => {
    const { queued, totals } = seen();
    return queued === 2 && totals.accepted === accepted + 2;
  });
  const both = await listed(["sh", "-c", `${mta.listCommand.join(" ")}; ${mta.listSubmitted.join(" ")}`]);
  expect(messages(both)).toBe(2);
  // Neither listing shows what the other does; that makes nothing unexplained.
  for (const command of [mta.listCommand, mta.listSubmitted]) {
    const list = lister(command);
    for (let turn = 0; turn < 3; turn += 1) expect((await list()).vanished).toEqual([]);
  }
});

test("mailtide queue reads what mailq prints, of either queue", async () => {
  for (const [program = "", ...args] of [mta.listCommand, mta.listSubmitted]) {
    const command = ["--import", "tsx", main, "queue", "--mta", "sendmail"];
    const printed = await until("a listing between two runs of the queue", () => {
      const input = execFileSync(program, args, { encoding: "utf8" });
      const text = execFileSync(process.execPath, command, { input, encoding: "utf8", timeout: 60_000 });
      const read = JSON.parse(text) as { readonly queues: Record<string, unknown>; readonly recipients: number };
      return read.queues["active"] === undefined && read.recipients === 1 && read;
    });
    expect(printed).toMatchObject({ mta: "sendmail", queues: { queue: { count: 1 } }, recipients: 1 });
  }
});
