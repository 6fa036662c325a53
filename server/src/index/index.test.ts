import { expect, test } from "vitest";
import { dayMs, Indexed } from "../../test/index/indexed.ts";
import { migrate } from "../store/embedded/migrate.ts";
import { Follower } from "./follower.ts";
import { migrations } from "./schema.ts";

const at = (second: number, text: string): string =>
  `Nov 23 ${new Date(dayMs + second * 1_000).toISOString().slice(11, 19)} mx1 ${text}`;
const exim = (second: number, text: string): string =>
  `${new Date(dayMs + second * 1_000).toISOString().slice(0, 19).replace("T", " ")} ${text}`;

interface Mail {
  readonly id: string;
  readonly messageId: string;
  readonly client?: string;
  readonly to?: string;
  readonly relay: string;
  readonly answer: string;
  readonly second: number;
  readonly endSecond?: number;
}

/** A message's life on a Postfix. */
function postfix({ id, messageId, client, to, relay, answer, second, endSecond = second + 1 }: Mail): string[] {
  return [
    at(second, `postfix/smtpd[10]: ${id}: client=mail.shop.example[${client ?? "192.0.2.7"}]`),
    at(second, `postfix/cleanup[11]: ${id}: message-id=<${messageId}>`),
    at(second, `postfix/qmgr[12]: ${id}: from=<Anna@Shop.example>, size=4821, nrcpt=1 (queue active)`),
    at(
      endSecond,
      `postfix/smtp[13]: ${id}: to=<${to ?? "ben@own.example"}>, relay=${relay}, delay=${endSecond - second}, delays=0.1/0/0.2/0.7, dsn=2.0.0, status=sent (${answer})`,
    ),
    at(endSecond, `postfix/qmgr[12]: ${id}: removed`),
  ];
}

const store = { relay: "store.own.example[10.0.0.9]:24", answer: "250 2.0.0 Ok" };
const filter = "127.0.0.1[127.0.0.1]:10024";
const scanned = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 71A9B2160AA";
const entered = {
  id: "6F7D621606C",
  messageId: "1@shop.example",
  relay: filter,
  answer: scanned,
  second: 1,
  endSecond: 4,
};
const back = { id: "71A9B2160AA", messageId: "1@shop.example", client: "127.0.0.1", ...store, second: 3, endSecond: 5 };

test("a message is found by its queue id, its Message-ID, both addresses and both domains", () => {
  const lines = postfix({ id: "6F7D621606C", messageId: "1@shop.example", ...store, second: 1, endSecond: 3 });
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines }]);
  for (const [by, value] of [
    ["queueId", "6F7D621606C"],
    ["messageId", "1@shop.example"],
    ["address", "anna@SHOP.example"],
    ["address", "ben@own.example"],
    ["domain", "shop.example"],
    ["domain", "OWN.example"],
  ] as const) {
    expect(index.find(by, value).messages, `${by} ${value}`).toMatchObject([
      {
        messageId: "1@shop.example",
        sender: "Anna@Shop.example",
        acceptedMs: dayMs + 1_000,
        leftMs: dayMs + 3_000,
        hops: [{ node: "mx1", instance: "", queueId: "6F7D621606C", clientIp: "192.0.2.7", sizeBytes: 4_821 }],
      },
    ]);
  }
  for (const [by, value] of [
    ["queueId", "6f7d621606c"],
    ["messageId", ""],
    ["address", ""],
    ["address", "anna"],
    ["domain", "example"],
  ] as const)
    expect(index.find(by, value), `${by} ${value}`).toEqual({ messages: [], more: false });
});

test("a message that went through a filter and came back is one, whichever hop is asked for", () => {
  const amavis = at(
    4,
    "amavis[88]: (00088-01) Passed CLEAN {RelayedInbound}, [192.0.2.7]:41022 [192.0.2.7] <anna@shop.example> -> <ben@own.example>, Queue-ID: 6F7D621606C, Message-ID: <1@shop.example>, mail_id: Zk1mN, Hits: -1.9, size: 4821, queued_as: 71A9B2160AA, 2512 ms",
  );
  const lines = [...postfix(entered), amavis, ...postfix(back)].sort();
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines }]);
  const expected = {
    acceptedMs: dayMs + 1_000,
    leftMs: dayMs + 5_000,
    hops: [
      { queueId: "6F7D621606C", filters: [{ filter: "amavis", seconds: 2.512, action: "Passed CLEAN", score: -1.9 }] },
      { queueId: "71A9B2160AA", filters: [] },
    ],
  };
  expect(index.find("queueId", "6F7D621606C").messages).toMatchObject([expected]);
  expect(index.find("queueId", "71A9B2160AA").messages).toMatchObject([expected]);
  expect(index.find("address", "ben@own.example").messages).toMatchObject([expected]);
});

