import { type CollectorId, collectorId, nodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SnapshotBuilder } from "../collect/queue/snapshot.ts";
import { compileHops } from "../core/model/hops.ts";
import type { HealthObservation } from "../core/observation.ts";
import { Intake } from "./intake.ts";

test("who asked is told when a batch is durable, once, and not of what is still waiting", async () => {
  const intake = new Intake();
  const told: string[] = [];
  const fact = { kind: "change", atMs: 1, change: { id: "c", startAtMs: 1, title: "t" } } as const;
  for (const name of ["first", "second", "third"]) {
    const observations = [fact, fact];
    await intake.put(collectorId("one"), { observations, position: name, committed: () => told.push(name) });
  }
  const taken = intake.take(3);
  expect([taken.observations.length, taken.positions.get(collectorId("one"))]).toEqual([4, "second"]);
  expect(told).toEqual([]);
  taken.committed();
  expect(told).toEqual(["first", "second"]);
  intake.take(3).committed();
  expect(told).toEqual(["first", "second", "third"]);
});

test("that a collector has read all there was holds once all that it read is taken", async () => {
  const intake = new Intake();
  const [log, probe] = [collectorId("log"), collectorId("probe")];
  const well = { kind: "health", node: null, required: true, limitSeconds: 10, state: "ok", problem: null } as const;
  const word = (collector: CollectorId, atMs: number): HealthObservation => ({ ...well, collector, atMs });
  const fact = { kind: "change", atMs: 1, change: { id: "c", startAtMs: 1, title: "t" } } as const;
  const said = (): (readonly [CollectorId, number])[] =>
    intake.take(2).health.map(({ collector, atMs }) => [collector, atMs]);
  intake.say(word(log, 1));
  await intake.put(log, { observations: [fact, fact] });
  for (const atMs of [2, 3]) intake.say(word(log, atMs));
  intake.say(word(probe, 3));
  await intake.put(log, { observations: [fact, fact] });
  await intake.put(log, { observations: [fact, fact] });
  intake.say(word(log, 4));
  expect(said()).toEqual([
    [log, 3],
    [probe, 3],
  ]);
  expect(said()).toEqual([]);
  expect(said()).toEqual([[log, 4]]);
  expect(said()).toEqual([]);
  intake.say(word(log, 5));
  expect(said()).toEqual([[log, 5]]);
});

test("a long listing is taken in over many turns, whole and in order, and is durable with the last", async () => {
  const intake = new Intake();
  const unknown = Array.from({ length: 5_001 }, (_, at) => entry(`Q${at}`));
  const vanished = Array.from({ length: 700 }, (_, at) => `gone ${at}`);
  let durable = 0;
  const listing = { ...listed, unknown, vanished, unknownDropped: 3 };
  await intake.put(collectorId("queue"), { observations: [listing], position: 1, committed: () => durable++ });
  const heard = { unknown: [] as string[], vanished: [] as string[], turns: 0 };
  while (intake.waitingFacts > 0) {
    const { observations, positions, committed } = intake.take(10_000);
    for (const one of observations) {
      if (one.kind !== "queue") throw new Error(one.kind);
      expect(one).toMatchObject({ atMs: 1, unknownDropped: 3, snapshot: listed.snapshot });
      heard.unknown.push(...one.unknown.map(({ queueId }) => queueId));
      heard.vanished.push(...one.vanished);
    }
    heard.turns += 1;
    expect(observations.flatMap((one) => (one.kind === "queue" ? one.unknown : [])).length).toBeLessThanOrEqual(1_500);
    committed();
    expect(positions.has(collectorId("queue"))).toBe(intake.waitingFacts === 0);
    expect(durable).toBe(intake.waitingFacts === 0 ? 1 : 0);
  }
  expect(heard).toMatchObject({ unknown: unknown.map(({ queueId }) => queueId), vanished });
  expect(heard.turns).toBeGreaterThan(3);
});

const entry = (queueId: string) => ({
  queueId,
  queue: "deferred",
  arrivalMs: 1,
  sizeBytes: null,
  sender: "",
  recipients: [{ address: "b@own.test", reason: null }],
});
const listed = {
  kind: "queue",
  node: nodeId("mx"),
  atMs: 1,
  endMs: 2,
  snapshot: new SnapshotBuilder({ mta: "postfix", atMs: 1, hops: compileHops() }).finish(),
  unknown: [],
  unknownDropped: 0,
  vanished: [],
} as const;

test("a listing with recipients without end is taken in by no more than so many at once, and none is lost", async () => {
  const counts = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1_000 })), {
    maxLength: 700,
  });
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 0, max: 1_200 }), async (recipients, gone) => {
      const unknown = recipients.map((count, at) => ({
        ...entry(`Q${at}`),
        recipients: Array.from({ length: count }, () => ({ address: "b@own.test", reason: null })),
      }));
      const vanished = Array.from({ length: gone }, (_, at) => `gone ${at}`);
      const intake = new Intake();
      let durable = 0;
      const listing = { ...listed, unknown, vanished };
      await intake.put(collectorId("queue"), { observations: [listing], position: 1, committed: () => durable++ });
      const heard = { unknown: [] as unknown[], vanished: [] as unknown[] };
      while (intake.waitingFacts > 0) {
        expect(durable).toBe(0);
        // Half of what a turn takes: one part.
        const { observations, committed } = intake.take(1);
        for (const one of observations) {
          if (one.kind !== "queue") throw new Error(one.kind);
          const told = one.unknown.reduce((sum, each) => sum + each.recipients.length, 0);
          expect(told).toBeLessThan(1_000 + 1_000);
          expect(one.unknown.length + one.vanished.length).toBeLessThanOrEqual(500);
          heard.unknown.push(...one.unknown);
          heard.vanished.push(...one.vanished);
        }
        committed();
      }
      expect(heard).toEqual({ unknown, vanished });
      expect(durable).toBe(1);
    }),
    { numRuns: 30 },
  );
});
