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
  const inQueues = queues.queues.filter(({ count }) => count > 0).map(({ name, count }) => `${name} ${count}`);
  return {
    totals: numbers.totals,
    inQueues: inQueues.join(", "),
    delay,
    facts,
    accepted,
    queues,
  };
}

const at = (minutes: number): EpochMs => startMs + minutes * 60_000;
const syslog = (minutes: number, text: string): string =>
  `Nov 23 ${new Date(at(minutes)).toISOString().slice(11, 19)} mx1 ${text}`;
const eximTime = (minutes: number): string => new Date(at(minutes)).toISOString().slice(0, 19).replace("T", " ");
const smtpd = (minutes: number, text: string): string => syslog(minutes, `smtpd[77]: 163e7bf39c575b3f ${text}`);
const sentTo = (to: string, delay: string): string =>
  `mta delivery evpid=437cb550a054dac7 from=<a@far.example> to=<${to}> rcpt=<-> source="198.51.100.1" relay="192.0.2.20 (mx.dest.example)" delay=${delay} result="Ok" stat="250 2.0.0 Ok"`;
const sendmail = (minutes: number, text: string): string => syslog(minutes, `sm-mta[5133]: 6ANKJMxx005133: ${text}`);

const part = (id: string, text: string, minutes = 0): string =>
  syslog(minutes, `sm-mta[15268]: 6AT6ZAZ${id}015268: ${text}`);

const smtpdOf = (text: string): string => syslog(0, `postfix/smtpd[6507]: ${text}`);
const cleanupOf = (text: string): string => syslog(0, `postfix/cleanup[6510]: ${text}`);
const given = smtpdOf("811B12D8145: client=mail.shop.example[192.0.2.7]");
const titled = cleanupOf("811B12D8145: message-id=<1@shop.example>");
const gone = smtpdOf("disconnect from mail.shop.example[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5");
const kept =
  "hold: RCPT from mail.shop.example[192.0.2.7]: <c@own.example>: Recipient address triggers HOLD action; from=<a@shop.example> to=<c@own.example> proto=ESMTP helo=<x>";
const checked =
  "header Subject: x from mail.shop.example[192.0.2.7]; from=<a@shop.example> to=<c@own.example> proto=ESMTP helo=<x>";

test.each([
  ["access(5), before the queue file is made", [smtpdOf(`NOQUEUE: ${kept}`), given, titled, gone]],
  ["access(5), at a later recipient", [given, smtpdOf(`811B12D8145: ${kept}`), titled, gone]],
  ["header_checks(5), before its Message-ID", [given, cleanupOf(`811B12D8145: hold: ${checked}`), titled, gone]],
  [
    "a milter",
    [
      given,
      titled,
      cleanupOf(
        "811B12D8145: milter-hold: END-OF-MESSAGE from mail.shop.example[192.0.2.7]: milter triggers HOLD action; from=<a@shop.example> to=<c@own.example> proto=ESMTP helo=<x>",
      ),
      gone,
    ],
  ],
  ["milter_header_checks", [given, titled, cleanupOf(`811B12D8145: milter-header-hold: ${checked}`), gone]],
])("Postfix: what is held by %s waits for an operator", (_by, said) => {
  const held = read("postfix", said, at(100));
  expect(held).toMatchObject({ totals: { waiting: 1 }, inQueues: "hold 1", delay: { stuck: { count: 0 } } });
  expect(held.queues.waiting).toMatchObject({ held: { count: 1 }, own: { count: 0 } });
  const released = [
    syslog(90, "postfix/postsuper[811]: 811B12D8145: released from hold"),
    syslog(90, "postfix/qmgr[6505]: 811B12D8145: from=<a@shop.example>, size=304, nrcpt=1 (queue active)"),
  ];
  expect(read("postfix", [...said, ...released], at(100)).queues.waiting).toMatchObject({
    held: { count: 0 },
    own: { count: 1 },
  });
});

