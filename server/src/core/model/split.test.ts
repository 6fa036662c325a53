import * as fc from "fast-check";
import { expect, test } from "vitest";
import { config, Desk, foreignHop, ids, mx } from "../../../test/model/lines.ts";
import type { MailEvent } from "../event.ts";
import { DelayModel } from "./delay-model.ts";

const one = (site: { maxUnits?: number } = {}): DelayModel => {
  const { nodes, ...rest } = config({ nodes: [mx], ...site });
  return new DelayModel({ ...rest, nodes: nodes.map((node) => ({ ...node, endsWithRecipients: true })) });
};
const from = (queueId: string, nrcpt: number): MailEvent => ({
  event: "message",
  process: "sm-mta",
  queueId,
  from: "a@far.test",
  nrcpt,
  messageId: "1@far.test",
  clientIp: "192.0.2.7",
});
const split = (queueId: string, ...splitQueueIds: string[]): MailEvent => ({
  event: "other",
  action: "split",
  process: "sm-mta",
  queueId,
  splitQueueIds,
});
const tried = (queueId: string, to: string, status: "sent" | "deferred", delay = 0): MailEvent => ({
  event: "delivery",
  process: "sm-mta",
  queueId,
  to,
  status,
  delay,
  ...foreignHop,
  ...(status === "sent" ? { dsn: "2.0.0" } : { dsn: "4.4.1", reason: "Deferred: Connection timed out" }),
});

/** Recipients by queue file: the first keeps any number of them, each other has one at least. */
interface Mail {
  readonly files: readonly (readonly { readonly domain: number; readonly status: "sent" | "deferred" }[])[];
  /** Out of which file each but the first was split. */
  readonly parents: readonly number[];
}
const recipients = (minLength: number) =>
  fc.array(fc.record({ domain: fc.nat(3), status: fc.constantFrom("sent" as const, "deferred" as const) }), {
    minLength,
    maxLength: 4,
  });
const mails: fc.Arbitrary<Mail> = fc
  .tuple(recipients(0), fc.array(fc.tuple(recipients(1), fc.nat(9)), { minLength: 1, maxLength: 5 }))
  .map(([first, others]) => ({
    files: [first, ...others.map(([file]) => file)],
    parents: others.map(([, parent], at) => parent % (at + 1)),
  }));
const address = (file: number, at: number, domain: number): string => `r${file}-${at}@d${domain}.test`;

const id = (file: number): string => `F${file}`;

function linesOf({ files, parents }: Mail): MailEvent[] {
  const told = files.map((_, file) =>
    split(id(file), ...parents.flatMap((of, at) => (of === file ? [id(at + 1)] : []))),
  );
  return [
    from(id(0), files.flat().length),
    ...told.filter(({ splitQueueIds }) => splitQueueIds?.length !== 0),
    ...files.flatMap((file, number) =>
      file.map(({ domain, status }, at) => tried(id(number), address(number, at, domain), status)),
    ),
  ];
}

function truthOf({ files }: Mail) {
  const all = files.flat();
  const domains = new Set(all.map(({ domain }) => domain));
  const waiting = new Set(all.filter(({ status }) => status === "deferred").map(({ domain }) => domain));
  return {
    queued: files.filter((file) => file.some(({ status }) => status === "deferred")).length,
    totals: {
      accepted: domains.size,
      waiting: waiting.size,
      left: domains.size - waiting.size,
      blocked: 0,
      unexplained: 0,
    },
  };
}

