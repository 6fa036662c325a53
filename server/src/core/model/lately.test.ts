import type { NodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { MailEvent } from "../event.ts";
import { ByQueueId } from "./by-queue-id.ts";
import { compileHops, hopOf } from "./hops.ts";
import { LatelyHops } from "./lately-hops.ts";
import type { Message } from "./message.ts";
import { newMessage } from "./message.ts";

const node = "mx1" as NodeId;
// Ids that fall on the same place, long and short ones, and what is no id at all.
const ids = [
  "",
  "A",
  "4F1A2",
  "3dNcCs6YXrzZFqX",
  "3dNcCs6YXrzAFqX",
  "3dNcCt6YXrzZFqX",
  "0123456789ABCDEF",
  "0".repeat(400),
];

test("messages by queue id are found as in a plain map, whatever came in between", () => {
  const step = fc.record({ id: fc.constantFrom(...ids), what: fc.constantFrom("get", "make", "delete", "delete old") });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const messages = new ByQueueId();
      const plain = new Map<string, Message>();
      const replaced: Message[] = [];
      for (const [at, { id, what }] of steps.entries()) {
        const known = plain.get(id);
        if (what === "make") {
          if (known !== undefined) replaced.push(known);
          const message = newMessage(node, id, at, "client");
          messages.put(message);
          plain.delete(id);
          plain.set(id, message);
        } else if (what === "delete" && known !== undefined) {
          messages.delete(known);
          plain.delete(id);
        } else if (what === "delete old") for (const message of replaced.splice(0)) messages.delete(message);
        expect(messages.get(id)).toBe(plain.get(id));
        const all = [...messages.values()];
        expect(all).toHaveLength(plain.size);
        for (const [place, message] of [...plain.values()].entries()) expect(all[place]).toBe(message);
      }
    }),
  );
});

const deliveries: fc.Arbitrary<MailEvent> = fc.record(
  {
    event: fc.constant("delivery" as const),
    process: fc.constantFrom("postfix/smtp", "postfix/lmtp", "postfix/pipe", "exim"),
    relay: fc.constantFrom("none", "mx1.far.example", "mx2.far.example", "filter", "localhost", ""),
    relayIp: fc.constantFrom("192.0.2.1", "192.0.2.11", "127.0.0.1", "2001:db8::1", "1"),
    relayPort: fc.constantFrom(25, 10_025),
    transport: fc.constantFrom("remote_smtp", "local_delivery"),
    reason: fc.constantFrom("connect to a.example[192.0.2.9]:25: Connection refused", "ok"),
  },
  { requiredKeys: ["event"] },
);

test.each([[undefined], [["127.0.0.0/8", "[192.0.2.11]:10025", ".far.example", "transport:lmtp"]]])(
  "a hop that is remembered is the one that the line tells, own hops %s",
  (ownHops) => {
    const hops = compileHops(ownHops);
    fc.assert(
      fc.property(fc.array(deliveries), (events) => {
        const lately = new LatelyHops(hops);
        for (const event of events) {
          const hop = hopOf(event);
          expect(lately.of(event)).toMatchObject({ hop, own: hops.own(hop), rejoins: hops.rejoins(hop) });
        }
      }),
    );
  },
);

test("a walk over all messages goes on over those that go meanwhile, and those that come", () => {
  const messages = new ByQueueId();
  const made = ids.slice(0, 5).map((id, at) => newMessage(node, id, at, "client"));
  for (const message of made) messages.put(message);
  const walk = messages.values();
  expect(walk.next().value).toBe(made[0]);
  for (const message of made.slice(0, 3)) messages.delete(message);
  expect(walk.next().value).toBe(made[3]);
  const late = newMessage(node, "LATE1", 9, "client");
  messages.put(late);
  expect([...walk]).toEqual([made[4], late]);
});
