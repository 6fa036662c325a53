import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Indexed, type Log } from "../index/indexed.ts";
import { startAmavis } from "../real/amavis.ts";
import { startJournald } from "../real/journald.ts";
import { startPostfix, startSink } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { startSpamd } from "../real/spamd.ts";
import { gtube, letter } from "./letter.ts";
import { readModelInTime } from "./read-model.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const count = (lines: readonly string[], form: RegExp): number => lines.filter((line) => form.test(line)).length;
const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

test("real Postfix, a real amavis and a real spamd: one message over two hops, and what both filters said stands with it", async () => {
  const closed = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    closing.push(() => started.stop());
    return started;
  };
  const [journal, sink, returnPort] = [await closed(startJournald()), await closed(startSink()), await freePort()];
  const [amavis, spamd] = await Promise.all([
    closed(startAmavis({ returnPort, journal })),
    closed(startSpamd({ journal })),
  ]);
  const postfix = await startPostfix({
    routes: { "own.test": sink.port },
    settings: { content_filter: `amavis:[127.0.0.1]:${amavis.port}` },
    services: [
      "amavis unix - - n - 2 smtp -o smtp_send_xforward_command=yes",
      `127.0.0.1:${returnPort} inet n - n - - smtpd -o content_filter= -o smtpd_authorized_xforward_hosts=127.0.0.0/8`,
    ],
  });
  closing.push(() => postfix.stop());

  for (const [id, body] of [
    ["clean@sender.test", "hello"],
    ["spam@sender.test", gtube],
  ] as const) {
    const mail = letter(id, body);
    expect(spamd.check(mail)).toMatch(/^-?\d+\.\d\/5\.0$/u);
    const answers = await speakSmtp(postfix.smtpPort, handOver("s@sender.test", ["r@own.test"], mail));
    expect(answers.at(-2)).toMatch(/^250 .*queued as/u);
  }
  await until("all to be removed", () => count(linesOf(postfix.logPath), /: removed$/u) === 3);
  await until("the filters to have logged", () => {
    const lines = journal.mailLog();
    return count(lines, /amavis\[\d+\]: .*mail_id/u) === 2 && count(lines, /spamd\[\d+\]: spamd: result/u) === 2;
  });

  // In one mail.log, as on most hosts.
  const lines = [...linesOf(postfix.logPath), ...journal.mailLog()];
  const log: Log = { node: "mx1", mta: "postfix", lines, here: true };
  const index = new Indexed().read([log], Date.now());
  const hopsOf = (id: string) => index.find("messageId", id).messages.flatMap(({ hops }) => hops);
  const seconds = expect.any(Number) as number;
  const [first, second, ...none] = hopsOf("clean@sender.test");
  expect(none).toEqual([]);
  expect(first?.filters.toSorted((a, b) => a.filter.localeCompare(b.filter))).toMatchObject([
    { filter: "amavis", action: "Passed CLEAN", seconds, nextQueueId: second?.queueId },
    { filter: "spamassassin", action: "clean", seconds },
  ]);
  const [blocked, ...rest] = hopsOf("spam@sender.test");
  expect(rest).toEqual([]);
  expect(blocked?.filters.toSorted((a, b) => a.filter.localeCompare(b.filter))).toMatchObject([
    { filter: "amavis", action: "Blocked SPAM", seconds },
    { filter: "spamassassin", action: "spam", seconds },
  ]);
  expect(index.follower.passes.unmatched).toBe(0);

  // What the filter threw away has not gone to anybody.
  const { facts } = readModelInTime([log], Date.now() + 1_000);
  expect(facts.totals).toMatchObject({ accepted: 2, waiting: 0, left: 1, blocked: 1, unexplained: 0 });
});
