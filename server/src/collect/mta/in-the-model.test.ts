import { type EpochMs, nodeId, siteId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { mtasWithoutEnd } from "../../core/arrival.ts";
import type { MessageFact } from "../../core/message-fact.ts";
import { backoffOf } from "../../core/backoff.ts";
import { DelayModel } from "../../core/model/delay-model.ts";
import { Windows } from "../../core/window/windows.ts";
import { lineReader } from "../readers.ts";

const node = nodeId("mx");
const startMs: EpochMs = Date.UTC(2026, 10, 23, 20, 0);

/** What the delay model and the windows make of a log, as live. */
function read(mta: string, lines: readonly string[], untilMs: EpochMs) {
  const model = new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [
      { id: node, ownDomains: ["own.example"], backoff: backoffOf(mta), endsWithRecipients: mtasWithoutEnd.has(mta) },
    ],
  });
  const facts: MessageFact[] = [];
  model.onMessageFact = (fact) => facts.push(fact);
  const windows = new Windows();
  const parse = lineReader(mta, { zone: "UTC", year: 2026 });
  let accepted = 0;
  for (const line of lines) {
    const event = parse?.(line) ?? { event: "other" };
    const observation = { kind: "log", node, atMs: event.atMs ?? startMs, event } as const;
    model.apply(observation);
    windows.apply(observation);
  }
  for (const window of windows.advance(untilMs)) accepted += window.counts.accepted;
  const { facts: numbers, queues, delay } = model.evaluate(untilMs);
  const inQueues = queues.queues.map(({ name, count }) => [name, count] as const).filter(([, count]) => count > 0);
  return { totals: numbers.totals, inQueues: Object.fromEntries(inQueues), delay, facts, accepted, queues };
}

const at = (minutes: number): EpochMs => startMs + minutes * 60_000;
const syslog = (minutes: number, text: string): string =>
  `Nov 23 ${new Date(at(minutes)).toISOString().slice(11, 19)} mx1 ${text}`;
const eximTime = (minutes: number): string => new Date(at(minutes)).toISOString().slice(0, 19).replace("T", " ");
const smtpd = (minutes: number, text: string): string => syslog(minutes, `smtpd[77]: 163e7bf39c575b3f ${text}`);
const sentTo = (to: string, delay: string): string =>
  `mta delivery evpid=437cb550a054dac7 from=<a@far.example> to=<${to}> rcpt=<-> source="198.51.100.1" relay="192.0.2.20 (mx.dest.example)" delay=${delay} result="Ok" stat="250 2.0.0 Ok"`;
const sendmail = (minutes: number, text: string): string => syslog(minutes, `sm-mta[5133]: 6ANKJMxx005133: ${text}`);

test("OpenSMTPD: one mail, counted once, from its sender, gone with its last recipient", () => {
  const said = [
    smtpd(0, "smtp message msgid=437cb550 size=238 nrcpt=2 proto=ESMTP"),
    smtpd(0, "smtp envelope evpid=437cb550a054dac7 from=<a@far.example> to=<c@dest.example>"),
    smtpd(0, "smtp envelope evpid=437cb550a054dac8 from=<a@far.example> to=<d@dest.example>"),
  ];
  const waiting = read("opensmtpd", [...said, smtpd(1, sentTo("c@dest.example", "1m"))], at(10));
  // The second is not named yet: until then it may be of another domain, a unit of its own.
  expect(waiting).toMatchObject({ accepted: 1, totals: { accepted: 2, waiting: 1 }, inQueues: { active: 1 } });
  expect(waiting.queues.waiting.own).toMatchObject({ count: 1, oldestSeconds: 600 });
  expect(waiting.facts.map(({ sender, recipient }) => [sender, recipient])).toEqual([
    ["a@far.example", "c@dest.example"],
  ]);
  const done = [...said, smtpd(1, sentTo("c@dest.example", "1m")), smtpd(2, sentTo("d@dest.example", "2m"))];
  expect(read("opensmtpd", done, at(10))).toMatchObject({
    totals: { accepted: 1, waiting: 0, left: 1 },
    inQueues: {},
  });
});

