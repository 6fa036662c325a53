import { dependencyId, type DependencyView, siteId } from "@mailtide/shared";
import { expect, test } from "vitest";
import type { ProbeObservation, SqlDetails } from "../observation.ts";
import { Dependencies } from "./dependencies.ts";
import { probePoint } from "./points.ts";

const id = dependencyId("db");
const probe = (atMs: number, latencySeconds: number, more: Partial<ProbeObservation> = {}): ProbeObservation => ({
  kind: "probe",
  atMs,
  id,
  type: "postgres",
  ok: true,
  latencySeconds,
  ...more,
});
const locked: SqlDetails = {
  lockWaits: 2,
  longestWaitSeconds: 60,
  blocked: [
    { session: "12 mail@mail", blockedBy: ["11 deploy@mail"], seconds: 30, statement: "SELECT ?" },
    { session: "11 deploy@mail", blockedBy: ["10 report@mail"], seconds: 60 },
  ],
  ddl: [{ session: "11 deploy@mail", statement: "DROP TABLE test", seconds: 60, granted: false }],
};

function view(dependencies: Dependencies, nowMs: number): DependencyView {
  const [first] = dependencies.section(nowMs).dependencies;
  if (first === undefined) throw new Error("no dependency");
  return first;
}
const words = (each: DependencyView): string =>
  (each.note?.parts ?? [])
    .map((part) =>
      "text" in part ? part.text : "strong" in part && typeof part.strong === "string" ? part.strong : "…",
    )
    .join("");

test("unknown before the first probe and when the probes stop", () => {
  const dependencies = new Dependencies([{ id, type: "postgres" }]);
  expect(view(dependencies, 0)).toMatchObject({ state: "unknown", checkedAtMs: null, recent: [], sql: null });
  dependencies.apply(probe(1_000, 0.001));
  expect(view(dependencies, 61_000).state).toBe("ok");
  expect(view(dependencies, 61_001).state).toBe("unknown");
});

test("after a clock was set back a probe that is silent is unknown as soon as ever", () => {
  const dependencies = new Dependencies([{ id, type: "postgres" }]);
  dependencies.apply(probe(3_600_000, 0.001));
  expect(view(dependencies, 3_600_000).state).toBe("ok");
  expect(view(dependencies, 1_000)).toMatchObject({ state: "ok", checkedAtMs: 1_000 });
  expect(view(dependencies, 61_001).state).toBe("unknown");
});

test("failing says since when and why; recent keeps sixty", () => {
  const dependencies = new Dependencies();
  for (let at = 0; at < 70; at += 1) dependencies.apply(probe(at * 1_000, 0.001));
  dependencies.apply(probe(70_000, 2, { ok: false, error: "no answer within 2 s" }));
  dependencies.apply(probe(72_000, 2, { ok: false, error: "refused" }));
  const now = view(dependencies, 73_000);
  expect(now).toMatchObject({ state: "failing", latencySeconds: 2, note: { params: { sinceMs: 70_000 } } });
  expect(words(now)).toBe("failing since …: refused");
  expect(now.recent).toHaveLength(60);
  expect(now.recent.slice(-3)).toEqual([0.001, null, null]);
});

test("of several ways for test mail each is known, and the worst is what counts", () => {
  const [door, box] = [dependencyId("door"), dependencyId("box")];
  const dependencies = new Dependencies();
  const tell = (of: typeof door, seconds: number, more: Partial<ProbeObservation> = {}): void =>
    dependencies.apply({ ...probe(1_000, seconds, more), id: of, type: "roundtrip" });
  tell(door, 2);
  tell(box, 30, { details: { waitingSeconds: 30, probesOut: 1 } });
  const trips = () => dependencies.section(2_000).dependencies.map(({ trip }) => trip);
  expect(trips()).toEqual([
    { isSoFar: true, isRefused: false },
    { isSoFar: false, isRefused: false },
  ]);
  expect(dependencies.roundTrip(2_000)).toMatchObject({ dependency: box, seconds: 30, isSoFar: true });
  tell(door, 400, { ok: false, details: { waitingSeconds: 400, unreadable: true } });
  tell(box, 1, { ok: false, details: { refused: true } });
  expect(trips()).toEqual([
    { isSoFar: false, isRefused: true },
    { isSoFar: true, isRefused: false, isUnreadable: true },
  ]);
  expect(dependencies.roundTrip(2_000)).toMatchObject({ dependency: door, seconds: 400, isUnreadable: true });
  tell(door, 20, { ok: false, details: { unreadable: true } });
  expect(dependencies.roundTrip(2_000)).toMatchObject({ seconds: null });
});

