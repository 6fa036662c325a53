import { type EpochMs, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { config, Desk, ids, mx } from "../../../test/model/lines.ts";
import type { LossObservation } from "../observation.ts";
import { DelayModel } from "./delay-model.ts";

const filter = { relay: "127.0.0.1", relayIp: "127.0.0.1", relayPort: 10_024 } as const;

/** A filter that holds the mail for 60 s and gives it back under a new id. */
function refilter(desk: Desk, first: string, second: string, atSecond: number, order: "before" | "after"): void {
  const back = () => desk.arrive(atSecond, second, { clientIp: "127.0.0.1" });
  if (order === "before") back();
  desk.send(atSecond, first, { ...filter, nextQueueId: second, reason: `250 2.0.0 Ok: queued as ${second}` });
  if (order === "after") back();
}

test.each(["before", "after"] as const)(
  "the wait goes on through our filter: the new id is seen %s the old one's end",
  (order) => {
    const desk = new Desk();
    for (const [i, id] of ids("F", 20).entries()) {
      desk.arrive(0, id);
      refilter(desk, id, `G${i}`, 60, order);
    }
    const { delay, facts } = desk.at(100);
    expect(delay.headlineSeconds).toBe(100);
    expect(facts.totals).toMatchObject({ accepted: 20, waiting: 20, left: 0 });
    expect(delay.directions.in?.headlineSeconds).toBe(100);
    for (const id of ids("G", 20)) desk.send(130, id);
    expect(desk.at(131).delay.headlineSeconds).toBe(130);
    expect(desk.at(131).facts.totals).toMatchObject({ accepted: 20, waiting: 0, left: 20 });
  },
);

test("what our filter throws away has not gone to anybody; a stranger's word for it changes nothing", () => {
  const desk = new Desk();
  const reason = "250 2.7.0 Ok, discarded, id=27977-02 - spam";
  desk.arrive(0, "SPAM");
  desk.send(1, "SPAM", { ...filter, dsn: "2.7.0", reason });
  desk.arrive(0, "MAIL");
  desk.send(1, "MAIL", { relay: "mx.far.test", relayIp: "198.51.100.9", relayPort: 25, reason });
  expect(desk.at(100).facts.totals).toMatchObject({ accepted: 2, waiting: 0, left: 1, blocked: 1 });
});

const unknownUser = { status: "bounced", dsn: "5.1.1", reason: "host x said: 550 5.1.1 no such user" } as const;

test.each(["first", "last"] as const)(
  "a domain got the mail though one of its recipients is unknown, told %s",
  (place) => {
    const desk = new Desk();
    desk.arrive(0, "LIST", { nrcpt: 2 });
    const refuse = (): void => desk.deliver(1, "LIST", { to: "gone@own.test", ...unknownUser });
    if (place === "first") refuse();
    desk.deliver(1, "LIST", { to: "here@own.test" });
    if (place === "last") refuse();
    desk.remove(1, "LIST");
    expect(desk.at(2).facts.totals).toMatchObject({ accepted: 1, waiting: 0, left: 1, blocked: 0 });
  },
);

test("what waits for its second recipient waits, though the first was refused", () => {
  const desk = new Desk();
  for (const id of ids("L", 20)) {
    desk.arrive(0, id, { nrcpt: 2 });
    desk.deliver(1, id, { to: "gone@own.test", ...unknownUser });
    desk.deferOwn(1, id, { to: "here@own.test" });
  }
  const { delay, facts } = desk.at(600);
  expect(facts.totals).toMatchObject({ accepted: 20, waiting: 20, left: 0, blocked: 0 });
  expect(delay.headlineSeconds).toBe(600);
  for (const id of ids("L", 20)) {
    desk.deliver(601, id, { to: "here@own.test", ...unknownUser });
    desk.remove(601, id);
  }
  // They died of an outage of ours.
  expect(desk.at(602).facts.totals).toMatchObject({ accepted: 20, waiting: 0, left: 20, blocked: 0 });
});

test("mail that is relayed to another watched node goes on there, whichever log is read first", () => {
  const model = new DelayModel(config({ nodes: [mx, nodeId("store")] }));
  const [first, second] = [new Desk(model), new Desk(model, nodeId("store"))];
  for (const id of ids("A", 10)) {
    first.arrive(0, id);
    first.send(30, id, { nextQueueId: `S${id}` });
    second.arrive(30, `S${id}`, { clientIp: "10.0.0.9" });
  }
  expect(first.at(200).delay.headlineSeconds).toBe(200);
  expect(first.at(200).facts.totals.accepted).toBe(10);
});

test("an id that nobody knows within a minute: it left at the hand-over", () => {
  const desk = new Desk();
  for (const id of ids("A", 10)) {
    desk.arrive(0, id);
    desk.send(30, id, { nextQueueId: `S${id}` });
  }
  desk.at(100);
  for (const id of ids("A", 10)) desk.arrive(101, `S${id}`, { clientIp: "10.0.0.9" });
  expect(desk.at(102).facts.totals).toMatchObject({ accepted: 20, left: 10, waiting: 10 });
});

test("a stranger's answer can not join our mail", () => {
  const desk = new Desk();
  desk.arrive(0, "VICTIM");
  desk.arrive(0, "BAIT");
  desk.send(1, "BAIT", { relay: "evil.test", relayIp: "203.0.113.1", relayPort: 25, nextQueueId: "VICTIM" });
  expect(desk.at(2).facts.totals).toMatchObject({ accepted: 2, waiting: 1, left: 1 });
});

test("two recipients of one domain are one unit, which leaves with the second", () => {
  const desk = new Desk();
  desk.arrive(0, "T", { nrcpt: 2 });
  desk.deliver(1, "T", { to: "b@own.test" });
  expect(desk.at(2).facts.totals).toMatchObject({ waiting: 1 });
  desk.deliver(5, "T", { to: "c@OWN.test" });
  expect(desk.at(6).facts.totals).toMatchObject({ accepted: 1, waiting: 0, left: 1 });
});

test("two domains are two units once both are named", () => {
  const desk = new Desk();
  desk.arrive(0, "T", { nrcpt: 2 });
  expect(desk.at(1).facts.totals.accepted).toBe(1);
  desk.deliver(1, "T", { to: "b@own.test" });
  expect(desk.at(2).facts.totals).toMatchObject({ accepted: 2, left: 1, waiting: 1 });
  desk.deliver(9, "T", { to: "b@two.test" });
  desk.remove(9, "T");
  expect(desk.at(10).facts.totals).toMatchObject({ accepted: 2, left: 2, waiting: 0 });
});

test("a delivery line that overtakes the queue manager's", () => {
  const desk = new Desk();
  desk.say(0, { event: "client", process: "postfix/smtpd", queueId: "O", clientIp: "192.0.2.1" });
  desk.deliver(0, "O");
  desk.say(0, { event: "queued", process: "postfix/cleanup", queueId: "O", messageId: "m" });
  desk.activate(0, "O");
  desk.remove(0, "O");
  expect(desk.at(1).facts.totals).toMatchObject({ accepted: 1, left: 1, waiting: 0 });
  expect(desk.at(1).facts.queued).toBe(0);
});

test("a queue id is used again: the old message is not the new one", () => {
  const desk = new Desk();
  desk.arrive(0, "SAME");
  desk.send(1, "SAME");
  desk.arrive(50, "SAME");
  expect(desk.at(60).facts.totals).toMatchObject({ accepted: 2, left: 1, waiting: 1 });
  desk.send(70, "SAME");
  expect(desk.at(80).facts.totals).toMatchObject({ left: 2, waiting: 0 });
});

test("what a client did not finish was never accepted", () => {
  const desk = new Desk();
  const client = { process: "postfix/smtpd", pid: 7 } as const;
  desk.say(0, { event: "client", ...client, queueId: "L", clientIp: "192.0.2.1" });
  expect(desk.at(1).facts.totals.accepted).toBe(0);
  desk.say(1, { event: "queued", process: "postfix/cleanup", queueId: "L", messageId: "m" });
  desk.say(2, { event: "disconnect", ...client, stage: "DATA", action: "lost connection" });
  expect(desk.at(3).facts.queued).toBe(0);
  expect(desk.at(3).facts.totals.waiting).toBe(0);
});

test("a listing adopts what was there before the log, and what vanished is unexplained, not drained", () => {
  const desk = new Desk();
  const entry = (queueId: string, ageSeconds: number, reason: string | null): Parameters<Desk["list"]>[1][number] => {
    const arrivalMs: EpochMs = desk.epochMs + (1_000 - ageSeconds) * 1_000;
    return {
      queueId,
      queue: "deferred",
      arrivalMs,
      sizeBytes: 1,
      sender: "a@far.test",
      recipients: [{ address: "b@own.test", reason }],
    };
  };
  const own = ids("O", 20).map((id) => entry(id, 700, "connect to x[10.0.0.1]:25: Connection refused"));
  const remote = ids("R", 20).map((id) => entry(id, 90_000, "connect to x[198.51.100.9]:25: Connection timed out"));
  desk.list(1_000, [...own, ...remote]);
  const { delay, queues } = desk.at(1_000);
  expect(delay.headlineSeconds).toBe(700);
  expect([queues.waiting.own.count, queues.waiting.remote.count]).toEqual([20, 20]);
  expect(queues.listedAtMs).toBe(desk.epochMs + 1_000_000);
  const known = desk.model.knownIds(mx);
  expect(known.has("O3")).toBe(true);
  expect([...known.acceptedBefore(desk.epochMs)]).toHaveLength(20);
  desk.list(1_010, [], ids("O", 20));
  expect(desk.at(1_011).queues.unexplained).toBe(20);
  expect(desk.at(1_011).facts.totals).toMatchObject({ left: 0, waiting: 20 });
  expect(desk.at(1_011).facts.lastDepartureMs).toBeNull();
});

test("postsuper -d is unexplained too", () => {
  const desk = new Desk();
  desk.arrive(0, "D");
  desk.say(1, { event: "removed", process: "postfix/postsuper", queueId: "D", action: "delete" });
  expect(desk.at(2).facts.totals).toMatchObject({ unexplained: 1, waiting: 0, left: 0 });
});

test("more than can be followed is counted and makes the numbers incomplete", () => {
  const desk = new Desk(new DelayModel(config({ maxUnits: 5 })));
  for (const id of ids("Q", 8)) desk.arrive(0, id);
  const { completeness, facts, delay } = desk.at(1);
  expect(facts.totals).toMatchObject({ accepted: 5, overflow: 3 });
  expect(completeness.complete).toBe(false);
  expect(delay.atLeast).toBe(true);
  expect(delay.verdict).toBe("unknown");
});

test("lost lines above 2 % of the hour make the numbers incomplete", () => {
  const desk = new Desk();
  for (let i = 0; i < 98; i++) desk.say(0, { event: "other" });
  desk.model.apply({ kind: "loss", node: mx, atMs: desk.epochMs, lines: 2, because: "suppressed" });
  expect(desk.at(1).completeness).toMatchObject({ complete: true, lostLines: 2, lostShare: 0.02 });
  desk.say(2, { event: "warning", lostLines: 1 });
  expect(desk.at(3).completeness.because.map(({ id }) => id)).toEqual(["completeness.lines-lost"]);
  expect(desk.at(3_700).completeness.complete).toBe(true);
});

test("a gap that nobody can count makes the numbers incomplete for an hour, over a restart too, unless it is short", () => {
  const desk = new Desk();
  for (let i = 0; i < 1_000; i++) desk.say(0, { event: "other" });
  const gapOf = (seconds: number): LossObservation => {
    const gap = { fromMs: desk.epochMs - seconds * 1000, toMs: desk.epochMs, log: "/var/log/mail.log" };
    return { kind: "loss", node: mx, atMs: desk.epochMs, lines: 1, because: "rotated-away", gap };
  };
  desk.model.apply(gapOf(70));
  expect(desk.at(1).completeness).toMatchObject({ complete: true, lostLines: 1 });
  desk.model.apply(gapOf(7_200));
  expect(desk.at(2).completeness.because).toMatchObject([
    { id: "completeness.lines-missing", params: { node: mx, fromMs: desk.epochMs - 7_200_000, toMs: desk.epochMs } },
  ]);
  expect(desk.at(3).delay).toMatchObject({ atLeast: true, verdict: "unknown" });
  const restored = new DelayModel(config());
  restored.restore({ format: desk.model.format, text: desk.model.save() });
  const { complete, gaps } = restored.evaluate(desk.epochMs + 3_500_000).completeness;
  expect(complete).toBe(false);
  expect(gaps).toMatchObject([{ node: mx, log: "/var/log/mail.log", toMs: desk.epochMs }]);
  expect(desk.at(3_700).completeness.complete).toBe(true);
});

test("who wrote to whom is said once for each domain, with the client that brought it", () => {
  const desk = new Desk();
  const facts: unknown[] = [];
  desk.model.onMessageFact = ({ sender, recipient, clientIp, direction, hosted }) =>
    facts.push([sender, recipient, clientIp, direction, hosted]);
  desk.arrive(0, "F", { nrcpt: 2 });
  desk.deferRemote(1, "F", { to: "b@own.test" });
  desk.deferRemote(1, "F", { to: "c@own.test" });
  desk.deferRemote(400, "F", { to: "b@own.test" });
  desk.arrive(0, "G", { clientIp: "10.1.1.1" });
  desk.send(1, "G", { to: "x@far.test" });
  expect(facts).toEqual([
    ["a@far.test", "b@own.test", "192.0.2.7", "in", true],
    ["a@far.test", "x@far.test", "10.1.1.1", "out", false],
  ]);
});
