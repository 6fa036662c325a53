import { expect, test } from "vitest";
import { config, Desk, epochMs, ids, mx } from "../../../test/model/lines.ts";
import type { MailEvent } from "../event.ts";
import { DelayModel } from "./delay-model.ts";
import { instanceOf, queueIdOf } from "./queue-key.ts";

/** The same lines as another Postfix instance of the same host writes them. */
class InstanceDesk extends Desk {
  override say(second: number, event: MailEvent): void {
    super.say(second, { ...event, process: event.process?.replace(/^postfix/, "postfix-out") ?? "" });
  }
}

function bothDesks(): readonly [Desk, Desk, DelayModel] {
  const model = new DelayModel(config());
  return [new Desk(model), new InstanceDesk(model), model];
}

test.each([
  ["postfix/smtpd", ""],
  ["postfix/submission/smtpd", ""],
  ["postfix-out/smtp", "postfix-out/"],
  ["postfix-out/submission/smtpd", "postfix-out/"],
  ["postfix-script", ""],
  ["exim", ""],
  [`postfix-${"x".repeat(100)}/smtp`, ""],
  [undefined, ""],
])("%s is of the instance %j", (process, instance) => {
  expect(instanceOf(process)).toBe(instance);
  expect(queueIdOf(`${instance}4F1A2`)).toBe("4F1A2");
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
  const later = new InstanceDesk(restored);
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
  const unknown = ids("A", 10).map((queueId) => ({
    queueId,
    queue: "active",
    arrivalMs: epochMs,
    sizeBytes: null,
    sender: "a@far.test",
    recipients: [{ address: "b@own.test", reason: null }],
  }));
  main.list(20, unknown);
  for (const id of ids("A", 10)) out.send(30, id);
  expect(main.at(31).facts.totals).toMatchObject({ accepted: 10, waiting: 0, left: 10 });
  expect([...model.knownIds(mx).acceptedBefore(epochMs + 60_000)]).toEqual([]);
});