test("Postfix: what its client does not finish is not held, nor is the client's next mail", () => {
  const lost = smtpdOf("lost connection after DATA (12 bytes) from mail.shop.example[192.0.2.7]");
  expect(read("postfix", [smtpdOf(`NOQUEUE: ${kept}`), given, lost, gone], at(100)).inQueues).toBe("");
  expect(read("postfix", [smtpdOf(`NOQUEUE: ${kept}`), given, titled, lost, gone], at(100)).inQueues).toBe("");
  const next = [
    smtpdOf("911B12D8145: client=mail.shop.example[192.0.2.7]"),
    cleanupOf("911B12D8145: message-id=<2@x>"),
  ];
  expect(read("postfix", [smtpdOf(`NOQUEUE: ${kept}`), given, titled, ...next], at(1)).inQueues).toBe(
    "incoming 1, hold 1",
  );
  expect(read("postfix", [smtpdOf(`NOQUEUE: ${kept}`), gone, given, titled, gone], at(1)).inQueues).toBe("incoming 1");
});

test.each([
  [
    "access(5)",
    smtpdOf(
      "811B12D8145: discard: RCPT from mail.shop.example[192.0.2.7]: <d@own.example>: Recipient address triggers DISCARD action; from=<a@shop.example> to=<d@own.example> proto=ESMTP helo=<x>",
    ),
  ],
  ["header_checks(5)", cleanupOf(`811B12D8145: discard: ${checked}`)],
  [
    "a milter",
    cleanupOf(
      "811B12D8145: milter-discard: END-OF-MESSAGE from mail.shop.example[192.0.2.7]: milter triggers DISCARD action; from=<a@shop.example> to=<c@own.example> proto=ESMTP helo=<x>",
    ),
  ],
])("Postfix: what %s throws away is gone, with all its recipients", (_by, verdict) => {
  for (const said of [
    [given, verdict, gone],
    [given, titled, verdict, gone],
  ])
    expect(read("postfix", said, at(100))).toMatchObject({ totals: { waiting: 0, left: 0 }, inQueues: "" });
});

test.each([
  ["too many hops", [titled, cleanupOf("warning: 811B12D8145: message rejected: hopcount exceeded")]],
  ["too big", [smtpdOf("warning: 811B12D8145: queue file size limit exceeded"), titled]],
  ["too big, as cleanup has it", [titled, cleanupOf("warning: 811B12D8145: queue file size limit exceeded")]],
  ["no space", [titled, cleanupOf("warning: 811B12D8145: write queue file: No space left on device")]],
  [
    "a look-up that fails",
    [
      titled,
      cleanupOf(
        "warning: 811B12D8145: virtual_alias_maps map lookup problem for c@own.example -- message not accepted, try again later",
      ),
    ],
  ],
  [
    "broken MIME",
    [
      titled,
      cleanupOf(
        "811B12D8145: reject: mime-error improper use of 8-bit data in message body: x from mail.shop.example[192.0.2.7]; from=<a@shop.example> to=<c@own.example>",
      ),
    ],
  ],
  ["a client that is lost within it", [titled, smtpdOf("lost connection after BDAT (1473 bytes) from x[192.0.2.7]")]],
])("Postfix: what is not taken at its end waits at its sender: %s", (_why, said) => {
  const after = read("postfix", [given, ...said, gone], at(100));
  expect(after).toMatchObject({ totals: { waiting: 0, left: 0 }, inQueues: "" });
});