test("where a filter answers without an id, Message-ID, sender and recipient join its two sides; a list's copy stays apart", () => {
  const quiet = { ...entered, answer: "250 2.6.0 taken" };
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines: [...postfix(quiet), ...postfix(back)] }]);
  expect(index.find("queueId", "71A9B2160AA").messages[0]?.hops.map(({ queueId }) => queueId)).toEqual([
    "6F7D621606C",
    "71A9B2160AA",
  ]);
  const copy = { ...back, id: "81A9B2160BB", to: "member@other.example", second: 3 };
  index.read([{ node: "mx1", mta: "postfix", lines: postfix(copy) }]);
  expect(index.find("messageId", "1@shop.example").messages.map(({ hops }) => hops.length)).toEqual([1, 2]);
  const stranger = { ...back, id: "91A9B2160CC", client: "192.0.2.99", second: 4 };
  index.read([{ node: "mx1", mta: "postfix", lines: postfix(stranger) }]);
  expect(index.find("queueId", "91A9B2160CC").messages[0]?.hops).toHaveLength(1);
});

test("Postfix hands on to Exim on another node, through a filter there: three hops, one message", () => {
  const edge = postfix({
    id: "4XsZQK2NKbz3q2",
    messageId: "1@shop.example",
    relay: "inner.own.example[10.0.0.2]:25",
    answer: "250 OK id=1xVaVW-0000aa-00",
    second: 1,
    endSecond: 2,
  });
  const inner = [
    exim(
      2,
      "1xVaVW-0000aa-00 <= anna@shop.example H=edge [10.0.0.1]:4 P=esmtp S=4821 id=1@shop.example for ben@own.example",
    ),
    exim(
      9,
      '1xVaVW-0000aa-00 => ben@own.example R=scan T=scan_smtp H=127.0.0.1 [127.0.0.1] C="250 OK id=1xVaVX-0000ab-00"',
    ),
    exim(9, "1xVaVW-0000aa-00 Completed"),
    exim(
      8,
      "1xVaVX-0000ab-00 <= anna@shop.example H=localhost [127.0.0.1]:5 P=scanned S=4999 id=1@shop.example for ben@own.example",
    ),
    exim(10, "1xVaVX-0000ab-00 => ben <ben@own.example> R=localuser T=local_delivery"),
    exim(10, "1xVaVX-0000ab-00 Completed"),
  ];
  const logs = [
    { node: "edge", mta: "postfix", lines: edge },
    { node: "inner", mta: "exim", lines: inner },
  ];
  for (const order of [logs, logs.toReversed()]) {
    const [message] = new Indexed().read(order).find("queueId", "1xVaVX-0000ab-00").messages;
    expect(message).toMatchObject({ acceptedMs: dayMs + 1_000, leftMs: dayMs + 10_000 });
    expect(message?.hops.map(({ node, queueId }) => [node, queueId])).toEqual([
      ["edge", "4XsZQK2NKbz3q2"],
      ["inner", "1xVaVW-0000aa-00"],
      ["inner", "1xVaVX-0000ab-00"],
    ]);
  }
});

test("a queue id that comes again is another message, and so is the same one of another instance or node", () => {
  const index = new Indexed();
  for (const second of [1, 3_600, 7_200]) {
    const lines = postfix({ id: "6F7D621606C", messageId: `${second}@shop.example`, ...store, second });
    index.read([{ node: "mx1", mta: "postfix", lines }], dayMs + second * 1_000);
  }
  const out = postfix({ id: "6F7D621606C", messageId: "out@shop.example", ...store, second: 7_200 }).map((line) =>
    line.replaceAll("postfix/", "postfix-out/"),
  );
  index.read([
    { node: "mx1", mta: "postfix", lines: out },
    { node: "mx2", mta: "postfix", lines: out.map((line) => line.replace("out@", "two@")) },
  ]);
  const { messages } = index.find("queueId", "6F7D621606C");
  expect(messages.map(({ messageId }) => messageId)).toEqual([
    "two@shop.example",
    "out@shop.example",
    "7200@shop.example",
    "3600@shop.example",
    "1@shop.example",
  ]);
  expect(messages.every(({ hops }) => hops.length === 1)).toBe(true);
});

test.each([
  ["discard: header Subject: x from x[192.0.2.7]; from=<anna@shop.example> to=<ben@own.example> proto=ESMTP helo=<x>"],
  ["reject: mime-error message headers too long: x from x[192.0.2.7]; from=<anna@shop.example> to=<ben@own.example>"],
  ["message rejected: hopcount exceeded"],
])("what Postfix says last of a message without removing it ends it: %s", (verdict) => {
  const said = verdict.startsWith("message ") ? `warning: 6F7D621606C: ${verdict}` : `6F7D621606C: ${verdict}`;
  const lines = [
    ...postfix({ id: "6F7D621606C", messageId: "1@shop.example", ...store, second: 1 }).slice(0, 2),
    at(2, `postfix/cleanup[11]: ${said}`),
  ];
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines }]);
  expect(index.find("queueId", "6F7D621606C").messages).toMatchObject([{ leftMs: dayMs + 2_000 }]);
});

