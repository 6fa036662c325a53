import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningExim, startExim } from "../real/exim.ts";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../real/postfix.ts";
import { until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { readModelInTime } from "./read-model.ts";

let sink: RunningSink;
let postfix: RunningPostfix;
let exim: RunningExim;
beforeAll(async () => {
  sink = await startSink();
  postfix = await startPostfix({
    routes: { "own.test": sink.port },
    settings: {
      smtpd_recipient_restrictions: "check_recipient_access inline:{{busy@own.test=450 4.7.1 not now}}, permit",
    },
  });
  exim = await startExim({ nextHopPort: postfix.smtpPort });
});
afterAll(async () => {
  await exim?.stop();
  await postfix?.stop();
  await sink?.stop();
});

const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

test("a recipient that Exim's next hop puts off waits at Exim, though the others of the domain are long there", async () => {
  const to = ["now@own.test", "busy@own.test", "too@own.test"];
  const answers = await speakSmtp(exim.smtpPort, handOver("s@sender.test", to, "Subject: parted\r\n\r\nbody"));
  expect(answers.at(-2)).toMatch(/^250 OK id=/);
  await until("Exim to try again", () => linesOf(exim.logPath).filter((line) => line.includes(" == ")).length >= 2);
  await until("the others to be delivered", () => linesOf(postfix.logPath).some((line) => line.endsWith(": removed")));

  const logs = [
    { node: "mx1", mta: "exim", lines: linesOf(exim.logPath), here: true },
    { node: "mx2", mta: "postfix", lines: linesOf(postfix.logPath), here: true },
  ];
  const { facts, queues } = readModelInTime(logs, Date.now() + 1_000);
  expect(facts.totals).toMatchObject({ waiting: 1, unexplained: 0 });
  expect(queues.waiting.own.count).toBe(1);
  expect(queues.queues.find(({ name }) => name === "deferred")?.count).toBe(1);
});
