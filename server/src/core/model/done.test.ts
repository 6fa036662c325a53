import { nodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { whole } from "../steps.ts";
import { ByQueueId } from "./by-queue-id.ts";
import { Done } from "./done.ts";
import { type Message, newMessage } from "./message.ts";
import { messageRow, unitRow } from "./saved-rows.ts";
import { newUnit } from "./unit.ts";

const node = nodeId("mx1");
const birth = fc.constantFrom("client" as const, "pickup" as const, "node" as const, "unknown" as const);
const phase = fc.constantFrom("left" as const, "blocked" as const, "unexplained" as const, "merged" as const);
const flag = fc.boolean();

const ended = fc
  .record({
    birth,
    phase,
    queue: fc.constantFrom("incoming" as const, "active" as const, "deferred" as const, "hold" as const),
    direction: fc.constantFrom("in" as const, "out" as const, "internal" as const),
    attribution: fc.constantFrom("own" as const, "remote" as const, "unknown" as const),
    flags: fc.array(flag, { minLength: 9, maxLength: 9 }),
    waitMs: fc.nat(10 ** 9),
    messageHash: fc.nat(2 ** 31 - 1),
    texts: fc.array(fc.option(fc.string()), { minLength: 2, maxLength: 2 }),
  })
  .map(({ flags, texts, ...of }) => {
    const has = (place: number): boolean => flags[place] ?? false;
    const message = newMessage(node, "A", 1_700_000_000_000, of.birth);
    message.acceptedMs = 1_699_999_999_000;
    const unit = newUnit(message, of.direction, has(0), "far.example");
    [message.arrivalKnown, message.ours, message.authenticated] = [has(1), has(2), has(3)];
    [message.ownBounce, message.joined, message.apart] = [has(4), has(5), has(6)];
    [unit.due, unit.unsure, unit.sent] = [false, has(7), has(8)];
    message.clientIp = texts[0] ?? null;
    message.sender = texts[1] ?? null;
    message.messageHash = of.messageHash;
    message.queue = of.queue;
    message.state = "done";
    message.doneMs = 1_700_000_000_500;
    message.nrcpt = message.named = 1;
    message.first = "one@far.example";
    message.units = [unit];
    message.firstUnit = unit;
    unit.phase = of.phase;
    unit.attribution = of.attribution;
    unit.waitMs = of.waitMs;
    unit.recentSecond = 1_700_000_000;
    return message;
  });

const told = (message: Message): unknown => [messageRow(message), message.units.map(unitRow), message.order];

test("a message that was put away comes back as it was", () => {
  fc.assert(
    fc.property(ended, (message) => {
      const done = new Done();
      const messages = new ByQueueId(node, done);
      messages.put(message);
      done.add(message);
      const before = told(message);
      whole(done.putAway(message.doneMs + 60_000, () => messages));
      expect([...messages.values()]).toEqual([]);
      const back = messages.get("A");
      expect(back).not.toBe(message);
      expect(back?.units[0]?.message).toBe(back);
      expect(back?.firstUnit).toBe(back?.units[0]);
      expect(back && told(back)).toEqual(before);
      expect(done.all()).toEqual([back]);
    }),
  );
});

test("who waits, was deferred or is known to others is not put away", () => {
  const changes: ((message: Message) => void)[] = [
    (message) => message.stay(),
    (message) => (message.known = true),
    (message) => (message.young = true),
    (message) => (message.moved = true),
    ({ units: [unit] }) => unit && (unit.unsettled = true),
    ({ units: [unit] }) => unit && (unit.attemptMs = 1),
    (message) => message.units.push(newUnit(message, "in", true)),
  ];
  for (const [at, change] of changes.entries()) {
    const message = fc.sample(ended, { numRuns: 1, seed: at })[0];
    if (message === undefined) continue;
    const done = new Done();
    const messages = new ByQueueId(node, done);
    messages.put(message);
    done.add(message);
    change(message);
    whole(done.putAway(message.doneMs + 60_000, () => messages));
    expect(messages.get("A")).toBe(message);
  }
});

test("whatever is made, ends, is put away and asked for, ids lead where they would in a plain map", () => {
  const id = fc.integer({ min: 0, max: 40 }).map((number) => `3dNcCs6YXrzZF${number}`);
  const what = fc.constantFrom("make", "make", "end", "get", "pass", "all");
  fc.assert(
    fc.property(fc.array(fc.record({ id, what }), { maxLength: 300 }), (steps) => {
      const done = new Done();
      const messages = new ByQueueId(node, done);
      const plain = new Map<string, number>();
      let nowMs = 0;
      for (const step of steps) {
        nowMs += 1_000;
        const known = plain.get(step.id);
        if (step.what === "make") {
          messages.put(newMessage(node, step.id, nowMs, "client"));
          plain.delete(step.id);
          plain.set(step.id, nowMs);
        } else if (step.what === "end") {
          const message = messages.get(step.id);
          if (message === undefined || message.state === "done") continue;
          message.state = "done";
          message.doneMs = nowMs;
          done.add(message);
        } else if (step.what === "get") expect(messages.get(step.id)?.arrivalMs).toBe(known);
        else if (step.what === "pass") whole(done.putAway(nowMs, () => messages));
        else expect([...messages.all()].map(({ arrivalMs }) => arrivalMs)).toEqual([...plain.values()]);
      }
      expect([...messages.all()].map((each) => [each.id, each.arrivalMs])).toEqual([...plain]);
    }),
  );
});
