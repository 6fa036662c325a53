import { type LateHost, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { collector, mx1, ruleInput, someMs } from "../../../test/sections.ts";
import { lateHost } from "./late-host.ts";

const host = (said: Partial<LateHost> = {}): LateHost => ({
  node: mx1,
  count: 60,
  waitSeconds: 480,
  oldestSeconds: 500,
  lastDepartureMs: someMs - 2_000,
  destination: null,
  ...said,
});
type Said = Parameters<typeof ruleInput>[0];
const ask = (lateHosts: readonly LateHost[] | undefined, memory?: unknown, said: Said = {}) =>
  lateHost.evaluate(ruleInput({ ...said, delay: lateHosts === undefined ? {} : { lateHosts } }), memory, {});

test.each([
  [{}, "bad", "ticket", "capacity"],
  [{ count: 9 }, "between", "ticket", "capacity"],
  [{ waitSeconds: 900 }, "bad", "page", "capacity"],
  [{ lastDepartureMs: someMs - 180_000 }, "bad", "page", "no-departures"],
  [{ lastDepartureMs: someMs - 179_000 }, "bad", "ticket", "capacity"],
  // It may never have sent anything since Mailtide began: its waits alone decide.
  [{ lastDepartureMs: null }, "bad", "ticket", "capacity"],
] as const)("a host with %j is %s, a %s, %s", (said, level, severity, cause) => {
  expect(ask([host(said)]).signals).toMatchObject([{ level, severity, cause, node: mx1, forSeconds: 60 }]);
});

test("it says how many, for how long, for which place, and that the site is on time; with the commands of its MTA", () => {
  const said = host({ lastDepartureMs: someMs - 600_000, destination: { name: "store.own.test", count: 50 } });
  const [signal] = ask([said]).signals;
  expect(signal?.evidence.map(({ id }) => id)).toEqual([
    "delay.host-late-by",
    "delay.host-still",
    "delay.host-to",
    "delay.host-rest",
  ]);
  expect(signal?.startedAtMs).toBe(someMs - 500_000);
  expect(signal?.actions[0]?.command).toContain("postqueue");
});

test("while the site is late what was said of a host stands, neither fires nor ends, and ends when it is on time again", () => {
  const other = nodeId("mx2");
  const first = ask([host(), host({ node: other })]);
  const meanwhile = ask(undefined, first.memory);
  expect(meanwhile.signals).toMatchObject([
    { node: mx1, level: "unknown" },
    { node: other, level: "unknown" },
  ]);
  expect(ask([host()], meanwhile.memory).signals).toMatchObject([{ node: mx1, level: "bad" }]);
  expect(ask([], meanwhile.memory).signals).toEqual([]);
});

test("of a host that is silent, and of any when all are, it cannot be said", () => {
  const hosts = Array.from({ length: 20 }, (_, at) => collector({ node: nodeId(at === 0 ? "mx1" : `h${at}`) }));
  const collectors = hosts.map((each, at) => (at === 0 ? { ...each, state: "stale" as const } : each));
  const silent = { freshness: { collectors } };
  expect(ask([host(), host({ node: nodeId("h1") })], undefined, silent).signals.map(({ level }) => level)).toEqual([
    "unknown",
    "bad",
  ]);
  const blind = { freshness: { collectors: hosts.map((each) => ({ ...each, state: "stale" as const })) } };
  expect(ask([host()], { nodes: [mx1] }, blind).signals).toMatchObject([{ level: "unknown" }]);
});
