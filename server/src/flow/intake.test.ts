import { collectorId } from "@mailtide/shared";
import { expect, test } from "vitest";
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