test("what an operator queued again has left under the id that it had, though postsuper named none", () => {
  const lines = [
    ...postfix({ id: "6F7D621606C", messageId: "1@shop.example", ...store, second: 1 }).slice(0, 3),
    at(9, "postfix/postsuper[14]: Requeued: 1 message"),
    at(10, "postfix/pickup[15]: 71A9B2160AA: uid=104 from=<anna@shop.example> orig_id=6F7D621606C"),
    at(10, "postfix/cleanup[11]: 71A9B2160AA: message-id=<1@shop.example>"),
  ];
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines }]);
  const [message] = index.find("queueId", "71A9B2160AA").messages;
  expect(message?.hops.map(({ queueId, removedMs }) => [queueId, removedMs])).toEqual([
    ["6F7D621606C", dayMs + 10_000],
    ["71A9B2160AA", null],
  ]);
});

/** Lines of another instance of the host, and of the services that it names otherwise. */
const asInstance = (name: string, lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/postfix\/smtpd/, `${name}/submission/smtpd`).replace(/postfix\//, `${name}/`));

test("a service with a name of its own speaks of its instance's messages; another instance is known after a restart", () => {
  const index = new Indexed();
  const own = postfix({ id: "6F7D621606C", messageId: "1@shop.example", ...store, second: 1 }).map((line) =>
    line.replace("postfix/smtpd", "submission/smtpd"),
  );
  const [client, ...rest] = asInstance(
    "mx-out",
    postfix({ id: "6F7D621606C", messageId: "2@shop.example", ...store, second: 1, endSecond: 9 }),
  );
  // What its service says before its queue manager has ever spoken is taken to be of the one that is called postfix.
  const earlier = asInstance("mx-out", [at(0, "postfix/qmgr[1]: 0000000000A: removed")]);
  index.read([{ node: "mx1", mta: "postfix", lines: [...earlier, client ?? "", ...own, ...rest.slice(0, -2)] }]);
  const found = () =>
    index
      .find("queueId", "6F7D621606C")
      .messages.flatMap(({ hops }) => hops.map(({ instance, clientIp, removedMs }) => [instance, clientIp, removedMs]));
  expect(found()).toEqual([
    ["", "192.0.2.7", dayMs + 2_000],
    ["mx-out", "192.0.2.7", null],
  ]);
  index.follower = new Follower(index.table);
  index.read([{ node: "mx1", mta: "postfix", lines: rest.slice(-2) }]);
  expect(found()).toEqual([
    ["", "192.0.2.7", dayMs + 2_000],
    ["mx-out", "192.0.2.7", dayMs + 9_000],
  ]);
});

test("what an older program wrote of a message that still waits is found again", () => {
  const index = new Indexed(migrations.slice(0, 1));
  const lines = [
    ...postfix({ id: "6F7D621606C", messageId: "1@shop.example", ...store, second: 1 }).slice(0, 3),
    defer(31),
  ];
  index.read([{ node: "mx1", mta: "postfix", lines }]);
  index.engine.exec("UPDATE hop SET instance = 'postfix'");
  migrate(index.engine, ":memory:", migrations, { copies: false });
  index.follower = new Follower(index.table);
  index.read([{ node: "mx1", mta: "postfix", lines: [defer(4_000)] }]);
  expect(index.find("queueId", "6F7D621606C").messages).toMatchObject([
    { hops: [{ instance: "", recipients: [{ attempts: 2 }] }] },
  ]);
});

test("times and limits: the newest first, both ends of the span, and whether there are more", () => {
  const index = new Indexed();
  const lines = Array.from({ length: 30 }, (_, i) =>
    postfix({ id: `6F7D6216${100 + i}`, messageId: `${i}@shop.example`, ...store, second: i * 10 }),
  ).flat();
  index.read([{ node: "mx1", mta: "postfix", lines }]);
  const all = index.find("domain", "shop.example");
  expect(all.more).toBe(false);
  expect(all.messages.map(({ messageId }) => messageId)).toEqual(
    Array.from({ length: 30 }, (_, i) => `${29 - i}@shop.example`),
  );
  const some = index.find("domain", "shop.example", { limit: 5 });
  expect([some.messages.length, some.more]).toEqual([5, true]);
  const span = { fromMs: dayMs + 100_000, toMs: dayMs + 120_000 };
  expect(index.find("address", "ben@own.example", span).messages.map(({ messageId }) => messageId)).toEqual([
    "12@shop.example",
    "11@shop.example",
    "10@shop.example",
  ]);
});

const defer = (second: number) =>
  at(
    second,
    "postfix/smtp[13]: 6F7D621606C: to=<ben@far.example>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to far[192.0.2.1]:25: timed out)",
  );

test("what is deferred is known again days later, from the store", () => {
  const [client, cleanup, qmgr] = postfix({ id: "6F7D621606C", messageId: "1@s.example", ...store, second: 1 }) as [
    string,
    string,
    string,
  ];
  const index = new Indexed().read([{ node: "mx1", mta: "postfix", lines: [client, cleanup, qmgr, defer(31)] }]);
  index.follower.hops.clear();
  index.read([{ node: "mx1", mta: "postfix", lines: [defer(4_000)] }]);
  const { messages } = index.find("address", "ben@far.example");
  expect(messages).toMatchObject([
    { leftMs: null, hops: [{ arrivalMs: dayMs + 1_000, recipients: [{ status: "deferred", attempts: 2 }] }] },
  ]);
});