test("one message, taken once, whatever way its lines come; what is deferred waits in its own queue file", () => {
  fc.assert(
    fc.property(
      mails.chain((mail) =>
        fc.tuple(fc.constant(mail), fc.shuffledSubarray(linesOf(mail), { minLength: linesOf(mail).length })),
      ),
      fc.nat(30),
      ([mail, lines], cut) => {
        let desk = new Desk(one());
        for (const [at, line] of lines.entries()) {
          desk.say(1, line);
          if (at !== cut) continue;
          const text = desk.model.save();
          desk = new Desk(one());
          expect(desk.model.restore({ format: 2, text })).toBe(true);
          expect(desk.model.save() === text).toBe(true);
        }
        expect(desk.at(2).facts).toMatchObject(truthOf(mail));
        // Then what waited goes, and nothing is left to be followed.
        for (const [number, file] of mail.files.entries())
          for (const [at, { domain, status }] of file.entries())
            if (status === "deferred") desk.say(60, tried(`F${number}`, address(number, at, domain), "sent", 59));
        const { accepted } = truthOf(mail).totals;
        expect(desk.at(61).facts).toMatchObject({ queued: 0, totals: { accepted, waiting: 0, left: accepted } });
        desk.at(1_000);
        expect(desk.at(2_000).facts.totals).toMatchObject({ accepted, left: accepted });
        expect(desk.model.trackedUnits).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("a mail to an alias whose members are all of another queue group leaves nothing behind under its first id", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 1));
  desk.say(0, split("F0", "F1"));
  expect(desk.at(1).facts).toMatchObject({ queued: 1, totals: { accepted: 1, waiting: 1 } });
  desk.say(2, tried("F1", "x@big.test", "sent", 2));
  expect(desk.at(3).facts).toMatchObject({ queued: 0, totals: { accepted: 1, waiting: 0, left: 1 } });
});

test("members of a list that stayed are told after its first id was thought to be empty", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 1));
  desk.say(0, split("F0", "F1"));
  desk.say(0, tried("F0", "far@own.test", "deferred"));
  desk.say(0, tried("F1", "x@big.test", "sent"));
  expect(desk.at(1).facts).toMatchObject({ queued: 1, totals: { accepted: 2, waiting: 1, left: 1 } });
});

test("three recipients of one domain in three queue files are one unit, which leaves with the last", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 3));
  desk.say(0, split("F0", "F1", "F2"));
  expect(desk.at(1)).toMatchObject({ facts: { queued: 3, totals: { accepted: 1, waiting: 1 } } });
  desk.say(1, tried("F0", "a@big.test", "sent", 1));
  desk.say(1, tried("F1", "b@big.test", "sent", 1));
  desk.say(1, tried("F2", "c@big.test", "deferred", 1));
  expect(desk.at(2).facts).toMatchObject({ queued: 1, totals: { accepted: 1, waiting: 1, left: 0 } });
  expect(desk.at(2).queues.waiting.remote).toEqual({ count: 1, oldestSeconds: 2 });
  desk.say(90, tried("F2", "c@big.test", "sent", 90));
  expect(desk.at(91).facts).toMatchObject({ queued: 0, totals: { accepted: 1, waiting: 0, left: 1 } });
});

test("each queue file is given up, removed, held and released by itself", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 4));
  desk.say(0, split("F0", "F1", "F2", "F3"));
  for (const [file, domain] of ["own.test", "x.test", "y.test", "z.test"].entries())
    desk.say(0, tried(`F${file}`, `a@${domain}`, "deferred"));
  expect(desk.at(1).facts).toMatchObject({ queued: 4, totals: { accepted: 4, waiting: 4 } });
  desk.say(2, { event: "bounce-notice", queueId: "F1", status: "expired", reason: "Cannot send message for 5 days" });
  expect(desk.at(3).facts).toMatchObject({ queued: 3, totals: { waiting: 3, blocked: 1 } });
  desk.list(4, [], ["F2"]);
  expect(desk.at(5).facts).toMatchObject({ queued: 2, totals: { waiting: 2, unexplained: 1 } });
  desk.say(6, { event: "other", action: "quarantined", queueId: "F3" });
  expect(desk.at(7).queues.waiting).toMatchObject({ held: { count: 1 }, remote: { count: 1 } });
  desk.say(8, { event: "other", action: "unquarantined", queueId: "F3" });
  expect(desk.at(9).queues.waiting).toMatchObject({ held: { count: 0 }, own: { count: 1 }, remote: { count: 1 } });
  for (const [file, domain] of [
    [0, "own.test"],
    [3, "z.test"],
  ] as const)
    desk.say(10, tried(`F${file}`, `a@${domain}`, "sent", 10));
  expect(desk.at(11).facts).toMatchObject({
    queued: 0,
    totals: { accepted: 4, waiting: 0, left: 2, blocked: 1, unexplained: 1 },
  });
});

