import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { config, Desk, ids, mx } from "../../../test/model/lines.ts";
import { DelayModel } from "./delay-model.ts";
import { messageHashOf } from "./returns.ts";

const filter = { relay: "127.0.0.1", relayIp: "127.0.0.1", relayPort: 10_024, reason: "250 taken" } as const;

interface Arrival {
  readonly clientIp?: string;
  readonly messageId?: string;
  readonly from?: string;
}

function arrive(desk: Desk, second: number, queueId: string, said: Arrival = {}): void {
  const { clientIp = "192.0.2.7", messageId = "1@far.test", from = "a@far.test" } = said;
  desk.say(second, { event: "client", process: "postfix/smtpd", queueId, clientIp });
  desk.say(second, { event: "queued", process: "postfix/cleanup", queueId, messageId });
  desk.activate(second, queueId, 1, from);
}
const back = (said: Arrival = {}): Arrival => ({ clientIp: "127.0.0.1", ...said });

test.each(["before", "after"] as const)(
  "a filter that answers without an id gives the mail back %s it answers: its wait goes on, once",
  (order) => {
    const desk = new Desk();
    for (const [i, id] of ids("F", 20).entries()) {
      const messageId = `${i}@far.test`;
      arrive(desk, 0, id, { messageId });
      if (order === "before") arrive(desk, 60, `G${i}`, back({ messageId }));
      desk.send(60, id, { ...filter, delays: [0, 0, 0, 1] });
      if (order === "after") arrive(desk, 61, `G${i}`, back({ messageId }));
    }
    const { delay, facts } = desk.at(100);
    expect(facts.totals).toMatchObject({ accepted: 20, waiting: 20, left: 0 });
    expect(delay.headlineSeconds).toBe(100);
    expect(delay.directions.in?.headlineSeconds).toBe(100);
    for (const id of ids("G", 20)) desk.send(130, id);
    expect(desk.at(131).facts.totals).toMatchObject({ accepted: 20, waiting: 0, left: 20 });
  },
);

test("copies of one letter that are under way together are as many afterwards", () => {
  const desk = new Desk();
  for (const id of ids("F", 30)) arrive(desk, 0, id);
  for (const id of ids("G", 30)) arrive(desk, 20, id, back());
  for (const id of ids("F", 30)) desk.send(21, id, filter);
  expect(desk.at(30).facts.totals).toMatchObject({ accepted: 30, waiting: 30, left: 0 });
});

test("two recipient domains that the filter gives back as one message wait in it once each at most", () => {
  const desk = new Desk();
  desk.say(0, { event: "client", process: "postfix/smtpd", queueId: "F", clientIp: "192.0.2.7" });
  desk.say(0, { event: "queued", process: "postfix/cleanup", queueId: "F", messageId: "1@far.test" });
  desk.activate(0, "F", 2);
  arrive(desk, 5, "G", back());
  for (const to of ["b@own.test", "c@other.test"]) desk.deliver(6, "F", { ...filter, to });
  desk.remove(6, "F");
  expect(desk.at(10).facts.totals).toMatchObject({ accepted: 1, waiting: 1, left: 0 });
});

test.each([
  ["another sender: a list's", back({ from: "list-bounces@own.test" })],
  ["another Message-ID", back({ messageId: "2@far.test" })],
  ["another host of ours", back({ clientIp: "10.0.0.3" })],
  ["a stranger", back({ clientIp: "192.0.2.9" })],
])("it is not joined with mail from %s", (_, said) => {
  const desk = new Desk();
  arrive(desk, 0, "F");
  arrive(desk, 5, "G", said);
  desk.send(6, "F", filter);
  expect(desk.at(10).facts.totals).toMatchObject({ accepted: 2, waiting: 1, left: 1 });
});

test("a list server's copies that are delivered to where they came from stay apart", () => {
  const desk = new Desk();
  for (const id of ids("L", 10)) arrive(desk, 0, id, back());
  for (const id of ids("L", 10)) desk.send(2, id, filter);
  expect(desk.at(10).facts.totals).toMatchObject({ accepted: 10, waiting: 0, left: 10 });
});

test("what stays in a mailbox is not waited for, and a minute later nothing is joined", () => {
  const desk = new Desk();
  arrive(desk, 0, "F");
  desk.send(1, "F", { ...filter, process: "postfix/lmtp" });
  arrive(desk, 2, "G", back());
  arrive(desk, 10, "H", { messageId: "2@far.test" });
  desk.send(11, "H", filter);
  desk.at(100);
  arrive(desk, 101, "I", back({ messageId: "2@far.test" }));
  expect(desk.at(102).facts.totals).toMatchObject({ accepted: 4, waiting: 2, left: 2 });
});

test("a model that was saved in between goes on as the one that was not", () => {
  const whole = new DelayModel(config({ nodes: [mx, nodeId("inner")] }));
  const [edge, inner] = [new Desk(whole), new Desk(whole, nodeId("inner"))];
  arrive(edge, 0, "F");
  arrive(edge, 0, "F2", { messageId: "2@far.test" });
  edge.send(5, "F", { ...filter, relayIp: "10.0.0.5" });
  arrive(inner, 5, "G2", { clientIp: "10.0.0.5", messageId: "2@far.test" });
  edge.at(6);
  const restored = new DelayModel(config({ nodes: [mx, nodeId("inner")] }));
  expect(restored.restore({ format: restored.format, text: whole.save() })).toBe(true);
  for (const model of [whole, restored]) {
    const [first, second] = [new Desk(model), new Desk(model, nodeId("inner"))];
    arrive(second, 7, "G", { clientIp: "10.0.0.5" });
    first.send(8, "F2", { ...filter, relayIp: "10.0.0.5" });
    expect(first.at(10).facts.totals).toMatchObject({ accepted: 2, waiting: 2, left: 0 });
  }
});

test("what comes from a filter that names its ids is not remembered for those that name none", () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  arrive(desk, 0, "F");
  arrive(desk, 1, "G", back());
  desk.send(1, "F", { ...filter, nextQueueId: "G", reason: "250 Ok: queued as G" });
  const remembered = (): unknown[] => (JSON.parse(model.save()) as { returns: { back: unknown[] } }).returns.back;
  expect(remembered()).toEqual([]);
  // Once one does, all that came from there in the last minute is.
  arrive(desk, 20, "H", { messageId: "2@far.test" });
  desk.send(21, "H", filter);
  arrive(desk, 22, "I", back({ messageId: "3@far.test" }));
  expect(remembered()).toHaveLength(1);
});

/** FNV-1a goes on after what was hashed before. */
const fnv = (before: number, text: string): number =>
  Buffer.from(text).reduce((hash, code) => Math.imul(hash ^ code, 0x01000193), before);

test("letters that share a number are told apart by their senders", () => {
  const ofAddress = fnv(messageHashOf("1@far.test"), "127.0.0.1");
  const bySender = new Map<number, string>();
  let twins: readonly [string, string] | null = null;
  for (let at = 0; twins === null; at++) {
    const sender = `${at}@far.test`;
    const number = fnv(ofAddress, sender) >>> 1;
    const before = bySender.get(number);
    if (before !== undefined) twins = [before, sender];
    bySender.set(number, sender);
  }
  for (const [came, left] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const desk = new Desk();
    arrive(desk, 0, "F", { from: twins[0] });
    if (left === 1) desk.send(left, "F", filter);
    arrive(desk, came, "G", back({ from: twins[1] }));
    if (left === 2) desk.send(left, "F", filter);
    expect(desk.at(3).facts.totals).toMatchObject({ accepted: 2, waiting: 1, left: 1 });
  }
});
