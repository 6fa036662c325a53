import { type DependencyView, dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { database, ruleInput, someMs, sql } from "../../../test/sections.ts";
import { dependencyTrouble } from "./dependency-trouble.ts";

const on = (view: Partial<DependencyView>, delay: Parameters<typeof ruleInput>[0] = {}, nowMs = someMs) =>
  ruleInput({ ...delay, dependencies: { dependencies: [database({ sql: null, ...view })] } }, nowMs);
const failing = { state: "failing", latencySeconds: 3, checkedAtMs: someMs } as const;

/** The signals of a view that stays as it is, by second; the memory goes through JSON as over a restart. */
function lasting(
  view: Partial<DependencyView>,
  seconds: readonly number[],
  delay: Parameters<typeof ruleInput>[0] = {},
) {
  let memory: unknown;
  return seconds.map((second) => {
    const result = dependencyTrouble.evaluate(on(view, delay, someMs + second * 1000), memory, {});
    memory = JSON.parse(JSON.stringify(result.memory));
    return result.signals[0];
  });
}

test.each([
  ["dns", "dns-failure"],
  ["ldap", "ldap-failure"],
  ["redis", "database-unresponsive"],
  ["filter", "filter-slow"],
  ["smtp", "delivery-slow"],
  ["disk", "spool-full"],
  ["certificate", "certificate-expired"],
] as const)("a failing %s is called %s at once, from the moment its probe began to wait", (type, cause) => {
  const [first] = lasting({ ...failing, type }, [0]);
  expect(first).toMatchObject({ level: "bad", cause, severity: "info", forSeconds: 0, startedAtMs: someMs - 3000 });
});

const severities = (type: DependencyView["type"]) =>
  lasting({ ...failing, type }, [0, 17, 176, 177, 7200]).map((signal) => signal?.severity);

test("what mail stops without wakes somebody when it lasts; a certificate waits for the morning", () => {
  expect(severities("dns")).toEqual(["info", "ticket", "ticket", "page", "page"]);
  expect(severities("disk")).toEqual(["info", "ticket", "ticket", "page", "page"]);
  expect(severities("certificate")).toEqual(["info", "ticket", "ticket", "ticket", "ticket"]);
});

test("once mail is late any of them does", () => {
  const late = { delay: { headlineSeconds: 400 } };
  expect(lasting({ ...failing, type: "certificate" }, [0, 30], late).map((signal) => signal?.severity)).toEqual([
    "info",
    "page",
  ]);
});

test("slow must last; a probe that no longer reports neither fires nor resolves, and keeps the time", () => {
  const [slow] = lasting({ type: "ldap", state: "slow", latencySeconds: 2 }, [0]);
  expect(slow).toMatchObject({ level: "bad", forSeconds: 60 });
  const before = dependencyTrouble.evaluate(on({ ...failing, type: "dns" }), undefined, {});
  const silent = on({ type: "dns", state: "unknown", latencySeconds: null }, {}, someMs + 90_000);
  const after = dependencyTrouble.evaluate(silent, before.memory, {});
  expect(after.signals[0]).toMatchObject({ level: "unknown", startedAtMs: someMs - 3000 });
  expect(dependencyTrouble.evaluate(on({ type: "dns" }), after.memory, {})).toMatchObject({
    signals: [{ level: "clear", startedAtMs: null }],
    memory: {},
  });
});

test("databases are left to the rules that see into them", () => {
  expect(dependencyTrouble.evaluate(on({ ...failing, type: "mysql" }), undefined, {}).signals).toEqual([]);
});

const failsBy = (fault: "writes" | "replication", type: DependencyView["type"] = "mysql") =>
  lasting({ ...failing, type, fault, sql: sql({ replicationLagSeconds: 95 }) }, [0, 17, 177, 7200]);

test.each(["postgres", "mysql", "redis"] as const)("%s that takes no writes is called that, and pages", (type) => {
  const signals = failsBy("writes", type);
  expect(signals[0]).toMatchObject({ level: "bad", cause: "writes-refused", title: { id: "dependency.no-writes" } });
  expect(signals[0]?.evidence.map((line) => line.id)).toContain("dependency.no-writes-means");
  expect(signals[0]?.actions[0]?.command).toMatch(/read_only|role/u);
  expect(signals.map((signal) => signal?.severity)).toEqual(["info", "ticket", "page", "page"]);
});

test("a copy that is behind says by how much, and waits for the morning unless mail is late", () => {
  const signals = failsBy("replication");
  expect(signals[0]).toMatchObject({ cause: "replication-lag", title: { id: "dependency.behind" } });
  expect(signals[0]?.evidence).toContainEqual(
    expect.objectContaining({ id: "dependency.lag", params: { seconds: 95 } }),
  );
  expect(signals[0]?.actions[0]?.command).toContain("SLAVE STATUS");
  expect(signals.map((signal) => signal?.severity)).toEqual(["info", "ticket", "ticket", "ticket"]);
});

test("what a database says of its copies is unknown while it does not answer, and over once it answers without", () => {
  const view = { ...failing, type: "mysql" } as const;
  const before = dependencyTrouble.evaluate(on({ ...view, fault: "replication" }), undefined, {});
  const silent = dependencyTrouble.evaluate(on(view), before.memory, {});
  expect(silent.signals[0]).toMatchObject({ level: "unknown" });
  const well = dependencyTrouble.evaluate(on({ type: "mysql" }), silent.memory, {});
  expect(well).toMatchObject({ signals: [{ level: "clear" }], memory: {} });
});

test("a disk under its limit is a ticket for days; one without room for mail, or without within the hour, is a page", () => {
  const note = { id: "dependency.concern", params: {}, parts: [{ text: "4 % of the space is free" }] };
  const under = lasting({ type: "disk", state: "slow", note }, [0, 90, 86_400]);
  expect(under.map((signal) => signal?.severity)).toEqual(["info", "ticket", "ticket"]);
  const full = lasting({ ...failing, type: "disk", fault: "full" }, [0, 17]);
  expect(full.map((signal) => signal?.severity)).toEqual(["info", "page"]);
  expect(full[1]).toMatchObject({ cause: "spool-full", title: { id: "dependency.no-room" } });
  const soon = lasting({ type: "disk", state: "slow", fault: "full", checkedAtMs: someMs }, [0, 60]);
  expect(soon[1]).toMatchObject({ level: "bad", severity: "page", cause: "spool-full", forSeconds: 60 });
});

test("what will fail soon is a ticket that quotes the probe", () => {
  const note = { id: "dependency.concern", params: {}, parts: [{ text: "97 % of its memory is used" }] };
  const [, signal] = lasting({ type: "redis", state: "slow", note }, [0, 90]);
  expect(signal).toMatchObject({
    level: "bad",
    severity: "ticket",
    title: { id: "dependency.concern" },
    evidence: [note],
  });
});

const disk = (at: number, state: DependencyView["state"]) =>
  database({ id: dependencyId(`h${at}/spool`), type: "disk", state, sql: null, checkedAtMs: someMs });

/** A thousand disks, all well but for the last. */
const askOfMany = (last: DependencyView["state"], memory: unknown) => {
  const dependencies = Array.from({ length: 1_000 }, (_, at) => disk(at, at === 999 ? last : "ok"));
  const { signals, memory: next } = dependencyTrouble.evaluate(
    ruleInput({ dependencies: { dependencies } }),
    memory,
    {},
  );
  return { next, level: signals.find(({ subject }) => subject === "h999/spool")?.level };
};

test("of a thousand dependencies the last one to be listed is followed too, and ends when it is well", () => {
  const bad = askOfMany("failing", undefined);
  expect(bad.level).toBe("bad");
  expect(askOfMany("unknown", bad.next).level).toBe("unknown");
  expect(askOfMany("ok", bad.next).level).toBe("clear");
});