test("one more of a domain whose queue file went without a word waits, and is no longer unexplained", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 3));
  desk.say(0, split("F0", "F1", "F2"));
  desk.say(0, tried("F0", "a@own.test", "deferred"));
  desk.say(0, tried("F1", "b@big.test", "deferred"));
  desk.list(1, [], ["F1"]);
  expect(desk.at(2).facts.totals).toMatchObject({ accepted: 3, waiting: 2, blocked: 0, unexplained: 1 });
  desk.say(3, tried("F2", "c@big.test", "deferred", 3));
  expect(desk.at(4).facts.totals).toMatchObject({ accepted: 2, waiting: 2, blocked: 0, unexplained: 0 });
  desk.say(5, tried("F2", "c@big.test", "sent", 5));
  expect(desk.at(6).facts.totals).toMatchObject({ accepted: 2, waiting: 1, left: 1, blocked: 0, unexplained: 0 });
});

test("a line that came after the listing that its message was missing from says what became of it", () => {
  for (const named of [true, false]) {
    const desk = new Desk(one());
    desk.say(0, from("F0", 1));
    if (named) desk.say(0, tried("F0", "a@own.test", "deferred"));
    desk.list(1, [], ["F0"]);
    expect(desk.at(2).facts.totals).toMatchObject({ accepted: 1, waiting: 0, unexplained: 1 });
    desk.say(1, tried("F0", "a@own.test", "sent", 1));
    expect(desk.at(3).facts).toMatchObject({ queued: 0, totals: { accepted: 1, waiting: 0, left: 1, unexplained: 0 } });
    desk.at(1_000);
    expect(desk.model.trackedUnits).toBe(0);
  }
});

const refused = (queueId: string, to: string): MailEvent => ({
  ...tried(queueId, to, "deferred"),
  status: "bounced",
  dsn: "5.1.1",
  reason: "User unknown",
});

test.each([
  ["refused", "sent", { accepted: 1, waiting: 0, left: 1, blocked: 0 }],
  ["sent", "refused", { accepted: 1, waiting: 0, left: 1, blocked: 0 }],
  ["refused", "refused", { accepted: 1, waiting: 0, left: 0, blocked: 1 }],
  ["refused", "waits", { accepted: 1, waiting: 1, left: 0, blocked: 0 }],
  ["waits", "refused", { accepted: 1, waiting: 1, left: 0, blocked: 0 }],
  ["vanished", "sent", { accepted: 1, waiting: 0, left: 1, unexplained: 0 }],
  ["vanished", "vanished", { accepted: 1, waiting: 0, left: 0, unexplained: 1 }],
  ["refused", "vanished", { accepted: 1, waiting: 0, left: 0, blocked: 1, unexplained: 0 }],
] as const)(
  "of one domain %s in the message and %s in what turns out to be its queue file",
  (first, second, totals) => {
    const desk = new Desk(one());
    const say = (id: string, to: string, what: typeof first): void => {
      if (what === "refused") desk.say(1, refused(id, to));
      else desk.say(1, tried(id, to, what === "sent" ? "sent" : "deferred", 1));
      if (what === "vanished") desk.list(2, [], [id]);
    };
    desk.say(0, from("F0", 2));
    say("F0", "a@big.test", first);
    say("F1", "b@big.test", second);
    desk.say(3, split("F0", "F1"));
    expect(desk.at(4).facts.totals).toMatchObject(totals);
  },
);

