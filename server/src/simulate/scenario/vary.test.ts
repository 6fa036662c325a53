import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readScenario } from "./read.ts";
import { atRate, vary } from "./vary.ts";

const path = (id: string) => fileURLToPath(new URL(`../../../../scenarios/${id}.yaml`, import.meta.url));
const origin = await readScenario(path("synaq-2016-05-11"));
const night = await readScenario(path("synaq-2016-11-02"));

test("no variation is the same day, and the given one is never touched", () => {
  const before = structuredClone(origin);
  expect(vary(origin, {})).toEqual(origin);
  vary(origin, { shiftMinutes: 20, scale: 1.3, renameProbes: true, withoutChanges: true });
  expect(origin).toEqual(before);
});

test("events and changes move together; the platform's rhythm stays", () => {
  const later = vary(origin, { shiftMinutes: 20 });
  expect(later.events.map(({ at }) => at)).toEqual(["2016-05-11T12:00", "2016-05-11T12:44", "2016-05-11T13:10"]);
  expect(later.changes.map(({ at, until }) => [at, until])).toEqual([
    ["2016-05-11T09:00", "2016-05-11T09:06"],
    ["2016-05-11T12:44", undefined],
  ]);
  expect([later.from, later.to, later.arrivals]).toEqual([origin.from, origin.to, origin.arrivals]);
  expect(vary(night, { shiftMinutes: -55 }).events[0]?.at).toBe("2016-11-01T18:25");
  expect(vary(night, { shiftMinutes: 290 }).events[0]?.at).toBe("2016-11-02T00:10");
});

test("sizes are scaled where an event has one", () => {
  const small = vary(origin, { scale: 0.7 });
  expect(small.events[0]).toMatchObject({ what: "flood", sources: 5040, perSecond: 6.72 });
  expect(small.events.slice(1)).toEqual(origin.events.slice(1));
});

test("probes have neutral names wherever they were named", () => {
  const renamed = vary(night, { renameProbes: true });
  expect(renamed.dependencies.map(({ id }) => id)).toEqual(["probe-1", "probe-2"]);
  expect(renamed.platform.inbound.logsRefusalsTo).toBe("probe-1");
  expect(renamed.platform.filter?.asks).toEqual([{ dependency: "probe-1", share: 0.02 }]);
  expect(JSON.stringify([renamed, vary(origin, { renameProbes: true })])).not.toContain("mail-db");
});

test("without changes nothing else is missing", () => {
  expect(vary(origin, { withoutChanges: true })).toEqual({ ...origin, changes: [] });
});

test("a smaller platform has the shape of the larger one", () => {
  const small = atRate(origin, 2);
  expect(small.rate).toBe(2);
  expect(small.platform.inbound.processes).toBe(10);
  expect(small.platform.queue.activeLimit).toBe(40_000);
  expect([small.events, small.platform.filter]).toEqual([origin.events, origin.platform.filter]);
});
