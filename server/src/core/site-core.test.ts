import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { epochMs, mx } from "../../test/model/lines.ts";
import { newCore } from "../../test/model/site-core.ts";
import type { MailEvent } from "./event.ts";
import type { Observation } from "./observation.ts";

const at = (second: number, event: MailEvent): Observation => ({
  kind: "log",
  node: mx,
  atMs: epochMs + second * 1000,
  event,
});
const came = (second: number, queueId: string, clientIp: string, messageId: string): Observation[] => [
  at(second, { event: "client", process: "postfix/smtpd", queueId, clientIp }),
  at(second, { event: "queued", process: "postfix/cleanup", queueId, messageId }),
  at(second, { event: "message", process: "postfix/qmgr", queueId, from: "a@far.test", size: 1000, nrcpt: 1 }),
];
const toFilter = (second: number, queueId: string, answer: Partial<MailEvent>): Observation =>
  at(second, {
    event: "delivery",
    process: "postfix/smtp",
    queueId,
    to: "b@own.test",
    status: "sent",
    relay: "127.0.0.1",
    relayIp: "127.0.0.1",
    relayPort: 10_024,
    ...answer,
  });

test.each([
  ["with its new id", true],
  ["without one", false],
])("what a filter gives back, %s, came in once; what this host itself sends counts too", (_, tells) => {
  const core = newCore();
  let rate = 0;
  for (let second = 0; second <= 61; second += 1) {
    const answer = tells ? { nextQueueId: `G${second}`, reason: `250 queued as G${second}` } : { reason: "250 taken" };
    const observations = [
      ...came(second, `F${second}`, "192.0.2.7", `${second}@far.test`),
      ...came(second, `G${second}`, "127.0.0.1", `${second}@far.test`),
      toFilter(second, `F${second}`, answer),
      ...came(second, `W${second}`, "127.0.0.1", `w${second}@own.test`),
    ];
    const { sections } = core.turn({ nowMs: epochMs + second * 1000, observations, commands: [], pagesSent: [] });
    rate = sections.inbound.messagesPerSecond;
  }
  expect(rate).toBeCloseTo(2);
});

/** Ten units a second at the first host, of which none leaves; the others say only that they are there. */
function lateSite(hosts: number, silent: number) {
  const nodes = [mx, ...Array.from({ length: hosts - 1 }, (_, index) => nodeId(`other${index}`))];
  const collectors = nodes.map((node) => ({ id: collectorId(`${node}/log`), node, required: true, limitSeconds: 15 }));
  const core = newCore(collectors);
  return (second: number, count: number) => {
    const nowMs = epochMs + second * 1000;
    const observations: Observation[] = Array.from({ length: count }, (_, index) =>
      came(second, `Q${second}x${index}`, "192.0.2.7", `${second}.${index}@far.test`),
    ).flat();
    for (const { id, node, required, limitSeconds } of collectors.slice(0, hosts - silent))
      observations.push({
        kind: "health",
        collector: id,
        node,
        required,
        limitSeconds,
        atMs: nowMs,
        state: "ok",
        problem: null,
      });
    return core.turn({ nowMs, observations, commands: [], pagesSent: [] });
  };
}

test("one silent host of eleven: the screen says that it may be more, and the rules still judge what the others say", () => {
  const turn = lateSite(11, 1);
  turn(0, 30);
  const early = turn(100, 1);
  expect(early.state.delay).toMatchObject({ verdict: "unknown", atLeast: true });
  expect(early.sections.delay).toMatchObject({ verdict: "on-time", atLeast: false });
  const late = turn(400, 1);
  expect(late.state.delay).toMatchObject({ verdict: "late", atLeast: true });
  expect(late.sections.delay).toMatchObject({ verdict: "late", atLeast: false });
});

test("one silent host of two: nobody can say that mail is on time, and no rule does", () => {
  const turn = lateSite(2, 1);
  turn(0, 30);
  const { state, sections } = turn(100, 1);
  expect(state.delay).toMatchObject({ verdict: "unknown", atLeast: true });
  expect(sections.delay).toMatchObject({ verdict: "unknown", atLeast: true });
});

test("one host: what waits there and no more, whatever waits elsewhere", () => {
  const other = nodeId("other");
  const core = newCore([], [mx, other]);
  const elsewhere = came(1, "E", "192.0.2.7", "e@far.test").map((each) => ({ ...each, node: other }));
  const observations = [
    ...came(0, "A", "192.0.2.7", "a@far.test"),
    ...came(1, "B", "192.0.2.7", "b@far.test"),
    ...elsewhere,
  ];
  for (const nowMs of [epochMs + 1_000, epochMs + 90_000])
    core.turn({ nowMs, observations: nowMs > epochMs + 1_000 ? [] : observations, commands: [], pagesSent: [] });
  const facts = core.host(mx, epochMs + 90_000);
  expect(facts?.queues.find(({ name }) => name === "active")).toMatchObject({ count: 2, oldestSeconds: 90 });
  expect(facts?.waiting.own).toEqual({ count: 2, oldestSeconds: 90 });
  expect(facts).toMatchObject({ listedAtMs: null, lastDepartureMs: null });
  expect(core.host(other, epochMs + 90_000)?.waiting.own.count).toBe(1);
  expect(core.host(nodeId("nobody"), epochMs)).toBeNull();
});
