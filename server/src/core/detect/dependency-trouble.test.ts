import type { DependencyView } from "@mailtide/shared";
import { expect, test } from "vitest";
import { database, ruleInput, someMs } from "../../../test/sections.ts";
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
  ["roundtrip", "delivery-slow"],
  ["disk", "spool-full"],
  ["certificate", "certificate-expired"],
] as const)("a failing %s is called %s at once, from the moment its probe began to wait", (type, cause) => {
  const [first] = lasting({ ...failing, type }, [0]);
  expect(first).toMatchObject({ level: "bad", cause, severity: "info", forSeconds: 0, startedAtMs: someMs - 3000 });
});

const severities = (type: DependencyView["type"]) =>
  lasting({ ...failing, type }, [0, 17, 176, 177, 7200]).map((signal) => signal?.severity);

test("what mail stops without wakes somebody when it lasts; a disk and a certificate wait for the morning", () => {
  expect(severities("dns")).toEqual(["info", "ticket", "ticket", "page", "page"]);
  expect(severities("disk")).toEqual(["info", "ticket", "ticket", "ticket", "ticket"]);
  expect(severities("certificate")).toEqual(["info", "ticket", "ticket", "ticket", "ticket"]);
});

test("once mail is late any of them does", () => {
  const late = { delay: { headlineSeconds: 400 } };
  expect(lasting({ ...failing, type: "disk" }, [0, 30], late).map((signal) => signal?.severity)).toEqual([
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
