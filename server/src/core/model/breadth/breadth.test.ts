import { dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { config, Desk, epochMs, mx } from "../../../../test/model/lines.ts";
import type { MailEvent } from "../../event.ts";
import { DelayModel } from "../delay-model.ts";
import { organisation } from "./operators.ts";

const far = (n: number): Partial<MailEvent> => ({
  to: `b@customer${n}.example`,
  relay: `mx1.operator${n}.example`,
  relayIp: `198.51.100.${n}`,
  relayPort: 25,
});
const timedOut = (n: number): Partial<MailEvent> => ({
  to: `b@customer${n}.example`,
  relay: "none",
  status: "deferred",
  dsn: "4.4.1",
  reason: `connect to mx1.operator${n}.example[198.51.100.${n}]:25: Connection timed out`,
});
const unresolved = (n: number): Partial<MailEvent> => ({
  ...timedOut(n),
  dsn: "4.4.3",
  reason: `Host or domain name not found. Name service error for name=customer${n}.example type=MX: Host not found, try again`,
});

const unsafe = (n: number): Partial<MailEvent> => ({
  ...far(n),
  status: "deferred",
  dsn: "4.7.5",
  reason: "Cannot start TLS: handshake failure",
});

const oneOperator = (n: number): Partial<MailEvent> => ({ ...timedOut(9), to: `b@customer${n}.example` });

const throttled = (n: number): Partial<MailEvent> => ({
  ...far(n),
  status: "deferred",
  dsn: "4.7.28",
  reason: "said: 421 4.7.28 rate limit",
});

/** Mail from one of our own to `count` operators, one each, from this second on. */
function sendTo(desk: Desk, second: number, count: number, how: (n: number) => Partial<MailEvent>, from = 0): void {
  for (let n = from; n < from + count; n++) {
    const id = `S${second}x${n}`;
    desk.arrive(second, id, { clientIp: "10.0.0.7", from: "a@own.test" });
    const event: MailEvent = { event: "delivery", process: "postfix/smtp", queueId: id, status: "sent", ...how(n) };
    desk.say(second + 1, event);
    if (event.status === "sent") desk.remove(second + 1, id);
  }
}

test("TLS that fails with a dozen strangers at once is our fault; with one of them it is theirs", () => {
  const desk = new Desk();
  sendTo(desk, 0, 12, far);
  sendTo(desk, 40, 1, unsafe);
  sendTo(desk, 70, 1, unsafe);
  sendTo(desk, 80, 11, far, 1);
  expect(desk.at(90)).toMatchObject({ delay: { breadth: null }, queues: { waiting: { remote: { count: 2 } } } });
  sendTo(desk, 100, 12, unsafe);
  sendTo(desk, 160, 12, unsafe);
  const { delay, queues } = desk.at(400);
  expect(delay.breadth).toMatchObject({ hit: 12, tried: 12, reason: "tls" });
  expect(queues.waiting.own.count).toBeGreaterThan(20);
  expect(delay.headlineSeconds).toBeGreaterThan(200);
});

test("when a dozen strangers at once do not answer, the wait is ours from the first failure on", () => {
  const desk = new Desk();
  sendTo(desk, 0, 12, far);
  desk.at(10);
  sendTo(desk, 100, 12, timedOut);
  desk.at(110);
  // Once in vain may be chance.
  expect(desk.at(119).delay).toMatchObject({ breadth: null, headlineSeconds: 1 });
  sendTo(desk, 160, 12, timedOut);
  const { delay, queues } = desk.at(400);
  expect(delay.breadth).toEqual({
    sinceMs: epochMs + 101_000,
    hit: 12,
    tried: 12,
    reason: "connect-timeout",
    nodes: [mx],
  });
  expect(queues.waiting).toMatchObject({ own: { count: 24 }, remote: { count: 0 } });
  // 24 of 24 of their five minutes wait since they came.
  expect(delay.headlineSeconds).toBeGreaterThanOrEqual(240);
  // What fails meanwhile is ours at once.
  sendTo(desk, 401, 1, timedOut, 40);
  expect(desk.at(403).queues.waiting).toMatchObject({ own: { count: 25 }, remote: { count: 0 } });
});

test("one operator that serves a thousand domains is one; an answer, even a refusal, is an answer", () => {
  const desk = new Desk();
  sendTo(desk, 0, 40, far);
  sendTo(desk, 100, 60, oneOperator);
  sendTo(desk, 160, 60, oneOperator);
  sendTo(desk, 200, 30, throttled, 50);
  sendTo(desk, 240, 30, throttled, 50);
  expect(desk.at(300).delay.breadth).toBeNull();
  expect(desk.at(300).queues.waiting).toMatchObject({ own: { count: 0 }, remote: { count: 180 } });
});

test("destinations that have long been dead do not make a fault of ours, and stay theirs in one", () => {
  const desk = new Desk();
  for (let second = 0; second <= 3600; second += 120) {
    sendTo(desk, second, 30, far, 100);
    sendTo(desk, second, 12, timedOut);
    desk.at(second + 60);
  }
  expect(desk.at(3700).delay.breadth).toBeNull();
  sendTo(desk, 3720, 30, timedOut, 100);
  sendTo(desk, 3780, 30, timedOut, 100);
  sendTo(desk, 3790, 12, timedOut);
  const { delay, queues } = desk.at(3870);
  expect(delay.breadth?.sinceMs).toBe(epochMs + 3_721_000);
  // The dead ones that were tried in the last ten minutes; what is past due for longer is ours anyhow.
  expect(queues.waiting.remote.count).toBe(4 * 12);
});

test("a failed look-up counts for the operator that served the domain before, and is called dns", () => {
  const desk = new Desk();
  sendTo(desk, 0, 15, far);
  desk.at(10);
  for (const second of [100, 130]) sendTo(desk, second, 15, unresolved);
  expect(desk.at(200).delay.breadth).toMatchObject({ hit: 15, tried: 15, reason: "dns" });
});

test("while a resolver of ours fails, a failed look-up is ours however few there are; one failed probe says nothing", () => {
  const desk = new Desk();
  const probe = (second: number, ok: boolean) =>
    desk.model.apply({
      kind: "probe",
      atMs: epochMs + second * 1_000,
      id: dependencyId("resolver"),
      type: "dns",
      ok,
      latencySeconds: 1,
    });
  probe(0, false);
  sendTo(desk, 1, 1, unresolved);
  expect(desk.at(5).queues.waiting).toMatchObject({ own: { count: 0 }, remote: { count: 1 } });
  probe(10, false);
  sendTo(desk, 11, 1, unresolved, 1);
  sendTo(desk, 12, 1, timedOut, 2);
  expect(desk.at(15).queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 2 } });
  probe(20, true);
  sendTo(desk, 21, 1, unresolved, 3);
  expect(desk.at(25).queues.waiting).toMatchObject({ own: { count: 1 }, remote: { count: 3 } });
});

