import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Indexed, type Log } from "../index/indexed.ts";
import { startContentFilter } from "../real/content-filter.ts";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { addressOf } from "../real/smtp-load.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import type { RunningSmtpServer } from "../real/smtp-server.ts";
import { readModelInTime } from "./read-model.ts";

const count = 15;
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});
let sink: RunningSink;
beforeAll(async () => {
  sink = await startSink();
  closing.push(() => sink.stop());
});

/** A Postfix whose mail goes through a filter of ours and comes back on a port of its own. */
async function startFiltered(say: (answer: string) => string): Promise<RunningPostfix> {
  const returnPort = await freePort();
  const filter: RunningSmtpServer = await startContentFilter({
    returnPort: () => returnPort,
    milliseconds: 1_200,
    say,
  });
  closing.push(() => filter.stop());
  const postfix = await startPostfix({
    routes: { "own.test": sink.port },
    settings: { content_filter: `scan:[127.0.0.1]:${filter.port}` },
    services: [
      "scan unix - - n - 20 smtp",
      `127.0.0.1:${returnPort} inet n - n - - smtpd -o content_filter= -o smtpd_authorized_xclient_hosts=`,
    ],
  });
  closing.push(() => postfix.stop());
  return postfix;
}

async function sendThrough(postfix: RunningPostfix): Promise<Log> {
  const one = async (n: number): Promise<void> => {
    const before = [`XCLIENT ADDR=${addressOf(n)} NAME=[UNAVAILABLE]`, "EHLO client.test"];
    const text = `Message-ID: <${n}@sender.test>\r\nSubject: ${n}\r\n\r\nbody`;
    const answers = await speakSmtp(postfix.smtpPort, handOver(`s${n}@sender.test`, [`r${n}@own.test`], text, before));
    expect(answers.at(-2)).toMatch(/^250 .*queued as/);
  };
  await Promise.all(Array.from({ length: count }, (_, n) => one(n)));
  const lines = (): string[] => readFileSync(postfix.logPath, "utf8").split("\n").slice(0, -1);
  await until(
    "all to be removed twice",
    () => lines().filter((line) => line.endsWith(": removed")).length === 2 * count,
  );
  return { node: "mx1", mta: "postfix", lines: lines(), here: true };
}

test.each([
  ["the id that it was given", (answer: string) => `250 2.0.0 from MTA(smtp:[127.0.0.1]): ${answer}`],
  ["no id at all", () => "250 2.6.0 message taken"],
])("real Postfix and a filter that answers with %s: one message, two hops, one wait", async (_, say) => {
  const log = await sendThrough(await startFiltered(say));

  const { facts, delay } = readModelInTime([log], Date.now() + 1_000);
  expect(facts.totals).toMatchObject({ accepted: count, waiting: 0, left: count, blocked: 0, unexplained: 0 });
  // More than the second hop alone: the filter's time is in it.
  expect(delay.typicalSeconds).toBeGreaterThanOrEqual(1);

  const index = new Indexed().read([log], Date.now());
  const { messages } = index.find("domain", "own.test");
  expect(messages).toHaveLength(count);
  for (const { hops, messageId, acceptedMs, leftMs } of messages) {
    expect(hops.map(({ clientIp }) => clientIp)).toEqual([addressOf(Number.parseInt(messageId ?? "")), "127.0.0.1"]);
    expect(hops.map(({ recipients }) => recipients.map(({ status }) => status))).toEqual([["sent"], ["sent"]]);
    expect(hops.map(({ sizeBytes }) => (sizeBytes ?? 0) > 0)).toEqual([true, true]);
    expect((leftMs ?? 0) - acceptedMs).toBeGreaterThanOrEqual(1_000);
  }
  const [message] = messages;
  for (const { queueId } of message?.hops ?? []) expect(index.find("queueId", queueId).messages).toEqual([message]);
});
