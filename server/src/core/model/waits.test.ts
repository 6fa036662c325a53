import { expect, test } from "vitest";
import { config, Desk, foreignHop, ids, refused } from "../../../test/model/lines.ts";
import { DelayModel } from "./delay-model.ts";

const waitingOf = (desk: Desk, second: number) => desk.at(second).queues.waiting;

test("a queue full of mail for a dead remote domain moves nothing, however old it gets", () => {
  const desk = new Desk();
  for (const id of ids("R", 50)) {
    desk.arrive(0, id, { clientIp: "10.0.0.5" });
    desk.deferRemote(1, id, { to: "c@dead.test" });
  }
  // Due after clamp(age, 300, 4000); retried 200 s later, within one queue run.
  let due = 301;
  while (due < 20_000) {
    for (const id of ids("R", 50)) {
      desk.activate(due + 200, id);
      desk.deferRemote(due + 200, id, { to: "c@dead.test" });
    }
    const { delay } = desk.at(due + 201);
    expect(delay.headlineSeconds ?? 0).toBeLessThanOrEqual(1);
    expect(delay.verdict).not.toBe("late");
    expect(delay.stuck.count).toBe(0);
    due += 200 + Math.min(Math.max(due + 200, 300), 4_000);
  }
  expect(waitingOf(desk, due - 100).remote.count).toBe(50);
});

test("remote until the next attempt is due and one queue run is over, then ours", () => {
  const desk = new Desk();
  for (const id of ids("R", 20)) {
    desk.arrive(0, id);
    desk.deferRemote(10, id);
  }
  // Ours for 10 s; due at 10 + clamp(10, 300, 4000) = 310; ours again from 610.
  expect(desk.at(609).delay.headlineSeconds ?? 0).toBe(0);
  expect(waitingOf(desk, 609).remote.count).toBe(20);
  const { delay, queues } = desk.at(700);
  expect(queues.waiting.own.count).toBe(20);
  // The pause was longer than the target: the live rule starts anew at 610, so 90 s count, not 100.
  expect(delay.headlineSeconds).toBe(90);
});

test("mail for a domain of ours that DNS does not know, or leads back to us, waits on us", () => {
  const desk = new Desk();
  for (const domain of ["own.test", "far.test"])
    for (const reason of [
      `mail for ${domain} loops back to myself`,
      `Host or domain name not found. Name service error for name=${domain} type=MX: Host not found, try again`,
    ]) {
      const queueId = `${domain}${reason.length}`;
      const line = { event: "delivery", process: "postfix/smtp", queueId, status: "deferred", reason } as const;
      desk.arrive(0, queueId);
      desk.say(1, { ...line, to: `b@${domain}`, relay: "none" });
    }
  expect(waitingOf(desk, 60)).toMatchObject({ own: { count: 2 }, remote: { count: 2 }, unknown: { count: 0 } });
});

test("after a pause within the target the wait before it counts on", () => {
  const desk = new Desk();
  for (const id of ids("R", 20)) {
    desk.arrive(0, id);
    desk.deferRemote(100, id);
    desk.activate(350, id);
    desk.deferOwn(350, id);
  }
  // 100 s ours, 250 s theirs, 50 s ours.
  expect(desk.at(400).delay.headlineSeconds).toBe(150);
});

test("an attempt that ends in a remote deferral is remote from its start", () => {
  const desk = new Desk();
  for (const id of ids("R", 20)) {
    desk.arrive(0, id);
    // 40 s in the line's own count: 10 before the queue manager, 30 until the far side gave up.
    desk.deferRemote(40, id, { delay: 40, delays: [10, 0, 30, 0] });
  }
  expect(desk.at(41).delay.headlineSeconds).toBe(10);
});

test("an own hop that refuses is our wait from acceptance on", () => {
  const desk = new Desk();
  for (const id of ids("Q", 20)) {
    desk.arrive(0, id);
    desk.deferOwn(5, id);
  }
  expect(desk.at(600).delay.headlineSeconds).toBe(600);
  expect(desk.at(600).queues.queues.find(({ name }) => name === "deferred")).toMatchObject({
    count: 20,
    oldestSeconds: 600,
  });
});

test("a full mailbox is the recipient's wait, held mail is held", () => {
  const desk = new Desk();
  desk.arrive(0, "FULL");
  desk.deferOwn(1, "FULL", { dsn: "4.2.2", reason: "host store[10.0.0.1] said: 452 4.2.2 mailbox full" });
  desk.arrive(0, "HOLD");
  desk.say(2, { event: "other", process: "postfix/postsuper", queueId: "HOLD", action: "hold" });
  const { queues } = desk.at(10);
  expect(queues.waiting.recipient.count).toBe(1);
  expect(queues.waiting.held.count).toBe(1);
  desk.say(100, { event: "other", process: "postfix/postsuper", queueId: "HOLD", action: "release" });
  expect(waitingOf(desk, 101).own.count).toBe(1);
});

const doneToAll = (desk: Desk, second: number, pid: number, count: number): void =>
  desk.say(second, {
    event: "other",
    process: "postfix/postsuper",
    pid,
    action: "placed on hold",
    reason: `Placed on hold: ${count} messages`,
  });