test.each([
  ["one", [syslog(60, "postfix/postsuper[811]: 811B12D8145: requeued")]],
  ["all, which are only counted", [syslog(60, "postfix/postsuper[811]: Requeued: 1 message")]],
])("Postfix: what an operator queues again is the same mail under another id: %s", (_which, requeued) => {
  const refused = "dsn=4.4.1, status=deferred (connect to mx.far.example[192.0.2.25]:25: Connection refused)";
  const waits = [
    given,
    titled,
    syslog(0, "postfix/qmgr[6505]: 811B12D8145: from=<a@shop.example>, size=304, nrcpt=2 (queue active)"),
    syslog(
      0,
      "postfix/smtp[6511]: 811B12D8145: to=<c@own.example>, relay=none, delay=1, dsn=2.0.0, status=sent (250 Ok)",
    ),
    syslog(0, `postfix/smtp[6511]: 811B12D8145: to=<d@far.example>, relay=none, delay=1, delays=1/0/0/0, ${refused}`),
  ];
  const again = [
    ...requeued,
    syslog(61, "postfix/pickup[812]: 911B12D8145: uid=104 from=<a@shop.example> orig_id=811B12D8145"),
    syslog(61, "postfix/cleanup[6510]: 911B12D8145: message-id=<1@shop.example>"),
    syslog(61, "postfix/qmgr[6505]: 911B12D8145: from=<a@shop.example>, size=398, nrcpt=1 (queue active)"),
  ];
  expect(read("postfix", [...waits, ...requeued], at(61))).toMatchObject({
    totals: { accepted: 2, waiting: 1, left: 1, unexplained: 0 },
  });
  const after = read("postfix", [...waits, ...again], at(62));
  expect(after).toMatchObject({
    inQueues: "active 1",
    totals: { accepted: 2, waiting: 1, left: 1, unexplained: 0 },
    queues: { waiting: { own: { count: 1, oldestSeconds: 3_720 } } },
  });
  const sent =
    "to=<d@far.example>, relay=mx.far.example[192.0.2.25]:25, delay=3720, delays=3719/0/0/1, dsn=2.0.0, status=sent (250 Ok)";
  const gone = [
    syslog(62, `postfix/smtp[6511]: 911B12D8145: ${sent}`),
    syslog(62, "postfix/qmgr[6505]: 911B12D8145: removed"),
  ];
  expect(read("postfix", [...waits, ...again, ...gone], at(70))).toMatchObject({
    inQueues: "",
    totals: { accepted: 2, waiting: 0, left: 2, unexplained: 0 },
  });
});

/** Mail that waits for a far side, under ids that end with these. */
const putOff = (...ends: readonly string[]): string[] =>
  ends.flatMap((end) => [
    smtpdOf(`811B12D8${end}: client=mail.shop.example[192.0.2.7]`),
    cleanupOf(`811B12D8${end}: message-id=<${end}@shop.example>`),
    syslog(0, `postfix/qmgr[6505]: 811B12D8${end}: from=<a@shop.example>, size=304, nrcpt=1 (queue active)`),
    syslog(
      0,
      `postfix/smtp[6511]: 811B12D8${end}: to=<d@far.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to mx.far.example[192.0.2.25]:25: Connection refused)`,
    ),
  ]);
const operator = (text: string): string => syslog(10, `postfix/postsuper[811]: ${text}`);

test.each([
  ["all", ["Deleted: 3 messages"], "", 3],
  ["of one queue, all", ["Deleted: 2 messages"], "hold 1", 2],
  ["what is held", ["Deleted: 1 message"], "deferred 2", 1],
  ["one by name", ["811B12D8001: removed", "Deleted: 1 message"], "deferred 1, hold 1", 1],
  ["nobody knows which", ["Deleted: 70 messages"], "deferred 2, hold 1", 0],
])("Postfix: what an operator deletes without naming it is gone: %s", (_which, said, inQueues, unexplained) => {
  const held = syslog(1, "postfix/postsuper[810]: 811B12D8003: placed on hold");
  const lines = [...putOff("001", "002", "003"), held, ...said.map(operator)];
  expect(read("postfix", lines, at(11))).toMatchObject({ inQueues, totals: { unexplained } });
});

