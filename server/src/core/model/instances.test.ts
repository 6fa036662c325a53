import { expect, test } from "vitest";
import { config, Desk, epochMs, ids, mx } from "../../../test/model/lines.ts";
import type { MailEvent } from "../event.ts";
import { DelayModel } from "./delay-model.ts";
import { Instances } from "./instances.ts";
import { instanceOf, queueIdOf } from "./queue-key.ts";

/** The same lines as another Postfix instance of the same host writes them. */
class InstanceDesk extends Desk {
  readonly instance: string;
  constructor(model: DelayModel, instance: string) {
    super(model);
    this.instance = instance;
  }

  override say(second: number, event: MailEvent): void {
    super.say(second, { ...event, process: event.process?.replace(/^postfix/, this.instance) ?? "" });
  }
}

const name = "mx-out";

/** Both queue managers have spoken before. */
function bothDesks(instance = name): readonly [Desk, Desk, DelayModel] {
  const model = new DelayModel(config());
  const [main, out] = [new Desk(model), new InstanceDesk(model, instance)];
  for (const desk of [main, out]) desk.remove(-600, "BEFORE");
  return [main, out, model];
}

test("an instance is what its own daemons speak by; a service may have a name of its own", () => {
  const instances = new Instances();
  const of = (process: string | undefined) => instances.of(process, epochMs);
  for (const unknown of ["out/smtpd", "postfix/qmgr", "postfix/submission/cleanup", "submission/smtpd", "exim", ""])
    expect(of(unknown), unknown).toBe("");
  expect([of(undefined), of("out/cleanup"), of("mx-in/qmgr"), of("postfix/two/qmgr")]).toEqual([
    "",
    "out/",
    "mx-in/",
    "postfix/two/",
  ]);
  for (const [process, instance] of [
    ["out/smtp", "out/"],
    ["out/submission/smtpd", "out/"],
    ["mx-in/smtpd", "mx-in/"],
    ["postfix/two/smtp", "postfix/two/"],
    ["postfix/smtp", ""],
    ["postfix/submission/smtpd", ""],
    ["submission/smtpd", ""],
    [`${"x".repeat(100)}/qmgr`, ""],
  ] as const)
    expect(of(process), process).toBe(instance);
  for (let i = 0; i < 100; i++) of(`i${i}/qmgr`);
  expect([...instances.names()]).toHaveLength(16);
  expect([instanceOf("postfix/two/4F1A2"), queueIdOf("postfix/two/4F1A2"), instanceOf("4F1A2")]).toEqual([
    "postfix/two/",
    "4F1A2",
    "",
  ]);
});

test("what began before an instance was known for one is followed to its end, and is not taken from the other", () => {
  const model = new DelayModel(config());
  const out = new InstanceDesk(model, name);
  for (const id of ids("A", 10))
    out.say(0, { event: "client", process: "postfix/smtpd", queueId: id, clientIp: "192.0.2.7" });
  for (const id of ids("A", 10)) out.activate(1, id);
  for (const id of ids("A", 10)) out.send(2, id);
  expect(out.at(10).facts.totals).toMatchObject({ accepted: 10, waiting: 0, left: 10 });
});

test("the very first mail of an instance, begun before its name was known for one, is not gone because the other does not list it", () => {
  const model = new DelayModel(config());
  const out = new InstanceDesk(model, name);
  // Of one a delivery is seen, and nothing before.
  out.deferRemote(0, "B0");
  out.arrive(1, "A0");
  out.deferRemote(6, "B0");
  expect([...model.knownIds(mx).acceptedBefore(epochMs + 60_000)].map(String).toSorted()).toEqual([
    `${name}/A0`,
    `${name}/B0`,
  ]);
  const restored = new DelayModel(config());
  restored.restore({ format: model.format, text: model.save() });
  const later = new InstanceDesk(restored, name);
  later.send(30, "A0");
  later.remove(31, "A0");
  expect([...restored.knownIds(mx).acceptedBefore(epochMs + 60_000)].filter((id) => id !== null)).toEqual([
    `${name}/B0`,
  ]);
  expect(later.at(32).facts.totals).toMatchObject({ waiting: 1, left: 1 });
});

test("a listing that says whose it is names the message for its instance", () => {
  const [main, out, model] = bothDesks();
  for (const id of ids("A", 10)) main.arrive(0, id);
  out.list(20, ids("B", 10).map(listed), [], name);
  out.list(20, ids("A", 10).map(listed), [], name);
  for (const id of ids("B", 10)) main.send(30, id);
  expect(main.at(31).facts.totals).toMatchObject({ waiting: 20 });
  for (const id of ids("B", 10)) out.send(32, id);
  expect(out.at(33).facts.totals).toMatchObject({ waiting: 10, unexplained: 0 });
  expect([...model.knownIds(mx).acceptedBefore(epochMs + 60_000)].map(String).toSorted()).toEqual(ids("A", 10));
});

test("two instances of a host use the same short ids at once: neither's lines speak of the other's mail", () => {
  const [main, out, model] = bothDesks();
  for (const id of ids("A", 10)) {
    main.arrive(0, id);
    out.arrive(0, id);
    main.send(10, id);
  }
  expect(main.at(400).delay.headlineSeconds).toBe(400);
  expect(model.totals).toMatchObject({ accepted: 20, waiting: 10, left: 10, unexplained: 0 });
  const restored = new DelayModel(config());
  restored.restore({ format: model.format, text: model.save() });
  const later = new InstanceDesk(restored, name);
  for (const id of ids("A", 10)) later.send(401, id);
  expect(later.at(402).facts.totals).toMatchObject({ accepted: 20, waiting: 0, left: 20 });
});

test("a wait goes on through the other instance, under the very same id too", () => {
  const [main, out, model] = bothDesks();
  const own = { relay: "127.0.0.1", relayIp: "127.0.0.1", relayPort: 10_026 } as const;
  for (const [i, id] of ids("A", 10).entries()) {
    main.arrive(0, id);
    const second = i % 2 === 0 ? id : `B${i}`;
    if (i < 5) out.arrive(30, second, { clientIp: "127.0.0.1" });
    main.send(30, id, { ...own, nextQueueId: second, reason: `250 2.0.0 Ok: queued as ${second}` });
    if (i >= 5) out.arrive(30, second, { clientIp: "127.0.0.1" });
  }
  expect(main.at(100).delay.headlineSeconds).toBe(100);
  expect(model.totals).toMatchObject({ accepted: 10, waiting: 10 });
});

test("what a listing named is found again by the lines of its instance", () => {
  const [main, out, model] = bothDesks();
  main.list(20, ids("A", 10).map(listed));
  for (const id of ids("A", 10)) out.send(30, id);
  expect(main.at(31).facts.totals).toMatchObject({ accepted: 10, waiting: 0, left: 10 });
  expect([...model.knownIds(mx).acceptedBefore(epochMs + 60_000)]).toEqual([]);
});

const listed = (queueId: string) => ({
  queueId,
  queue: "active",
  arrivalMs: epochMs,
  sizeBytes: null,
  sender: "a@far.test",
  recipients: [{ address: "b@own.test", reason: null }],
});