test("a quarantined mail is held in each queue file; what is let go leaves, and the rest is still held", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 2));
  desk.say(0, { event: "other", action: "quarantined", queueId: "F0", to: "a@own.test" });
  desk.say(0, { event: "other", action: "quarantined", queueId: "F0", to: "b@big.test" });
  desk.say(0, split("F0", "F1"));
  expect(desk.at(1).queues).toMatchObject({ waiting: { held: { count: 2 }, own: { count: 0 } } });
  desk.say(60, { event: "other", action: "unquarantined", queueId: "F0" });
  desk.say(61, tried("F0", "a@own.test", "sent", 61));
  expect(desk.at(600)).toMatchObject({
    facts: { queued: 1, totals: { accepted: 2, waiting: 1, left: 1 }, ownWaiting: 0 },
    queues: { waiting: { held: { count: 1 }, own: { count: 0 } } },
  });
});

test.each(["before", "after"] as const)("the wait goes on through our filter, told %s the split", (order) => {
  const desk = new Desk(one());
  const handOver: MailEvent = { ...tried("P", "b@big.test", "sent", 100), nextQueueId: "F0", relayIp: "127.0.0.1" };
  desk.say(0, from("P", 1));
  desk.say(100, { ...from("F0", 2), clientIp: "127.0.0.1" });
  if (order === "before") desk.say(100, { ...handOver, relay: "127.0.0.1", relayPort: 10_024 });
  desk.say(100, split("F0", "F1"));
  if (order === "after") desk.say(100, { ...handOver, relay: "127.0.0.1", relayPort: 10_024 });
  desk.say(100, tried("F0", "a@own.test", "sent"));
  expect(desk.at(200).facts).toMatchObject({ oldestOwnWaitSeconds: 200, queued: 1 });
});

test("who wrote to whom is told of recipients in every queue file", () => {
  const desk = new Desk(one());
  const told: string[] = [];
  desk.model.onMessageFact = ({ sender, clientIp, recipient }) => told.push(`${sender} ${clientIp} ${recipient}`);
  desk.say(0, tried("F0", "a@own.test", "sent"));
  desk.say(0, from("F0", 2));
  desk.say(0, split("F0", "F1"));
  desk.say(0, tried("F1", "b@big.test", "sent"));
  expect(told).toEqual(["a@far.test 192.0.2.7 a@own.test", "a@far.test 192.0.2.7 b@big.test"]);
});

test("what is split off is bounded: messages that are too many are counted, lists that nobody claims are forgotten", () => {
  const desk = new Desk(one({ maxUnits: 10 }));
  desk.say(0, from("F0", 100));
  desk.say(0, split("F0", ...ids("P", 99)));
  expect(desk.model.trackedUnits).toBe(10);
  expect(desk.at(1).facts.totals).toMatchObject({ accepted: 1, overflow: 90 });
  const many = new Desk(one());
  for (const id of ids("U", 200)) many.say(0, split(id, ...ids(id, 500)));
  // 100,000 in all: of the first hundred no more is known.
  many.say(1, from("U0", 2));
  many.say(1, from("U199", 501));
  expect(many.at(2).facts).toMatchObject({ queued: 502 });
  many.at(100);
  many.say(100, from("U198", 501));
  expect(many.at(101).facts).toMatchObject({ queued: 503 });
});

test("messages of their own are not taken for parts of another; a circle is one message", () => {
  const desk = new Desk(one());
  desk.say(0, from("F0", 1));
  desk.say(0, from("F1", 1));
  desk.say(0, split("F0", "F1"));
  desk.say(1, tried("F0", "a@own.test", "sent", 1));
  expect(desk.at(2).facts).toMatchObject({ queued: 1, totals: { accepted: 2, waiting: 1, left: 1 } });
  desk.say(2, tried("F2", "a@own.test", "deferred", 1));
  desk.say(2, split("F2", "F3"));
  desk.say(2, split("F3", "F2"));
  desk.say(2, split("F3", "F3"));
  desk.say(3, tried("F3", "b@own.test", "sent", 1));
  desk.say(4, tried("F2", "a@own.test", "sent", 1));
  expect(desk.at(5).facts).toMatchObject({ queued: 1, totals: { accepted: 3, waiting: 1, left: 2 } });
});
