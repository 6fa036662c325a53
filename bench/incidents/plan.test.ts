import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readScenario } from "../../server/src/simulate/scenario/read.ts";
import { lengthSeconds, scenarioOf, scenarioPath } from "./cell.ts";
import { expectations } from "./expectations.ts";
import { planMatrix, planShort } from "./plan.ts";

const days = Object.keys(expectations);

test("every scenario has its expectation, and the other way round", () => {
  const written = readdirSync("scenarios").flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -5)] : []));
  expect(days.toSorted()).toEqual(written.toSorted());
});

test("every event that is waited for is in its scenario, and every change", async () => {
  for (const [id, { says }] of Object.entries(expectations)) {
    const { events, changes, platform } = await readScenario(scenarioPath(id));
    for (const { of, firstUntil, change, nodes } of says) {
      for (const { event, nth = 0 } of firstUntil === undefined ? [of] : [of, firstUntil])
        expect(events.filter(({ what }) => what === event)[nth], `${id}: ${event}`).toBeDefined();
      if (change !== undefined) expect(changes.some(({ title }) => title.startsWith(change))).toBe(true);
      for (const node of nodes ?? []) expect(platform.nodes).toContain(node);
    }
  }
});

test("the matrix has all runs of all days; normal days once; no day larger than it is written", async () => {
  const planned = await planMatrix({ seeds: 3, rate: 1, only: [], normalDays: 90 });
  expect(planned).toHaveLength((days.length - 3) * 3 + 3);
  expect(planned.find(({ cell }) => cell.scenario === "normal-small")?.cell.rate).toBe(0.05);
  expect(planned.find(({ cell }) => cell.scenario === "tmu-2014-11-04")?.cell.rate).toBe(1);
  expect(planned.map(({ work }) => work)).toEqual(planned.map(({ work }) => work).toSorted((a, b) => b - a));
  const few = await planMatrix({ seeds: 2, rate: 5, only: ["postmark-early"], normalDays: 90 });
  expect(few.map(({ cell }) => cell.seed)).toEqual([1, 2]);
  const [week] = await planMatrix({ seeds: 2, rate: 5, only: ["normal-large"], normalDays: 7 });
  expect(week?.cell.span).toEqual({ from: "2026-03-16T00:00", to: "2026-03-23T00:00" });
});

test("the short matrix has the origin day, the three shortest incident days and seven normal days", async () => {
  const planned = await planShort();
  const lengths = await Promise.all(
    days.map(async (id) => [id, lengthSeconds(await readScenario(scenarioPath(id)))] as const),
  );
  const shortest = lengths
    .filter(([id]) => expectations[id]?.kind === "incident")
    .toSorted((a, b) => a[1] - b[1])
    .slice(0, 3)
    .map(([id]) => id);
  const played = planned.map(({ cell }) => cell.scenario);
  expect(new Set(played)).toEqual(new Set(["synaq-2016-05-11", "normal-medium", ...shortest]));
  expect(played).toHaveLength(5);
  const normal = planned.find(({ cell }) => cell.scenario === "normal-medium");
  if (normal === undefined) throw new Error("no normal days");
  const scenario = await scenarioOf(normal.cell);
  expect(lengthSeconds(scenario)).toBe(7 * 86_400);
  expect(scenario.events.map(({ what }) => what)).toEqual(["collector-gap"]);
  expect(scenario.changes).toEqual([]);
});