test("Sendmail: several recipients on one line; an alias that stands for more takes the mail up again", () => {
  const from =
    "from=<anna@shop.example>, size=4821, class=0, nrcpts=2, msgid=<1@shop.example>, proto=ESMTPS, daemon=MTA-v4, relay=mail.shop.example [192.0.2.7]";
  const sent =
    "xdelay=00:00:01, mailer=esmtp, pri=121000, relay=mx.far.example. [192.0.2.20], dsn=2.0.0, stat=Sent (Ok)";
  const deferred =
    "xdelay=00:00:30, mailer=esmtp, pri=121000, relay=mx.far.example. [192.0.2.20], dsn=4.0.0, stat=Deferred: Connection timed out with mx.far.example.";
  const both = [sendmail(0, from), sendmail(1, `to=<ben@far.example>,<c@far.example>, delay=00:01:00, ${sent}`)];
  expect(read("sendmail", both, at(10))).toMatchObject({
    accepted: 1,
    totals: { accepted: 1, waiting: 0, left: 1 },
    inQueues: {},
    facts: [{ sender: "anna@shop.example", clientIp: "192.0.2.7", recipient: "ben@far.example" }],
  });
  const more = [...both, sendmail(1, `to=<third@other.example>, delay=00:01:01, ${deferred}`)];
  expect(read("sendmail", more, at(3))).toMatchObject({ totals: { waiting: 1, left: 1 }, inQueues: { deferred: 1 } });
});

test("Haraka: recipients of a domain are told by their number", () => {
  const haraka = (minutes: number, text: string) => `${new Date(at(minutes)).toISOString()} ${text}`;
  const id = "D33D6290-C923-4DAC-A4B4-D0E7B8FAF010.1";
  const message = `[NOTICE] [${id}] [core] message mid="<1@shop.example>" size=451 rcpts=3/0/0 delay=0.009 code=CONT msg=""`;
  const delivered = (domain: string, rcpts: number) =>
    `[NOTICE] [${id}.1] [outbound] delivered file=x domain="${domain}" host=mx.far.example ip=192.0.2.20 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok" delay=60.7 fails=0 rcpts=${rcpts}/0/0`;
  const failing = `[INFO] [${id}.2] [outbound] Temp failing x for 64 seconds: Tried all MXs`;
  const first = [haraka(0, message), haraka(1, delivered("far.example", 2))];
  expect(read("haraka", first, at(2))).toMatchObject({ accepted: 1, totals: { waiting: 1 }, inQueues: { active: 1 } });
  expect(read("haraka", [...first, haraka(1, failing)], at(2))).toMatchObject({ inQueues: { deferred: 1 } });
  const all = [...first, haraka(1, failing), haraka(3, delivered("near.example", 1))];
  expect(read("haraka", all, at(4))).toMatchObject({ totals: { waiting: 0, left: 2 }, inQueues: {} });
});

test("Haraka: our own next hop that does not answer is our wait; a mail that comes back to its sender waits no more", () => {
  const haraka = (minutes: number, text: string) => `${new Date(at(minutes)).toISOString()} ${text}`;
  const id = "D33D6290-C923-4DAC-A4B4-D0E7B8FAF010.1";
  const taken = [
    `[NOTICE] [${id}] [core] sender <anna@shop.example> code=CONT msg=""`,
    `[NOTICE] [${id}] [core] recipient <ben@far.example> code=OK msg="" sender=anna@shop.example`,
    `[NOTICE] [${id}] [core] message mid="<1@shop.example>" size=451 rcpts=1/0/0 delay=0.009 code=CONT msg=""`,
    `[NOTICE] [${id}.1] [outbound] Failed to get socket: connect ECONNREFUSED 10.0.0.9:24`,
    `[INFO] [${id}.1] [outbound] Temp failing x for 64 seconds: Tried all MXs`,
  ].map((text) => haraka(0, text));
  const waiting = read("haraka", taken, at(1));
  expect(waiting).toMatchObject({ accepted: 1, inQueues: { deferred: 1 } });
  expect(waiting.queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 0 } });
  const back = haraka(2, `[INFO] [${id}.1] [outbound] bouncing mail: Too many failures (Tried all MXs)`);
  expect(read("haraka", [...taken, back], at(3))).toMatchObject({ totals: { waiting: 0 }, inQueues: {} });
});