test("Postfix: what an operator holds without naming it is held, until its queue manager takes it up again", () => {
  const lines = [...putOff("001", "002"), operator("Placed on hold: 2 messages")];
  const held = read("postfix", lines, at(11));
  expect(held).toMatchObject({ inQueues: "hold 2", queues: { waiting: { held: { count: 2 }, remote: { count: 0 } } } });
  const active = syslog(20, "postfix/qmgr[6505]: 811B12D8001: from=<a@shop.example>, size=304, nrcpt=1 (queue active)");
  expect(read("postfix", [...lines, active], at(21))).toMatchObject({ inQueues: "active 1, hold 1" });
  const released = [...lines, operator("Released from hold: 2 messages")];
  expect(read("postfix", released, at(11))).toMatchObject({ inQueues: "deferred 2" });
});

test("Postfix: its own notices to the postmaster are nobody's mail", () => {
  const noted = [
    cleanupOf("911B12D8145: message-id=<2@mx.own.example>"),
    syslog(
      0,
      "postfix/qmgr[6505]: 911B12D8145: from=<double-bounce@mx.own.example>, size=1049, nrcpt=1 (queue active)",
    ),
  ];
  expect(read("postfix", noted, at(100)).totals).toMatchObject({ accepted: 0, waiting: 0 });
});

test("OpenSMTPD: one mail, counted once, from its sender, gone with its last recipient", () => {
  const said = [
    smtpd(0, "smtp message msgid=437cb550 size=238 nrcpt=2 proto=ESMTP"),
    smtpd(0, "smtp envelope evpid=437cb550a054dac7 from=<a@far.example> to=<c@dest.example>"),
    smtpd(0, "smtp envelope evpid=437cb550a054dac8 from=<a@far.example> to=<d@dest.example>"),
  ];
  const waiting = read("opensmtpd", [...said, smtpd(1, sentTo("c@dest.example", "1m"))], at(10));
  // The second is not named yet: until then it may be of another domain, a unit of its own.
  expect(waiting).toMatchObject({ accepted: 1, totals: { accepted: 2, waiting: 1 }, inQueues: "active 1" });
  expect(waiting.queues.waiting.own).toMatchObject({ count: 1, oldestSeconds: 600 });
  expect(waiting.facts.map(({ sender, recipient }) => [sender, recipient])).toEqual([
    ["a@far.example", "c@dest.example"],
  ]);
  const done = [...said, smtpd(1, sentTo("c@dest.example", "1m")), smtpd(2, sentTo("d@dest.example", "2m"))];
  expect(read("opensmtpd", done, at(10))).toMatchObject({
    totals: { accepted: 1, waiting: 0, left: 1 },
    inQueues: "",
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
    inQueues: "",
    facts: [{ sender: "anna@shop.example", clientIp: "192.0.2.7", recipient: "ben@far.example" }],
  });
  const more = [...both, sendmail(1, `to=<third@other.example>, delay=00:01:01, ${deferred}`)];
  expect(read("sendmail", more, at(3))).toMatchObject({ totals: { waiting: 1, left: 1 }, inQueues: "deferred 1" });
});

