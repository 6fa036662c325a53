import { expect, test } from "vitest";
import { scenarioOf, watch, type WatchedDay } from "../testing/fake-platform.ts";

interface Row {
  readonly at: string;
  readonly ok: boolean;
  readonly latencySeconds: number;
  readonly error?: string;
  readonly details?: Record<string, unknown>;
}
const span = { at: "2024-03-05T10:10", until: "2024-03-05T10:40" };
const base = { rate: 0.1, arrivals: { robots: 0 } };

function rows(type: string, event: object, usage: Parameters<typeof watch>[1] = {}): Row[] {
  const dependencies = [{ id: "it", type, everySeconds: 5 }];
  const events = [{ what: "dependency", id: "it", ...span, ...event }];
  const day: WatchedDay = watch(scenarioOf({ ...base, dependencies, events }), usage);
  return day.probes as unknown as Row[];
}
const between = (all: readonly Row[], from: string, to: string) =>
  all.filter(({ at }) => at >= `2024-03-05T${from}` && at < `2024-03-05T${to}`);

const mean = (some: readonly Row[]) => some.reduce((sum, one) => sum + one.latencySeconds, 0) / some.length;

test("a dependency is asked as often as the scenario says, in order, and answers about as fast", () => {
  const all = between(rows("dns", { state: "slow", slowdown: 1 }), "10:00", "11:00");
  expect(all.length).toBeGreaterThanOrEqual(719);
  expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted());
  expect(all.every(({ ok }) => ok)).toBe(true);
  expect(Math.abs(mean(all) / 0.003 - 1)).toBeLessThan(0.15);
});

test("a schema lock: the DDL waits, readers queue up behind it, then nothing answers", () => {
  const event = { state: "schema-lock", statement: "DROP TABLE old", hungAfterSeconds: 300 };
  const all = rows("postgres", event, { usage: { waiting: () => 12 } });
  const early = between(all, "10:11", "10:12").at(-1)?.details ?? {};
  const later = between(all, "10:13", "10:14").at(-1)?.details ?? {};
  expect(early["ddl"]).toMatchObject([{ statement: "DROP TABLE old", granted: false }]);
  expect((early["blocked"] as object[])[0]).toMatchObject({ statement: "DROP TABLE old" });
  expect((early["blocked"] as object[])[1]).toMatchObject({ blockedBy: [expect.any(String)] });
  expect(Number(early["lockWaits"])).toBeGreaterThan(12);
  expect(Number(later["lockWaits"])).toBeGreaterThan(Number(early["lockWaits"]));
  expect(Number(later["connectionsUsed"])).toBeGreaterThan(Number(early["connectionsUsed"]));
  const hung = between(all, "10:16", "10:35");
  expect(hung.filter(({ error }) => error === "no answer within 5 s").length / hung.length).toBeGreaterThan(0.85);
  expect(between(all, "10:45", "11:00").every(({ ok, details }) => ok && details?.["lockWaits"] === 0)).toBe(true);
});

test.each([
  ["postgres", "too many clients already (53300)"],
  ["mysql", "Too many connections (1040)"],
])("%s without a connection left says so", (type, words) => {
  const bad = between(rows(type, { state: "saturated", rampSeconds: 600 }), "10:25", "10:38");
  const refused = bad.filter(({ ok }) => !ok);
  expect(refused.length / bad.length).toBeGreaterThan(0.9);
  expect(refused[0]?.error).toContain(words);
  expect(refused[0]?.details).toMatchObject({ connectionsUsed: 200, connectionsMax: 200 });
});

const used = (all: readonly Row[], from: string, to: string) => {
  const some = between(all, from, to);
  return some.reduce((sum, { details }) => sum + Number(details?.["connectionsUsed"] ?? 0), 0) / some.length;
};

test("connections rise as the ramp does, and with what the platform asks", () => {
  const ramp = rows("mysql", { state: "saturated", rampSeconds: 900, slowdown: 50 });
  expect(used(ramp, "10:20", "10:22")).toBeGreaterThan(2 * used(ramp, "10:05", "10:09"));
  const busy = rows("mysql", { state: "slow", slowdown: 1 }, { usage: { waiting: () => 60 } });
  expect(used(busy, "10:00", "10:05") - used(ramp, "10:00", "10:05")).toBeGreaterThan(50);
});

test.each([
  ["dns", "hung", "no answer"],
  ["dns", "refusing", "SERVFAIL"],
  ["ldap", "hung", "no answer within 5 s"],
  ["redis", "refusing", "connection refused"],
  ["postgres", "refusing", "refuses connections"],
  ["smtp", "refusing", "421"],
  ["certificate", "refusing", "the certificate ended on 2024-03-05"],
  ["disk", "refusing", "of the space is free"],
])("%s, %s: %s", (type, state, words) => {
  const all = rows(type, { state, rampSeconds: 0, recoverSeconds: 0 });
  const bad = between(all, "10:12", "10:39");
  expect(bad.filter(({ error }) => error?.includes(words)).length / bad.length).toBeGreaterThan(0.9);
  expect(between(all, "10:00", "10:09").every(({ ok }) => ok)).toBe(true);
});

test("slow is slower", () => {
  const all = rows("redis", { state: "slow", slowdown: 100 });
  const factor = mean(between(all, "10:15", "10:35")) / mean(between(all, "10:00", "10:09"));
  expect(factor).toBeGreaterThan(70);
  expect(factor).toBeLessThan(140);
});