test("Exim: a frozen mail waits for an operator, a bounce is nobody's mail", () => {
  const id = "1xVaVV-0008Jp-39";
  const bounce = "1xVaVV-0008Js-3C";
  const lines = [
    `${eximTime(0)} ${id} <= anna@shop.example H=mail.shop.example [192.0.2.7]:41022 P=esmtps S=4821 id=1@shop.example for ben@far.example`,
    `${eximTime(1)} ${id} ** ben@far.example R=dnslookup T=remote_smtp H=mx.far.example [192.0.2.20]: 550 no such user`,
    `${eximTime(1)} ${bounce} <= <> R=${id} U=Debian-exim P=local S=1702 for anna@shop.example`,
    `${eximTime(1)} ${id} Completed`,
    `${eximTime(1)} ${bounce} == anna@shop.example R=dnslookup T=remote_smtp defer (111): Connection refused`,
  ];
  expect(read("exim", lines, at(2))).toMatchObject({
    accepted: 2,
    // Customers' mail only: the bounce is in the queue, and nobody waits for it.
    totals: { waiting: 0, blocked: 1 },
    inQueues: { deferred: 1 },
    delay: { headlineSeconds: null },
  });
  const frozen = [...lines, `${eximTime(3)} ${bounce} Frozen`];
  expect(read("exim", frozen, at(20))).toMatchObject({
    inQueues: { hold: 1 },
    queues: { waiting: { held: { count: 1 }, own: { count: 0 } } },
  });
});

test("Exim: where it was tried stands on a line of its own, and not at all while the host rests", () => {
  const [first, second, third] = ["1xVaVV-0008Jp-39", "1xVaVV-0008Jq-3A", "1xVaVV-0008Jr-3B"];
  const arrive = (id: string, to: string) =>
    `${eximTime(0)} ${id} <= a@shop.example H=x [192.0.2.7] P=esmtp S=1 for ${to}`;
  const lines = [
    arrive(first, "b@own.example"),
    `${eximTime(1)} ${first} H=10.0.0.9 [10.0.0.9] Connection refused`,
    `${eximTime(1)} ${first} == b@own.example R=hop T=remote_smtp defer (111): Connection refused`,
    arrive(second, "c@own.example"),
    `${eximTime(2)} ${second} == c@own.example R=hop T=remote_smtp defer (-54): retry time not reached for any host for 'own.example'`,
    arrive(third, "d@far.example"),
    `${eximTime(2)} ${third} H=mx.far.example [192.0.2.9]:25 Connection timed out`,
    `${eximTime(2)} ${third} == d@far.example R=dnslookup T=remote_smtp defer (110): Connection timed out`,
  ];
  expect(read("exim", lines, at(5)).queues.waiting).toMatchObject({ own: { count: 2 }, remote: { count: 1 } });
});

test("Exim: what a local transport puts off is our wait, a remote one's is not", () => {
  const arrive = (id: string, to: string) =>
    `${eximTime(0)} ${id} <= anna@shop.example H=mail.shop.example [192.0.2.7]:41022 P=esmtps S=1 for ${to}`;
  const [ours, theirs] = ["1xVaVV-0008Jp-39", "1xVaVV-0008Jq-3A"];
  const lines = [
    arrive(ours, "ben@own.example"),
    arrive(theirs, "c@far.example"),
    `${eximTime(1)} ${ours} == ben@own.example R=localuser T=mail_spool defer (-1): mailbox is locked`,
    `${eximTime(1)} ${theirs} == c@far.example R=dnslookup T=remote_smtp H=mx.far.example [192.0.2.20] defer (110): Connection timed out`,
  ];
  expect(read("exim", lines, at(5)).queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 1 } });
  // Nobody stated when the next try is due, so that the wait stays the far side's until it comes.
  expect(read("exim", lines, at(600)).queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 1 } });
});
