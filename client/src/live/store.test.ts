import type { Cursor, DeltaMessage, LiveState } from "@mailtide/shared";
import { expect, test } from "vitest";
import { collectorAged, snapshotOf, stateWith } from "./test-state.ts";
import { createLiveStore } from "./store.ts";

const state = stateWith([collectorAged(1)]);

function setUp() {
  const at = { ms: 0, visible: true };
  const gaps: (Cursor | null)[] = [];
  let pending: (() => void) | null = null;
  let drawn = 0;
  const store = createLiveStore({
    monotonicNow: () => at.ms,
    schedule: (flush) => {
      pending = flush;
    },
    isVisible: () => at.visible,
    onGap: (held) => gaps.push(held),
  });
  store.subscribe(() => drawn++);
  const nextFrame = () => {
    const flush = pending;
    pending = null;
    flush?.();
  };
  return { store, at, gaps, nextFrame, drawn: () => drawn };
}

function delta(seq: number, changed: Partial<LiveState> = {}, serverEpoch = "one"): DeltaMessage {
  return { cursor: { serverEpoch, seq }, sentAtMs: 0, changed };
}

const late = { ...state.delay, headlineSeconds: 600 };

test("any number of frames between two animation frames is one drawing", () => {
  const { store, nextFrame, drawn } = setUp();
  store.snapshot(snapshotOf(state));
  for (let seq = 2; seq <= 40; seq++) store.delta(delta(seq, { delay: { ...late, headlineSeconds: seq } }));
  expect(drawn()).toBe(0);
  nextFrame();
  expect(drawn()).toBe(1);
  expect(store.get().received?.state.delay.headlineSeconds).toBe(40);
  expect(store.cursor()).toEqual({ serverEpoch: "one", seq: 40 });
});

test("a delta replaces its section and leaves the others the very same", () => {
  const { store, nextFrame } = setUp();
  store.snapshot(snapshotOf(state));
  store.delta(delta(2, { delay: late }));
  nextFrame();
  expect(store.get().received?.state.delay).toBe(late);
  expect(store.get().received?.state.queues).toBe(state.queues);
});

test("a missing frame is asked for once, and nothing after it is drawn until it came", () => {
  const { store, at, gaps, nextFrame } = setUp();
  store.snapshot(snapshotOf(state));
  store.delta(delta(3, { delay: late }));
  store.delta(delta(4, { delay: late }));
  nextFrame();
  expect(gaps).toEqual([{ serverEpoch: "one", seq: 1 }]);
  expect(store.get().received?.state.delay).toBe(state.delay);
  for (const seq of [2, 3, 4]) store.delta(delta(seq, { delay: late }));
  nextFrame();
  expect(store.cursor()?.seq).toBe(4);
  at.ms = 500;
  store.delta(delta(9));
  expect(gaps).toHaveLength(2);
});

test("a resync that is not answered is asked for again", () => {
  const { store, at, gaps } = setUp();
  store.snapshot(snapshotOf(state));
  store.delta(delta(5));
  at.ms = 1_999;
  store.delta(delta(6));
  expect(gaps).toHaveLength(1);
  at.ms = 2_000;
  store.delta(delta(7));
  expect(gaps).toHaveLength(2);
});

test("a restarted server's frames are a gap until its snapshot", () => {
  const { store, gaps, nextFrame } = setUp();
  store.snapshot(snapshotOf(state, 7));
  store.delta(delta(8, { delay: late }, "two"));
  expect(gaps).toHaveLength(1);
  store.snapshot(snapshotOf({ ...state, delay: late }, 1, "two"));
  nextFrame();
  expect(store.get().received?.cursor).toEqual({ serverEpoch: "two", seq: 1 });
});

test("what came twice changes nothing", () => {
  const { store, gaps, nextFrame } = setUp();
  store.snapshot(snapshotOf(state, 5));
  store.delta(delta(5, { delay: late }));
  nextFrame();
  expect(gaps).toEqual([]);
  expect(store.get().received?.state.delay).toBe(state.delay);
});

test("nothing is drawn while hidden, and everything at once when seen again", () => {
  const { store, at, nextFrame, drawn } = setUp();
  store.snapshot(snapshotOf(state));
  nextFrame();
  at.visible = false;
  store.delta(delta(2, { delay: late }));
  nextFrame();
  expect(drawn()).toBe(1);
  at.visible = true;
  store.tick();
  nextFrame();
  expect(store.get().received?.state.delay).toBe(late);
});

test("a tick draws only when a second has passed on the screen", () => {
  const { store, at, nextFrame, drawn } = setUp();
  store.snapshot(snapshotOf(state));
  nextFrame();
  at.ms = 10;
  store.tick();
  nextFrame();
  expect(drawn()).toBe(1);
  at.ms = 3_100;
  store.tick();
  nextFrame();
  expect(drawn()).toBe(2);
  expect(store.get().clock.stale?.kind).toBe("frames");
});

test("signing in on a page that goes on by deltas brings the new rights", () => {
  const { store, nextFrame } = setUp();
  store.snapshot(snapshotOf(state));
  nextFrame();
  store.granted(["read", "ack"]);
  nextFrame();
  expect(store.get().received?.scopes).toEqual(["read", "ack"]);
  expect(store.get().received?.state).toBe(state);
});