test("Sendmail: what it splits over queue groups and their limits is one mail in several queue files", () => {
  const tried = "xdelay=00:00:00, mailer=esmtp, pri=270046, relay=mx.far.example. [192.0.2.20]";
  const sent = (id: string, to: string, delay = "00:00:00", minutes = 0) =>
    part(id, `to=${to}, delay=${delay}, ${tried}, dsn=2.0.0, stat=Sent (2.0.0 Ok: queued as 4A1B2C3D4E)`, minutes);
  const lines = [
    part(
      "d",
      "from=<anna@shop.example>, size=46, class=0, nrcpts=9, msgid=<5@shop.example>, proto=ESMTP, daemon=MTA, relay=mail.shop.example [192.0.2.7]",
    ),
    part("f", "split: maxrcpts=1, rcpts=3, count=2, ids=6AT6ZAZg015268; 6AT6ZAZh015268"),
    part("e", "split: maxrcpts=2, rcpts=5, count=2, ids=6AT6ZAZi015268; 6AT6ZAZj015268"),
    part("d", "split: count=2, ids=6AT6ZAZf015268; 6AT6ZAZe015268"),
  ];
  expect(read("sendmail", lines, at(1))).toMatchObject({
    accepted: 1,
    totals: { accepted: 1, waiting: 1 },
    inQueues: "active 7",
    queues: { waiting: { own: { count: 7, oldestSeconds: 60 } } },
  });
  const most = [
    sent("d", "<a@own.example>"),
    sent("f", "<x@one.example>"),
    sent("g", "<y@one.example>"),
    part("h", `to=<z@one.example>, delay=00:00:00, ${tried}, dsn=4.0.0, stat=Deferred: Connection timed out`),
    sent("e", "<b2@big.example>,<b1@big.example>"),
    sent("j", "<b5@big.example>"),
  ];
  const waiting = read("sendmail", [...lines, ...most], at(5));
  // Two are not named yet, and may be in any file: none has ended for sure.
  expect(waiting).toMatchObject({ totals: { accepted: 4, waiting: 2, left: 2 }, inQueues: "active 6, deferred 1" });
  expect(waiting.facts.map(({ sender, recipient }) => [sender, recipient])).toEqual([
    ["anna@shop.example", "a@own.example"],
    ["anna@shop.example", "x@one.example"],
    ["anna@shop.example", "b2@big.example"],
  ]);
  const last = [
    sent("i", "<b4@big.example>,<b3@big.example>", "00:05:00", 5),
    sent("h", "<z@one.example>", "00:05:00", 5),
  ];
  expect(read("sendmail", [...lines, ...most, ...last], at(10))).toMatchObject({
    accepted: 1,
    totals: { accepted: 3, waiting: 0, left: 3 },
    inQueues: "",
  });
});

test("Sendmail: a quarantined mail is held until it is released", () => {
  const from =
    "from=<anna@shop.example>, size=4821, class=0, nrcpts=1, msgid=<1@shop.example>, proto=ESMTPS, daemon=MTA-v4, relay=mail.shop.example [192.0.2.7]";
  const lines = [
    sendmail(0, "ruleset=check_rcpt, arg1=<b@far.example>, relay=mail.shop.example [192.0.2.7], quarantine=doubtful"),
    sendmail(0, from),
    sendmail(0, "to=<b@far.example>, delay=00:00:00, mailer=esmtp, pri=34821, quarantine=doubtful, stat=quarantined"),
  ];
  const held = { inQueues: "hold 1", queues: { waiting: { held: { count: 1 }, own: { count: 0 } } } };
  expect(read("sendmail", lines, at(20))).toMatchObject(held);
  const released = [...lines, sendmail(20, "unquarantine")];
  expect(read("sendmail", released, at(30))).toMatchObject({
    inQueues: "deferred 1",
    queues: { waiting: { held: { count: 0 }, own: { count: 1 } } },
    delay: { headlineSeconds: null },
  });
  expect(read("sendmail", [...released, sendmail(30, "quarantine=again")], at(40))).toMatchObject(held);
});

test("Haraka: recipients of a domain are told by their number", () => {
  const haraka = (minutes: number, text: string) => `${new Date(at(minutes)).toISOString()} ${text}`;
  const id = "D33D6290-C923-4DAC-A4B4-D0E7B8FAF010.1";
  const message = `[NOTICE] [${id}] [core] message mid="<1@shop.example>" size=451 rcpts=3/0/0 delay=0.009 code=CONT msg=""`;
  const delivered = (domain: string, rcpts: number) =>
    `[NOTICE] [${id}.1] [outbound] delivered file=x domain="${domain}" host=mx.far.example ip=192.0.2.20 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok" delay=60.7 fails=0 rcpts=${rcpts}/0/0`;
  const failing = `[INFO] [${id}.2] [outbound] Temp failing x for 64 seconds: Tried all MXs`;
  const first = [haraka(0, message), haraka(1, delivered("far.example", 2))];
  expect(read("haraka", first, at(2))).toMatchObject({ accepted: 1, totals: { waiting: 1 }, inQueues: "active 1" });
  expect(read("haraka", [...first, haraka(1, failing)], at(2))).toMatchObject({ inQueues: "deferred 1" });
  const all = [...first, haraka(1, failing), haraka(3, delivered("near.example", 1))];
  expect(read("haraka", all, at(4))).toMatchObject({ totals: { waiting: 0, left: 2 }, inQueues: "" });
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
  expect(waiting).toMatchObject({ accepted: 1, inQueues: "deferred 1" });
  expect(waiting.queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 0 } });
  const back = haraka(2, `[INFO] [${id}.1] [outbound] bouncing mail: Too many failures (Tried all MXs)`);
  expect(read("haraka", [...taken, back], at(3))).toMatchObject({ totals: { waiting: 0 }, inQueues: "" });
});

