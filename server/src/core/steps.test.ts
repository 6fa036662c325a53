import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { epochMs, foreignHop, mx, refused } from "../../test/model/lines.ts";
import { newCore } from "../../test/model/site-core.ts";
import { linesOf, plans } from "../../test/model/streams.ts";
import type { Observation, QueueEntry, QueueSnapshot, Tick } from "./observation.ts";
import { eachInSteps, whole } from "./steps.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A listing of messages that nobody knew, each with so many recipients, and later one in which some of them are gone. */
const listings = fc.record({
  second: fc.integer({ min: 10, max: 2_000 }),
  messages: fc.integer({ min: 1, max: 1_500 }),
  recipients: fc.constantFrom(1, 1, 3, 40),
  domains: fc.constantFrom(1, 7, 50_000),
  queue: fc.constantFrom("deferred", "deferred", "active", "hold"),
  reason: fc.constantFrom(null, refused("10.0.0.1"), refused("198.51.100.9"), "mailbox is full"),
  vanished: fc.integer({ min: 0, max: 1_500 }),
});
type Listing = typeof listings extends fc.Arbitrary<infer Each> ? Each : never;

const snapshot: QueueSnapshot = {
  mta: "postfix",
  atMs: epochMs,
  queues: {},
  waiting: {} as QueueSnapshot["waiting"],
  reasons: [],
  topDomains: [],
  topSenders: [],
  recipients: null,
};

function observationsOf({ second, ...told }: Listing, which: number): Observation[] {
  const atMs = epochMs + second * 1_000;
  const unknown = Array.from({ length: told.messages }, (_, at): QueueEntry => {
    const recipients = Array.from({ length: at % 97 === 0 ? told.recipients * 100 : 1 }, (_, to) => ({
      address: `b${to}@d${(at * 31 + to) % told.domains}.test`,
      reason: told.reason,
    }));
    const arrivalMs = atMs - 60_000 - (at % 40) * 100_000;
    return { queueId: `L${which}N${at}`, queue: told.queue, arrivalMs, sizeBytes: 9, sender: "a@far.test", recipients };
  });
  const vanished = unknown.slice(0, told.vanished).map(({ queueId }) => queueId);
  const listing = { kind: "queue", node: mx, snapshot, unknownDropped: 0 } as const;
  return [
    { ...listing, atMs, endMs: atMs + 5, unknown, vanished: [] },
    { ...listing, atMs: atMs + 90_000, endMs: atMs + 90_000, unknown: [], vanished },
  ];
}

/** Three hours in turns of a few seconds, so that tries fall due and what has ended is forgotten. */
function ticksOf(observations: readonly Observation[]): Tick[] {
  const sorted = observations.toSorted((a, b) => a.atMs - b.atMs);
  const ticks: Tick[] = [];
  let next = 0;
  for (let nowMs = epochMs; nowMs <= epochMs + 10_800_000; nowMs += 20_000) {
    const first = next;
    while ((sorted[next]?.atMs ?? Infinity) <= nowMs) next += 1;
    ticks.push({ nowMs, observations: sorted.slice(first, next), commands: [], pagesSent: [] });
  }
  return ticks;
}

const attempts = Array.from({ length: 700 }, (_, at) => ({
  kind: "log" as const,
  node: mx,
  atMs: epochMs + 30_000 + at,
  event: {
    event: "delivery" as const,
    process: "postfix/smtp",
    queueId: `L0N${at}`,
    to: `b0@d${at}.test`,
    status: "deferred" as const,
    ...foreignHop,
    relay: `mx.d${at}.test`,
    reason: refused("198.51.100.9"),
  },
}));

test("a turn that is interrupted at every step, and asked of meanwhile, says what an unbroken one says", () => {
  let steps = 0;
  fc.assert(
    fc.property(plans, fc.array(listings, { minLength: 1, maxLength: 2 }), (plan, told) => {
      const facts = [...linesOf(plan, epochMs), ...attempts, ...told.flatMap(observationsOf)];
      const [unbroken, broken] = [newCore(), newCore()];
      for (const tick of ticksOf(facts)) {
        const turn = unbroken.turn(tick);
        const parts = broken.turnInSteps(tick);
        let step = parts.next();
        for (; step.done !== true; step = parts.next()) {
          steps += 1;
          const known = broken.knownIds(mx);
          known.has(`L0N${steps % 1_000}`);
          for (const id of known.acceptedBefore(tick.nowMs)) if (id !== null && known.has(id)) break;
          broken.incidents();
          broken.blocklist(tick.nowMs);
        }
        expect(step.value.effects).toEqual(turn.effects);
        expect(JSON.stringify([step.value.state, step.value.points])).toBe(JSON.stringify([turn.state, turn.points]));
      }
      expect(broken.save()).toEqual(unbroken.save());
    }),
    { numRuns: 5 },
  );
  expect(steps).toBeGreaterThan(100);
});

test("a listing of 5,000 messages, and a whole queue whose next try is in one second, are cut in steps", () => {
  const atMs = epochMs + 10_000;
  const dueMs = atMs + 600_000;
  const unknown = Array.from({ length: 5_000 }, (_, at): QueueEntry => {
    const recipients = [{ address: "b@far.test", reason: refused("198.51.100.9") }];
    const arrived = { queue: "deferred", arrivalMs: atMs - 60_000, dueMs };
    return { queueId: `N${at}`, ...arrived, sizeBytes: 9, sender: "a@far.test", recipients };
  });
  const told = {
    kind: "queue",
    node: mx,
    snapshot,
    atMs,
    endMs: atMs,
    unknown,
    unknownDropped: 0,
    vanished: [],
  } as const;
  const core = newCore();
  const stepsAt: number[] = [];
  for (const tick of ticksOf([told])) {
    let steps = 0;
    const parts = core.turnInSteps(tick);
    while (parts.next().done !== true) steps += 1;
    stepsAt.push(steps);
  }
  // Told; due; and ours, which is a queue run later.
  expect(stepsAt.filter((steps) => steps >= 100)).toHaveLength(3);
});

test("each is visited once, in order, whole or in steps", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, perStep) => {
      const visited: number[] = [];
      let steps = 0;
      for (const _ of eachInSteps(items, (item) => void visited.push(item), perStep)) steps += 1;
      expect(visited).toEqual(items);
      expect(steps).toBe(Math.floor(items.length / perStep));
      whole(eachInSteps(items, (item) => void visited.push(item), perStep));
      expect(visited).toEqual([...items, ...items]);
    }),
  );
});
