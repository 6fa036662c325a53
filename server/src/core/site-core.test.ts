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
