import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectingInto } from "../../../../test/collecting.ts";
import { type RunningExim, startExim } from "../../../../test/real/exim.ts";
import { type RunningJournal, startJournald } from "../../../../test/real/journald.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import type { MailEvent } from "../../../core/event.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { eximLog } from "./index.ts";

let journal: RunningJournal;
let exim: RunningExim;
let once: RunningExim;
let bare: RunningExim;
let log: ReturnType<typeof eximLog.create>;
const events: MailEvent[] = [];

beforeAll(async () => {
  journal = await startJournald();
  const settings = { nextHopPort: await freePort(), devLog: journal.devLog };
  exim = await startExim(settings);
  once = await startExim({ ...settings, settings: "syslog_duplication = false" });
  bare = await startExim({ ...settings, settings: "syslog_timestamp = false\nsyslog_pid = false" });
  const config = eximLog.config.parse({ journald: { command: ["journalctl", `--directory=${journal.folder}`] } });
  log = eximLog.create(config, { id: nodeId("mx"), timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  const model = new DelayModel({ site: { id: siteId("main"), targetSeconds: 300 }, nodes: [] });
  await log.start(
    collectingInto(model, (observation) => {
      if (observation.kind === "log") events.push(observation.event);
    }),
  );
});
afterAll(async () => {
  await log?.stop();
  await exim?.stop();
  await once?.stop();
  await bare?.stop();
  await journal?.stop();
});

const of = (kind: string): MailEvent[] => events.filter(({ event }) => event === kind);
const authPlain = (user: string): string[] => [
  "EHLO client.test",
  `AUTH PLAIN ${Buffer.from(`\0${user}\0secret`).toString("base64")}`,
];

test("a refusal comes by both logs and counts once, and the message's headers are joined to it", async () => {
  await speakSmtp(exim.smtpPort, handOver("s@far.test", ["refused@own.test"], ""));
  const many = Array.from({ length: 3 }, (_, at) => `r${at}@own.test`);
  const headers = ["Message-ID: <m1@far.test>", "Subject: unwanted", ` <= x@y H=z [192.0.2.66] ${"long ".repeat(300)}`];
  await speakSmtp(exim.smtpPort, handOver("s@far.test", many, `${headers.join("\r\n")}\r\n\r\nhello`));
  await until("the header to come", () => events.some(({ messageId }) => messageId === "m1@far.test"));
  await until("the last part of it", () => journal.mailLog().some((line) => /\[(\d+)\/\1\]/.test(line)));
  await speakSmtp(exim.smtpPort, handOver("s@far.test", ["later@own.test"], ""));
  const again = (): number => events.filter(({ action }) => action === "logged again").length;
  await until("what came behind, by both logs", () => of("reject").length === 3 && again() >= 3);

  const [refused, unwanted, later] = of("reject");
  expect(refused).toMatchObject({ to: "refused@own.test", stage: "RCPT", clientIp: "127.0.0.1" });
  expect(unwanted).toMatchObject({ from: "s@far.test", stage: "DATA", process: "exim" });
  expect(later).toMatchObject({ to: "later@own.test", action: "temporarily rejected" });
  expect(again()).toBe(3);
  const joined = events.filter(({ queueId }) => queueId !== undefined && queueId === unwanted?.queueId);
  expect(joined).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ action: "refused header", from: "s@far.test" }),
      expect.objectContaining({ action: "refused header", to: "r2@own.test" }),
      expect.objectContaining({ action: "refused header", messageId: "m1@far.test" }),
      // A header that does not fit into one line of syslog's.
      expect.objectContaining({ action: "continued" }),
    ]),
  );
  // Nothing that the sender wrote is taken for Exim's.
  expect(events.filter(({ clientIp }) => clientIp === "192.0.2.66")).toEqual([]);
  expect(of("message")).toEqual([]);
});

test.each([
  ["both logs come by syslog", () => exim, 2],
  ["each line comes once", () => once, 0],
  ["lines have no time and no process of Exim's", () => bare, 2],
])("the same twice in one session is two refusals, where %s", async (_, running, copies) => {
  const before = { all: events.length, rejects: of("reject").length };
  const twice = `RCPT TO:<refused@own.test>\r\nRCPT TO:<refused@own.test>`;
  await speakSmtp(running().smtpPort, ["EHLO client.test", "MAIL FROM:<twice@far.test>", twice]);
  await speakSmtp(running().smtpPort, handOver("s@far.test", ["later@own.test"], ""));
  await until("what came behind", () => events.slice(before.all).some(({ to }) => to === "later@own.test"));
  const both = of("reject").slice(before.rejects, -1);
  expect(both).toMatchObject(Array.from({ length: 2 }, () => ({ from: "twice@far.test", to: "refused@own.test" })));
  expect(new Set(both.map(({ pid }) => pid)).size).toBe(1);
  const again = events.slice(before.all).filter(({ action, pid }) => action === "logged again" && pid === both[0]?.pid);
  expect(again.length).toBe(copies);
});

test("a wrong password is the client's, an authenticator that fails is not", async () => {
  await speakSmtp(exim.smtpPort, authPlain("anna"));
  await speakSmtp(exim.smtpPort, authPlain("later"));
  await until("both to be said", () => events.some(({ code }) => code === 435));
  expect(of("auth-failure")).toMatchObject([{ saslMethod: "plain", saslUsername: "anna", code: 535 }]);
  expect(of("warning").filter(({ code }) => code === 435)).toMatchObject([
    {
      saslMethod: "plain",
      saslUsername: "later",
      clientIp: "127.0.0.1",
      reason: expect.stringMatching(/the store is away/),
    },
  ]);
});

test("a line that is too long for syslog goes on in parts", async () => {
  const to = Array.from({ length: 60 }, (_, at) => `a-rather-long-name-${at}@own.test`);
  await speakSmtp(exim.smtpPort, handOver("s@far.test", to, "Subject: hello"));
  await until("it to be accepted", () => of("message").length === 1);
  const [message] = of("message");
  await until("its parts", () =>
    events.some((event) => event.queueId === message?.queueId && event.action === "continued"),
  );
  expect(message).toMatchObject({ from: "s@far.test", clientIp: "127.0.0.1", to: to[0] });
  expect(message?.recipients?.length).toBeGreaterThan(20);
  expect(message?.nrcpt).toBeUndefined();
  expect(to).toEqual(expect.arrayContaining(message?.recipients ?? []));
});
