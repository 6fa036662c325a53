// Mail that a real MTA refuses for now waits at its senders: how long, until they bring it again, its log tells. The words are
// those of the MTA; between the refusals and what comes later the clock is put on, so that nobody waits for half an hour.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AtSenders } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import { mx } from "../model/lines.ts";
import { newCore } from "../model/site-core.ts";
import type { LogObservation } from "../../src/core/observation.ts";
import { observationsOf } from "../index/indexed.ts";
import { startExim } from "../real/exim.ts";
import { type RunningPostfix, startPostfix, startSink } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { addressOf } from "../real/smtp-load.ts";

const senders = 5;
const minutes = (count: number): number => count * 60_000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of closing.splice(0).reverse()) await stop();
});

/** Each sender has one mail for each of the recipients, and `hand`s it over. */
async function offer(
  recipients: readonly string[],
  hand: (clientIp: string, from: string, to: string) => unknown,
): Promise<void> {
  for (let sender = 0; sender < senders; sender++)
    for (const to of recipients) await hand(addressOf(sender), `a${sender}@far.test`, to);
}

const text = "Subject: x\r\n\r\nhello";

const linesIn = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);
const timesIn = (path: string, what: RegExp): number => linesIn(path).filter((line) => what.test(line)).length;

/** Reads phases of a log, each so long after it was written, and says what the screens would after each. */
function toldAfter(mta: string, phases: readonly (readonly [lines: readonly string[], laterMs: number])[]) {
  const core = newCore();
  const told: (AtSenders | undefined)[] = [];
  for (const [lines, laterMs] of phases) {
    const observations = observationsOf({ node: mx, mta, lines, here: true }).map((observation): LogObservation => ({
      ...observation,
      atMs: observation.atMs + laterMs,
    }));
    const nowMs = (observations.at(-1)?.atMs ?? 0) + 1_000;
    const { sections } = core.turn({ nowMs, observations, commands: [], pagesSent: [] });
    expect(core.refused).toBe(0);
    told.push(sections.delay.atSenders);
  }
  return told;
}

/** Until it takes mail: an smtpd that waits for a client serves it as it was configured before. */
async function repaired(postfix: RunningPostfix, ...settings: readonly string[]): Promise<void> {
  execFileSync("postconf", ["-c", postfix.configFolder, "-e", ...settings], { stdio: "pipe" });
  execFileSync("postfix", ["-c", postfix.configFolder, "reload"], { stdio: "pipe", timeout: 60_000 });
  const session = handOver("a@own.test", ["d@own.test"], text);
  await until("Postfix to take mail", async () =>
    (await speakSmtp(postfix.smtpPort, session)).at(-2)?.startsWith("250 "),
  );
}

const dead = await freePort();
const throughPostfix = (port: number) => (clientIp: string, from: string, to: string) => {
  const before = [`XCLIENT ADDR=${clientIp} NAME=[UNAVAILABLE]`, "EHLO client.test"];
  return speakSmtp(port, handOver(from, [to], text, before));
};

test.each([
  [
    "a milter is away",
    { smtpd_milters: `inet:127.0.0.1:${dead}`, milter_default_action: "tempfail" },
    ["smtpd_milters="],
    / milter-reject: MAIL /,
  ],
  [
    "a table cannot be asked",
    { smtpd_recipient_restrictions: "check_recipient_access hash:/nowhere/table, permit" },
    ["smtpd_recipient_restrictions=permit"],
    / reject: RCPT /,
  ],
])("Postfix: %s", { timeout: 120_000 }, async (_, settings, repair, refusal) => {
  const sink = await startSink();
  const more = { virtual_alias_maps: "inline:{b@own.test=box17@own.test}" };
  const postfix = await startPostfix({ routes: { "own.test": sink.port }, settings: { ...more, ...settings } });
  closing.push(
    () => sink.stop(),
    () => postfix.stop(),
  );
  await offer(["b@own.test", "c@own.test"], throughPostfix(postfix.smtpPort));
  await until("all refusals to be logged", () => timesIn(postfix.logPath, refusal) === 2 * senders);
  const first = linesIn(postfix.logPath);
  await offer(["b@own.test", "c@own.test"], throughPostfix(postfix.smtpPort));
  await until("they to be logged again", () => timesIn(postfix.logPath, refusal) === 4 * senders);
  const second = linesIn(postfix.logPath).slice(first.length);
  await repaired(postfix, ...repair);
  await offer(["b@own.test"], throughPostfix(postfix.smtpPort));
  await until(
    "the mail to have left",
    () => timesIn(postfix.logPath, /orig_to=<b@own\.test>.* status=sent/) === senders,
  );
  await until("its file to be gone", () => timesIn(postfix.logPath, /: removed$/) === senders + 1);
  const third = linesIn(postfix.logPath).slice(first.length + second.length);

  const told = toldAfter("postfix", [
    [first, 0],
    [second, minutes(10)],
    [third, minutes(25)],
  ]);
  expect(told[0]).toBeUndefined();
  // Before it named whom it is for, one sender's two mails cannot be told apart.
  const perSender = refusal.test(" reject: RCPT ") ? 2 : 1;
  expect(told[1]?.count).toBe(perSender * senders);
  expect(Math.round((told[1]?.seconds ?? 0) / 60)).toBe(10);
  // What was written over in between is known by what the sender said.
  expect(told[2]?.count).toBe((perSender - 1) * senders);
  expect(Math.round((told[2]?.seconds ?? 0) / 60)).toBe(25);
});

test("Exim: its store is away", { timeout: 120_000 }, async () => {
  const sink = await startSink();
  const exim = await startExim({ nextHopPort: sink.port });
  closing.push(
    () => sink.stop(),
    () => exim.stop(),
  );
  const both = ["b@own.test", "c@own.test"];
  const hand = (clientIp: string, from: string, to: string): string =>
    exim.session(clientIp, handOver(from, [to], text));
  writeFileSync(exim.awayPath, "");
  await offer(both, hand);
  await until("all refusals to be logged", () => timesIn(exim.logPath, / temporarily rejected RCPT /) === 2 * senders);
  const first = linesIn(exim.logPath);
  await offer(both, hand);
  await until("they to be logged again", () => timesIn(exim.logPath, / temporarily rejected RCPT /) === 4 * senders);
  const second = linesIn(exim.logPath).slice(first.length);
  rmSync(exim.awayPath);
  await offer(["b@own.test"], hand);
  await until("the mail to have left", () => timesIn(exim.logPath, / Completed/) === senders);
  const third = linesIn(exim.logPath).slice(first.length + second.length);

  const told = toldAfter("exim", [
    [first, 0],
    [second, minutes(10)],
    [third, minutes(25)],
  ]);
  expect(told[0]).toBeUndefined();
  expect(told[1]?.count).toBe(2 * senders);
  expect(told[2]?.count).toBe(senders);
  expect(Math.round((told[2]?.seconds ?? 0) / 60)).toBe(25);
});
