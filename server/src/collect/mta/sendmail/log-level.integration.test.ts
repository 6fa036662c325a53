import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectingInto } from "../../../../test/collecting.ts";
import { type RunningJournal, startJournald } from "../../../../test/real/journald.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { type RunningSendmail, startSendmail } from "../../../../test/real/sendmail.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { type RunningSmtpServer, startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { sendmailLog } from "./index.ts";

const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: ["local.test"], backoff: backoffOf("sendmail"), endsWithRecipients: true }],
});

let journal: RunningJournal;
let hop: RunningSmtpServer;
let mta: RunningSendmail;
let log: ReturnType<typeof sendmailLog.create>;

beforeAll(async () => {
  [journal, hop] = await Promise.all([startJournald(), startSmtpServer()]);
  mta = await startSendmail({ journal, nextHopPort: hop.port, deadPort: await freePort(), logLevel: 8 });
  const journald = { command: ["journalctl", `--directory=${journal.folder}`] };
  log = sendmailLog.create(sendmailLog.config.parse({ journald }), { id: node, timezone });
  await log.start(collectingInto(model));
});
afterAll(async () => {
  await log?.stop();
  await mta?.stop();
  await hop?.stop();
  await journal?.stop();
});

const text = (header: string): string => `Subject: hello\r\n${header}\r\n\r\nhello`;

test("at level 8 what is refused at its end waits for nobody, though no line of its recipients says so", async () => {
  await speakSmtp(mta.smtpPort, handOver("a@far.test", ["b@own.test"], text("X-Word: some bad words")));
  await speakSmtp(mta.smtpPort, handOver("a@far.test", ["b@own.test"], text("X-Word: some void words")));
  await speakSmtp(
    mta.smtpPort,
    handOver("a@far.test", ["b@own.test"], text(`X-Fill: 1\r\n\r\n${"x\r\n".repeat(19_000)}`)),
  );
  await speakSmtp(mta.smtpPort, handOver("a@far.test", ["b@own.test"], text("X-Word: good")));
  await until("the last to be delivered", () => model.evaluate(Date.now()).facts.totals.left === 1);
  expect(journal.mailLog().filter((line) => line.includes("reject=553 5.7.1 no such words"))).toHaveLength(1);
  expect(model.evaluate(Date.now()).facts.totals).toMatchObject({ accepted: 4, waiting: 0, left: 1, blocked: 3 });
});