test("numbers of what postsuper did to all are looked into ten times as time goes on, and no more", () => {
  const desk = new Desk();
  for (const id of ids("P", 5)) desk.arrive(0, id);
  // Numbers that fit no queue, of any second.
  for (let pid = 1; pid <= 10; pid++) doneToAll(desk, pid % 2 === 0 ? 2 : 900 + pid, pid, 900);
  doneToAll(desk, 2_000, 11, 5);
  expect(waitingOf(desk, 3).held.count).toBe(0);
  doneToAll(desk, 4, 12, 5);
  expect(waitingOf(desk, 5).held.count).toBe(5);
});

test("what postsuper named before a restart is not looked for after it", () => {
  const model = new DelayModel(config());
  let desk = new Desk(model);
  for (const id of ids("P", 4)) desk.arrive(0, id);
  for (const id of ids("P", 2))
    desk.say(1, { event: "other", process: "postfix/postsuper", pid: 7, queueId: id, action: "hold" });
  const restarted = new DelayModel(config());
  expect(restarted.restore({ format: model.format, text: model.save() })).toBe(true);
  desk = new Desk(restarted);
  doneToAll(desk, 1, 7, 2);
  expect(waitingOf(desk, 2).held.count).toBe(2);
});

test("an address that Exim lets rest waits on whom it waited on before", () => {
  const desk = new Desk();
  const put = (second: number, queueId: string, reason: string): void =>
    desk.say(second, { event: "delivery", process: "exim", queueId, to: "b@far.test", status: "deferred", reason });
  for (const id of ["OURS", "THEIRS", "HALF"]) desk.arrive(0, id);
  put(1, "OURS", 'error in redirect data: ":freeze" is not permitted');
  put(1, "THEIRS", "host lookup did not complete");
  for (const id of ["OURS", "THEIRS", "HALF"]) put(60, id, "retry time not reached");
  // Of the last it was not seen why.
  expect(waitingOf(desk, 61)).toMatchObject({ own: { count: 1 }, remote: { count: 2 }, unknown: { count: 0 } });
});

test("a bounce that cannot be returned and is frozen is held, though nobody waits for it", () => {
  const desk = new Desk();
  desk.say(0, { event: "message", process: "exim", queueId: "B", from: "", action: "bounce", nrcpt: 1 });
  desk.say(1, { event: "delivery", process: "exim", queueId: "B", to: "s@far.test", status: "bounced", reason: "no" });
  desk.say(1, { event: "other", process: "exim", queueId: "B", action: "frozen" });
  expect(waitingOf(desk, 2)).toMatchObject({ own: { count: 0 }, held: { count: 1 } });
});

test("what nobody can attribute counts as ours, and the headline says at most", () => {
  const desk = new Desk();
  for (const id of ids("U", 20)) {
    desk.arrive(0, id);
    const line = { to: "b@own.test", relay: "none", status: "deferred", dsn: "4.0.0" } as const;
    desk.say(1, { event: "delivery", process: "postfix/smtp", queueId: id, ...line, reason: "something odd" });
  }
  expect(desk.at(100).delay.atMost).toBe(true);
  expect(desk.at(100).delay.headlineSeconds).toBe(100);
  expect(waitingOf(desk, 100).unknown.count).toBe(20);
});

test("error(8) counts as its cause says", () => {
  const desk = new Desk();
  desk.arrive(0, "E1");
  const suspended = { process: "postfix/error", relay: "none", status: "deferred", dsn: "4.4.1" } as const;
  const { relayIp: _ip, relayPort: _port, ...line } = { ...foreignHop, ...suspended };
  desk.say(1, {
    event: "delivery",
    queueId: "E1",
    to: "b@own.test",
    ...line,
    reason: `delivery temporarily suspended: ${refused("198.51.100.9")}`,
  });
  desk.arrive(0, "E2");
  desk.say(1, {
    event: "delivery",
    queueId: "E2",
    to: "b@own.test",
    ...line,
    reason: `delivery temporarily suspended: ${refused("10.0.0.1")}`,
  });
  const waiting = waitingOf(desk, 2);
  expect([waiting.remote.count, waiting.own.count]).toEqual([1, 1]);
});

test("our own bounces are work, not customers", () => {
  const desk = new Desk();
  for (const id of ids("B", 20)) {
    desk.say(0, { event: "queued", process: "postfix/cleanup", queueId: id, messageId: "x" });
    desk.say(0, { event: "bounce-notice", process: "postfix/bounce", queueId: "ORIG", bounceQueueId: id });
    desk.activate(0, id, 1, "");
  }
  const { delay, facts } = desk.at(500);
  expect(facts.totals.accepted).toBe(0);
  expect(delay.headlineSeconds).toBeNull();
  expect(delay.work.due).toBe(20);
});

test("a message first seen in the middle is followed from its delay", () => {
  const desk = new Desk();
  for (const id of ids("M", 20)) desk.deferOwn(1_000, id, { delay: 250, delays: [249, 0, 1, 0] });
  expect(desk.at(1_100).delay.headlineSeconds).toBe(350);
  const old = new Desk();
  for (const id of ids("M", 20)) old.deferRemote(1_000, id, { delay: 90_000, delays: [89_999, 0, 1, 0] });
  expect(old.at(1_001).delay.headlineSeconds).toBeNull();
  expect(waitingOf(old, 1_001).remote.count).toBe(20);
});
