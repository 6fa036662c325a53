import { collectorId, type CollectorFreshness, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { collector } from "../../../test/sections.ts";
import { failureOf, isBlind, silenceOf } from "./silence.ts";

const host = (name: string, state: CollectorFreshness["state"], rest: Partial<CollectorFreshness> = {}) =>
  collector({ id: collectorId(`${name}/log`), node: nodeId(name), state, ...rest });
const hosts = (count: number, silent: number): CollectorFreshness[] =>
  Array.from({ length: count }, (_, at) => host(`mx${at}`, at < silent ? "stale" : "ok"));
const blind = (collectors: readonly CollectorFreshness[]): boolean =>
  isBlind({ collectors, slowest: collectors[0] ?? null });

test.each([
  [1, 0, false],
  [1, 1, true],
  [2, 1, true],
  [9, 1, true],
  [10, 1, false],
  [41, 4, false],
  [41, 5, true],
  [200, 20, false],
  [200, 21, true],
])("of %i hosts %i silent: blind is %s", (count, silent, is) => {
  expect(blind(hosts(count, silent))).toBe(is);
});

test("a host counts once, by what is required of it; what starts has not been seen", () => {
  const collectors = [
    host("mx1", "failing"),
    host("mx1", "stale", { id: collectorId("mx1/queue") }),
    host("mx2", "ok"),
    host("mx2", "failing", { id: collectorId("mx2/queue"), required: false }),
    host("mx3", "starting"),
    collector({ id: collectorId("probe"), node: null, state: "stale" }),
  ];
  expect(silenceOf({ collectors })).toEqual({ hosts: 3, unseen: new Set(["mx1", "mx3"]) });
});

test("where no host is required, the slowest says it", () => {
  const slowest = collector({ node: null, state: "stale" });
  expect(isBlind({ collectors: [slowest], slowest })).toBe(true);
  expect(isBlind({ collectors: [], slowest: null })).toBe(false);
});

test.each([
  [1, 0, false],
  [1, 1, true],
  [9, 1, true],
  [10, 1, false],
  [200, 20, false],
  [200, 21, true],
])("of %i hosts %i cannot be looked at: that is too much: %s", (count, failing, is) => {
  const collectors = Array.from({ length: count }, (_, at) => host(`mx${at}`, at < failing ? "failing" : "stale"));
  expect(failureOf({ collectors })).toEqual({ failing: collectors.slice(0, failing), isTooMuch: is });
});

test("what fails is what is required, by host; what belongs to none stands for itself", () => {
  const failing = [
    host("mx1", "failing"),
    host("mx1", "failing", { id: collectorId("mx1/queue") }),
    collector({ id: collectorId("probe"), node: null, state: "failing" }),
  ];
  const rest = hosts(18, 0).map((one) => ({ ...one, node: nodeId(`other-${one.node}`) }));
  const unneeded = host("mx3", "failing", { required: false });
  expect(failureOf({ collectors: [...failing, unneeded, ...rest] })).toEqual({ failing, isTooMuch: false });
  expect(failureOf({ collectors: [...failing, unneeded, ...rest.slice(1)] })).toEqual({ failing, isTooMuch: true });
});
