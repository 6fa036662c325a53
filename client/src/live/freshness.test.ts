import { type CollectorFreshness, collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { applySnapshot } from "./apply.ts";
import { collectorAged, snapshotOf, stateWith } from "./test-state.ts";
import { readClock } from "./freshness.ts";
import type { Link } from "./model.ts";

const open: Link = { kind: "open" };
const clock = (state: ReturnType<typeof stateWith>, elapsedMs: number) =>
  readClock(open, applySnapshot(snapshotOf(state), 0), elapsedMs);

test("the age grows with local time when the server says nothing", () => {
  const state = stateWith([collectorAged(2)]);
  expect(clock(state, 0).ageSeconds).toBe(2);
  expect(clock(state, 2_500).ageSeconds).toBe(4);
  expect(clock(state, 2_500).siteNowMs).toBe(Math.floor((state.meta.nowMs + 2_500) / 1000) * 1000);
});

test("three seconds without a frame are no data, since the last frame", () => {
  const state = stateWith([collectorAged(0)]);
  expect(clock(state, 3_000).stale).toBeNull();
  expect(clock(state, 3_001).stale).toEqual({ kind: "frames", sinceMs: state.meta.nowMs });
});

test("a collector over its limit makes the screen stale while frames still come", () => {
  const state = stateWith([collectorAged(14)]);
  expect(clock(state, 900).stale).toBeNull();
  expect(clock(state, 1_100).stale).toMatchObject({ kind: "collector", sinceMs: state.meta.nowMs - 14_000 });
});

test("what is not required never makes it stale", () => {
  expect(clock(stateWith([collectorAged(1), collectorAged(500, { required: false })]), 100).stale).toBeNull();
});

test("a required collector with a short limit counts though another is slower", () => {
  const state = stateWith([collectorAged(100, { limitSeconds: 600 }), collectorAged(9, { limitSeconds: 5 })]);
  expect(clock(state, 0)).toMatchObject({
    ageSeconds: 100,
    stale: { kind: "collector", collector: { limitSeconds: 5 } },
  });
});

test("a collector that never spoke is stale only once it fails", () => {
  expect(clock(stateWith([collectorAged(null, { state: "starting" })]), 0)).toMatchObject({
    ageSeconds: null,
    stale: null,
  });
  expect(clock(stateWith([collectorAged(null, { state: "failing" })]), 0).stale).toMatchObject({
    kind: "collector",
    sinceMs: null,
  });
});

test("at sixty times the speed the gap between two frames is no staleness, three seconds are", () => {
  const state = stateWith([collectorAged(2)], 60);
  expect(clock(state, 1_200)).toMatchObject({ ageSeconds: 74, stale: null });
  expect(clock(state, 3_200).stale?.kind).toBe("frames");
});

test("before the first frame nothing is calm: it connects, and then cannot be reached", () => {
  const connecting: Link = { kind: "connecting", sinceMs: 0 };
  expect(readClock(connecting, null, 9_000)).toMatchObject({ siteNowMs: null, unreachable: false });
  expect(readClock(connecting, null, 10_001).unreachable).toBe(true);
  expect(readClock({ kind: "lost", reason: "" }, null, 1).unreachable).toBe(true);
});

test("a replay that is paused for an hour is as fresh as its instant; one whose server is silent is not", () => {
  const transport = {
    positionMs: 0,
    play: "paused",
    speed: 1,
    computedToMs: 0,
    computing: "done",
    problem: null,
    stepSeconds: 1,
  } as const;
  const state = { ...stateWith([collectorAged(2)], 60), transport };
  const hourMs = 3_600_000;
  const still = readClock(open, { ...applySnapshot(snapshotOf(state), 0), frameAtMs: hourMs }, hourMs + 900);
  expect(still).toMatchObject({ ageSeconds: 2, siteNowMs: state.meta.nowMs, stale: null });
  expect(clock(state, 3_001).stale?.kind).toBe("frames");
});

test("while time leaps ahead, nothing is guessed between two frames", () => {
  const state = stateWith([collectorAged(1)], 60);
  const leaping = { ...state, meta: { ...state.meta, fastForwardToMs: state.meta.nowMs + 9e6 } };
  expect(clock(leaping, 2_000)).toMatchObject({ siteNowMs: state.meta.nowMs, ageSeconds: 1, stale: null });
});

const host = (name: string, ageSeconds: number | null, rest: Partial<CollectorFreshness> = {}): CollectorFreshness =>
  collectorAged(ageSeconds, { id: collectorId(`${name}/log`), node: nodeId(name), ...rest });

test("one silent host of several does not blind the screen: it is named, and how many there are", () => {
  const state = stateWith([host("mx1", 1), host("mx2", 94), host("mx3", 2)]);
  expect(clock(state, 0)).toMatchObject({
    ageSeconds: 94,
    stale: null,
    silence: { hosts: 3, collectors: [{ node: "mx2" }] },
  });
});

test("where every host is silent the screen is stale, though something that tells of no mail still speaks", () => {
  const probe = collectorAged(1, { id: collectorId("probe") });
  expect(clock(stateWith([host("mx1", 20), host("mx2", 94), probe]), 0)).toMatchObject({
    stale: { kind: "collector", collector: { node: "mx2" }, others: 1 },
    silence: null,
  });
});

test("a host with two required collectors is silent by one of them, and counted once", () => {
  const queue = host("mx2", 70, { id: collectorId("mx2/queue") });
  const { silence } = clock(stateWith([host("mx1", 1), host("mx2", 50), queue]), 0);
  expect(silence?.collectors.map(({ id }) => id)).toEqual(["mx2/queue"]);
});

test("a server that sends nothing is the greater trouble", () => {
  expect(clock(stateWith([host("mx1", 1), host("mx2", 94)]), 3_100)).toMatchObject({
    stale: { kind: "frames" },
    silence: null,
  });
});