test("Haraka: what a plugin hands on while its client waits has left, whatever its domains, and what the queue refuses waits at its sender", () => {
  const id = "D33D6290-C923-4DAC-A4B4-D0E7B8FAF010.1";
  const line = (origin: string, text: string) =>
    `${new Date(at(0)).toISOString()} [NOTICE] [${id}] [${origin}] ${text}`;
  const taken = (...recipients: string[]) => [
    line("core", `sender <anna@shop.example> code=CONT msg=""`),
    ...recipients.map((to) => line("core", `recipient <${to}> code=OK msg="" sender=anna@shop.example`)),
    line("core", `message mid=<1@shop.example> size=9 rcpts=${recipients.length}/0/0 delay=0 code=CONT msg=""`),
  ];
  const [toOne, toTwo] = [
    taken("a@far.example", "b@far.example"),
    taken("a@far.example", "b@near.example", "c@near.example"),
  ];
  const sent = line("core", `queue code=OK msg="2.0.0 Ok: queued as 4XsZQK2NKbz3q2 (${id})"`);
  for (const lines of [toOne, toTwo]) {
    expect(read("haraka", lines, at(1))).toMatchObject({ accepted: 1, totals: { waiting: 1 } });
    expect(read("haraka", [...lines, sent], at(1))).toMatchObject({ totals: { waiting: 0, left: 1 }, inQueues: "" });
  }
  const refused = line("core", `queue code=DENYSOFT msg="4.7.1 later (${id})"`);
  expect(read("haraka", [...toOne, refused], at(1))).toMatchObject({ totals: { waiting: 0, left: 0 }, inQueues: "" });
  const own = line("core", `queue code=OK msg="Message Queued (${id})"`);
  expect(read("haraka", [...toOne, own], at(1))).toMatchObject({ totals: { waiting: 1, left: 0 } });
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
    inQueues: "deferred 1",
    delay: { headlineSeconds: null },
  });
  const frozen = [...lines, `${eximTime(3)} ${bounce} Frozen`];
  expect(read("exim", frozen, at(20))).toMatchObject({
    inQueues: "hold 1",
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

const exim = (minutes: number, text: string): string => `${eximTime(minutes)} 1xVaVV-0008Jp-39 ${text}`;

test.each([
  ["given up by an administrator (-Mg)", ["cancelled by root"], { blocked: 1, left: 0, unexplained: 0 }],
  ["removed by one (-Mrm)", ["removed by root"], { blocked: 0, left: 0, unexplained: 1 }],
  ["thrown away by an ACL", ["=> blackhole (DATA ACL discarded recipients)"], { blocked: 1, left: 0, unexplained: 0 }],
])("Exim: what is %s is no delivery, though it is completed", (_, fate, totals) => {
  const arrived = "<= a@far.example H=mx.far.example [192.0.2.7] P=esmtp S=300 for b@own.example c@own.example";
  const lines = [arrived, ...fate, "Completed QT=1m"].map((text, index) => exim(index, text));
  expect(read("exim", lines, at(10))).toMatchObject({ totals: { accepted: 1, waiting: 0, ...totals }, inQueues: "" });
});