test("slow against what is usual for it, and against an absolute limit", () => {
  const dependencies = new Dependencies();
  for (let at = 0; at < 29; at += 1) dependencies.apply(probe(at, 0.05));
  dependencies.apply(probe(30, 0.39));
  expect(view(dependencies, 40).state).toBe("ok");
  expect(dependencies.usualSeconds(id)).toBeCloseTo(0.05, 2);
  dependencies.apply(probe(50, 0.5));
  expect(view(dependencies, 60).state).toBe("slow");
  expect(words(view(dependencies, 60))).toBe("slow, usually …");
  dependencies.expect([{ id, type: "postgres", slowSeconds: 0.2 }]);
  dependencies.apply(probe(70, 0.2));
  expect(view(dependencies, 80).state).toBe("slow");
  dependencies.apply(probe(90, 0.1));
  expect(view(dependencies, 100).state).toBe("ok");
});

test("a fast ping is not health while a lock is held", () => {
  const dependencies = new Dependencies();
  dependencies.apply(probe(100_000, 0.0005, { details: locked }));
  const now = view(dependencies, 100_000);
  expect(now).toMatchObject({
    state: "slow",
    note: { id: "dependency.lock-held", params: { sinceMs: 40_000, waits: 2 } },
  });
  expect(words(now)).toBe("lock held since …, 2 sessions wait: DROP TABLE test");
  expect(now.sql?.blocked.map(({ seconds, statement }) => [seconds, statement])).toEqual([
    [60, null],
    [30, "SELECT ?"],
  ]);
});

test("since when a lock is held stays what it was told first, whatever each look makes of it; another lock is another", () => {
  const dependencies = new Dependencies();
  const seen = (atMs: number, seconds: number, session = "9"): (number | undefined)[] => {
    const ddl = [{ session, statement: "DROP TABLE test", seconds, granted: false }];
    const blocked = [{ session: "10", blockedBy: [session], seconds: seconds - 1 }];
    dependencies.apply(probe(atMs, 0.1, { details: { lockWaits: 2, longestWaitSeconds: seconds, blocked, ddl } }));
    const { sql, note } = view(dependencies, atMs);
    return [sql?.lockSinceMs, note?.params["sinceMs"] as number | undefined];
  };
  expect(seen(70_400, 10)).toEqual([60_400, 60_400]);
  // Whole seconds, and an answer that took long.
  expect(seen(75_200, 15)).toEqual([60_400, 60_400]);
  expect(seen(82_900, 20)).toEqual([60_400, 60_400]);
  const restored = new Dependencies();
  restored.restore({ format: dependencies.format, text: dependencies.save() });
  expect(view(restored, 83_000).sql?.lockSinceMs).toBe(60_400);
  // A probe that fails does not end it.
  dependencies.apply({ ...probe(85_000, 3), ok: false, error: "no answer" });
  expect(seen(91_000, 30)).toEqual([60_400, 60_400]);
  expect(seen(95_000, 33, "11")).toEqual([62_000, 62_000]);
  expect(seen(100_000, 6, "11")).toEqual([94_000, 94_000]);
  dependencies.apply(probe(105_000, 0.1, { details: { lockWaits: 0, ddl: [] } }));
  expect(view(dependencies, 105_000).sql?.lockSinceMs).toBeUndefined();
});

test("nearly no connection left, and a blind probe, are said", () => {
  const dependencies = new Dependencies();
  dependencies.apply(probe(0, 0.001, { details: { connectionsUsed: 90, connectionsMax: 97 } }));
  expect(words(view(dependencies, 0))).toBe("90 of 97 connections used");
  dependencies.apply(probe(0, 0.001, { details: { blind: "not in pg_monitor" } }));
  expect(view(dependencies, 0)).toMatchObject({ state: "ok", note: { id: "dependency.blind" } });
});

