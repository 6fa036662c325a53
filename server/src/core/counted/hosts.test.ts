import { type HostView, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { calmSections } from "../../../test/sections.ts";
import { hostsOf } from "./hosts.ts";

const host = (name: string, ownQueued: number, rest: Partial<HostView> = {}): HostView => ({
  node: nodeId(name),
  queued: ownQueued,
  ownQueued,
  oldestOwnSeconds: ownQueued === 0 ? null : 60,
  lastDepartureMs: null,
  ...rest,
});
const waitingFor = (own: number, unknown = 0) => {
  const { waiting } = calmSections().queues;
  return {
    waiting: { ...waiting, own: { ...waiting.own, count: own }, unknown: { ...waiting.unknown, count: unknown } },
  };
};

test("one host needs no list", () => {
  expect(hostsOf(waitingFor(40), [host("mx1", 40)], [])).toEqual({});
});

test("the host at which most waits on us comes first, then the one with the fuller queue", () => {
  const { hosts } = hostsOf(waitingFor(60), [host("a", 0, { queued: 9 }), host("b", 0), host("c", 60)], []);
  expect(hosts?.shown.map(({ node }) => node)).toEqual(["c", "a", "b"]);
});

test.each([
  [[22, 20], "a", 22 / 42],
  [[21, 22, 20], null, null],
  [[9, 1], null, null],
  [[10, 0], "a", 1],
])("of %j that wait on us most is said to wait at %s", (counts, node, share) => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { hosts } = hostsOf(
    waitingFor(total - 5, 5),
    counts.map((count, at) => host("abc".charAt(at), count)),
    [],
  );
  expect(hosts?.mostAt ?? null).toEqual(node === null ? null : { node, share });
});

test("a host that is only counted stands beside the others; one that is both has both", () => {
  const counted = [host("a", 5, { oldestOwnSeconds: 90 }), host("z", 7)];
  const { hosts } = hostsOf(waitingFor(20), [host("a", 8), host("b", 0)], counted);
  expect(hosts?.shown).toEqual([host("a", 13, { oldestOwnSeconds: 90 }), host("z", 7), host("b", 0)]);
});

test("of very many the first forty are shown, and how many more there are", () => {
  const many = Array.from({ length: 200 }, (_, at) => host(`mx${at}`, at));
  const { hosts } = hostsOf(waitingFor(19_900), many, []);
  expect(hosts).toMatchObject({ hidden: 160, mostAt: null });
  expect(hosts?.shown).toHaveLength(40);
  expect(hosts?.shown[0]?.node).toBe("mx199");
});
