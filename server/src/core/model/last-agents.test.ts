import { expect, test } from "vitest";
import { config, Desk } from "../../../test/model/lines.ts";
import { DelayModel } from "./delay-model.ts";

/** What agents say of a store at an address that is not private. */
const away = "connect to store.far.test[198.51.100.9]:24: Connection refused";
const line = { event: "delivery", to: "b@own.test", relay: "none", dsn: "4.4.1", status: "deferred" } as const;
const suspended = { ...line, process: "postfix/error", reason: `delivery temporarily suspended: ${away}` };

function deferredAt(desk: Desk, second: number, queueId: string, process: string, reason: string): void {
  desk.arrive(second, queueId);
  desk.say(second, { ...line, process, queueId, reason });
}
function countsOf(desk: Desk, second: number): { own: number; remote: number } {
  const { own, remote } = desk.at(second).queues.waiting;
  return { own: own.count, remote: remote.count };
}

test("what error(8) says of a host waits on whom the agent's own mail waits that failed there", () => {
  const desk = new Desk();
  deferredAt(desk, 0, "L1", "postfix/lmtp", away);
  deferredAt(desk, 1, "L2", suspended.process, suspended.reason);
  expect(countsOf(desk, 2)).toEqual({ own: 2, remote: 0 });
  // Another host, and the same one at another port, are none of its.
  for (const [id, place] of [
    ["S1", "mx.far.test[198.51.100.9]:24"],
    ["S2", "store.far.test[198.51.100.9]:25"],
  ] as const)
    deferredAt(desk, 2, id, suspended.process, suspended.reason.replace("store.far.test[198.51.100.9]:24", place));
  expect(countsOf(desk, 3)).toEqual({ own: 2, remote: 2 });
});

test("an agent that was connected and heard nothing is known again by its words, which say no port", () => {
  const desk = new Desk();
  const reason = "conversation with store.far.test[198.51.100.9] timed out while receiving the initial server greeting";
  desk.arrive(0, "L1");
  const relay = { relay: "store.far.test[198.51.100.9]:24", relayIp: "198.51.100.9", relayPort: 24 };
  desk.say(0, { ...line, ...relay, process: "postfix/lmtp", queueId: "L1", reason });
  deferredAt(desk, 1, "L2", suspended.process, `delivery temporarily suspended: ${reason}`);
  expect(countsOf(desk, 2)).toEqual({ own: 2, remote: 0 });
});

test("what the far side answers to another agent at the same address changes nothing", () => {
  const desk = new Desk();
  const reason = "lost connection with x[198.51.100.9] while receiving the initial server greeting";
  const answer = "host x[198.51.100.9] said: 450 4.2.0 Greylisted (in reply to RCPT TO command)";
  deferredAt(desk, 0, "L1", "postfix/lmtp", reason);
  deferredAt(desk, 1, "S1", "postfix/smtp", answer);
  deferredAt(desk, 1, "S2", "postfix/relay/smtp", answer);
  deferredAt(desk, 2, "L2", suspended.process, `delivery temporarily suspended: ${reason}`);
  expect(countsOf(desk, 3)).toEqual({ own: 2, remote: 2 });
  // As long as answers come in other words each time, what is kept does not grow by them.
  expect(desk.model.save()).not.toContain("Greylisted");
});

test("a listing's words, which name no agent either, and a restart", () => {
  const before = new Desk();
  deferredAt(before, 0, "L1", "postfix/lmtp", away);
  const model = new DelayModel(config());
  expect(model.restore({ format: before.model.format, text: before.model.save() })).toBe(true);
  const desk = new Desk(model);
  deferredAt(desk, 1, "L2", suspended.process, suspended.reason);
  const recipients = [{ address: "b@own.test", reason: away }];
  const arrivalMs = desk.epochMs;
  desk.list(2, [{ queueId: "L3", queue: "deferred", arrivalMs, sizeBytes: 1, sender: "a@far.test", recipients }]);
  expect(countsOf(desk, 3)).toEqual({ own: 3, remote: 0 });
});