test("a concern is said while it answers; how it fails is shown while it does", () => {
  const dependencies = new Dependencies();
  dependencies.apply(probe(0, 0.001, { type: "redis", details: { concern: "97 % of its memory is used" } }));
  expect(view(dependencies, 0)).toMatchObject({ state: "slow", note: { id: "dependency.concern" } });
  const failing = { ok: false, error: "replication is 95 s behind" };
  dependencies.apply(probe(1, 0.001, { ...failing, details: { fault: "replication", replicationLagSeconds: 95 } }));
  expect(view(dependencies, 1)).toMatchObject({ fault: "replication", sql: { replicationLagSeconds: 95 } });
  dependencies.apply(probe(2, 0.001));
  expect(view(dependencies, 2)).not.toHaveProperty("fault");
});

test("a disk that will have no room within the hour says so while it answers, over a restart too", () => {
  const dependencies = new Dependencies();
  for (let minute = 0; minute <= 15; minute += 1)
    dependencies.apply(probe(minute * 60_000, 0.001, { type: "disk", details: { freeShare: 0.2 - 0.005 * minute } }));
  const again = new Dependencies();
  again.restore({ format: 1, text: dependencies.save() });
  for (const each of [dependencies, again])
    expect(view(each, 900_000)).toMatchObject({ state: "slow", fault: "full", note: { id: "dependency.full-soon" } });
  dependencies.apply(probe(960_000, 0.001, { type: "disk", details: { freeShare: 0.5 } }));
  expect(view(dependencies, 960_000)).toMatchObject({ state: "ok" });
});

test("one point a probe, without what was not seen", () => {
  const point = probePoint(siteId("main"), probe(5, 2, { ok: false, details: locked }));
  expect(point).toEqual({
    measurement: "dependency",
    tags: { site: "main", id: "db", type: "postgres" },
    atMs: 5,
    fields: { up: 0, latency_seconds: 2, lock_waits: 2, longest_wait_seconds: 60 },
  });
});

test("saved and restored; bounded; an unknown format is refused", () => {
  const dependencies = new Dependencies([{ id, type: "postgres" }]);
  for (let at = 0; at < 1_003; at += 1) dependencies.apply(probe(at, 0.01, { id: dependencyId(`d${at}`) }));
  for (let at = 0; at < 40; at += 1) dependencies.apply(probe(at, at / 100, { id: dependencyId("d0"), ok: at < 35 }));
  expect(dependencies.refused).toBe(3);
  const again = new Dependencies([{ id, type: "postgres" }]);
  expect(again.restore({ format: 1, text: dependencies.save() })).toBe(true);
  expect(again.section(50)).toEqual(dependencies.section(50));
  expect(again.save()).toBe(dependencies.save());
  expect(again.restore({ format: 9, text: "" })).toBe(false);
  expect(again.section(50).dependencies).toHaveLength(1);
});

test("one agent with a thousand probes takes no room from what is configured, nor from another agent", () => {
  const dependencies = new Dependencies([{ id, type: "postgres" }]);
  const loud = Array.from({ length: 1_003 }, (_, at) => dependencyId(`mx2/d${at}`));
  for (const each of loud) dependencies.apply(probe(1, 0.01, { id: each }));
  expect(dependencies.refused).toBe(903);
  const again = new Dependencies([{ id, type: "postgres" }]);
  again.restore({ format: 1, text: dependencies.save() });
  for (const each of [...loud.slice(100), dependencyId("mx3/disk"), id]) again.apply(probe(2, 0.02, { id: each }));
  const known = again.section(3).dependencies.filter(({ state }) => state === "ok");
  expect(known).toHaveLength(102);
  expect(known.map((each) => each.id)).toEqual(expect.arrayContaining([id, "mx3/disk"]));
  // However full it is.
  const full = new Dependencies([{ id, type: "postgres" }]);
  for (let at = 0; at < 1_003; at += 1) full.apply(probe(1, 0.01, { id: dependencyId(`d${at}`) }));
  full.apply(probe(2, 0.02));
  expect(full.section(3).dependencies[0]).toMatchObject({ id, state: "ok" });
});