test("it ends when they answer again; what waits for its next try stays ours", () => {
  const desk = new Desk();
  sendTo(desk, 0, 12, far);
  for (const second of [20, 30]) sendTo(desk, second, 12, timedOut);
  expect(desk.at(60).delay.breadth).not.toBeNull();
  sendTo(desk, 340, 12, far);
  sendTo(desk, 370, 12, far);
  const { delay, queues } = desk.at(420);
  expect(delay.breadth).toBeNull();
  expect(queues.waiting.own.count).toBe(24);
});

test("a restart in the middle of it makes no difference", () => {
  const desk = new Desk();
  sendTo(desk, 0, 12, far);
  sendTo(desk, 100, 12, timedOut);
  desk.at(110);
  const model = new DelayModel(config());
  expect(model.restore({ format: 2, text: desk.model.save() })).toBe(true);
  const again = new Desk(model);
  for (const each of [desk, again]) sendTo(each, 160, 12, timedOut);
  expect(again.at(400)).toEqual(desk.at(400));
  expect(again.at(400).delay.breadth?.sinceMs).toBe(epochMs + 101_000);
  expect(again.model.save()).toBe(desk.model.save());
});

test.each([
  ["mx3.mail.far.example", "far.example"],
  ["MX.Far.co.za.", "far.co.za"],
  ["far.example", "far.example"],
  ["aspmx.l.google.com", "google.com"],
  ["192.0.2.7", "192.0.2.7"],
  ["", ""],
])("%s is run by %s", (host, operator) => {
  expect(organisation(host)).toBe(operator);
});
