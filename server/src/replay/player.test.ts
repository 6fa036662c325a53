import { expect, test } from "vitest";
import { nodeId } from "@mailtide/shared";
import type { Observation, Tick } from "../core/observation.ts";
import type { PlayerOptions, PlayerProgress, Timers } from "./contract.ts";
import { createPlayer } from "./player.ts";
import { GrowingPortion, type Run, wholeOf } from "./portion.ts";

const startMs = Date.parse("2016-05-11T10:00:00Z");
const fact = (seconds: number): Observation => ({
  kind: "loss",
  node: nodeId("mx1"),
  atMs: startMs + seconds * 1000,
  lines: 1,
  because: "dropped",
});

/** Real time that only passes when somebody sleeps or works. */
function handTimers(): Timers & { pass(ms: number): void; sleeps: number[] } {
  let now = 5_000;
  const sleeps: number[] = [];
  return {
    sleeps,
    nowMs: () => now,
    pass(ms) {
      now += ms;
    },
    async sleep(ms) {
      sleeps.push(ms);
      now += ms;
      await Promise.resolve();
    },
  };
}

function runsOf(items: readonly Observation[]): readonly Run<Observation>[] {
  const portion = new GrowingPortion<Observation>();
  for (const one of items) portion.add(one.atMs, one);
  return [wholeOf(portion)];
}

function setUp(seconds: readonly number[], more: Partial<PlayerOptions> = {}) {
  const timers = handTimers();
  const ticks: { tick: Tick; realMs: number }[] = [];
  const closed = { count: 0 };
  const player = createPlayer({
    capture: {
      meta: { fromMs: seconds.length === 0 ? null : startMs + (seconds[0] ?? 0) * 1000, toMs: null },
      async *batches() {
        try {
          for (let from = 0; from < seconds.length; from += 3) yield runsOf(seconds.slice(from, from + 3).map(fact));
        } finally {
          closed.count++;
        }
      },
    },
    speed: Infinity,
    timers,
    turn: async (tick) => {
      ticks.push({ tick: { ...tick, observations: [...tick.observations] }, realMs: timers.nowMs() });
    },
    ...more,
  });
  const heard = () =>
    ticks.map(({ tick }) => [
      (tick.nowMs - startMs) / 1000,
      tick.observations.map((one) => (one.atMs - startMs) / 1000),
    ]);
  return { player, timers, ticks, heard, closed };
}

test("one turn a virtual second, with everything dated before it, silence included, and nothing twice", async () => {
  const { player, heard, closed } = setUp([0, 0.2, 0.999, 1, 1.5, 4, 4.1]);
  expect(player.state).toBe("ready");
  player.play();
  expect(await player.done).toEqual({ why: "ended", nowMs: startMs + 5_000, turns: 5 });
  expect(heard()).toEqual([
    [1, [0, 0.2, 0.999]],
    [2, [1, 1.5]],
    [3, []],
    [4, []],
    [5, [4, 4.1]],
  ]);
  expect(player.state).toBe("ended");
  expect(player.clock.now()).toBe(startMs + 5_000);
  expect(closed.count).toBe(1);
});

test("at a speed, turns come when they are due, several in a slice", async () => {
  const { player, ticks } = setUp([0, 99.5], { speed: 60 });
  player.play();
  await player.done;
  expect(ticks).toHaveLength(100);
  for (const { tick, realMs } of ticks) {
    const dueMs = 5_000 + (tick.nowMs - startMs) / 60;
    expect(realMs).toBeGreaterThanOrEqual(dueMs);
    expect(realMs).toBeLessThanOrEqual(dueMs + 50);
  }
});

test("it runs fast up to an instant and at its speed from there", async () => {
  const { player, ticks } = setUp([0, 103.5], { speed: 1, fastForwardToMs: startMs + 100_000 });
  player.play();
  await player.done;
  expect(ticks[99]?.realMs).toBe(5_000);
  expect(ticks.slice(100).map(({ realMs }) => realMs)).toEqual([6_000, 7_000, 8_000, 9_000]);
});

test("a slow turn is waited for, holds up the next, and is not made up for in a rush", async () => {
  let running = 0;
  const slow = setUp([0, 9.5], {
    speed: 10,
    turn: async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      slow.timers.pass(2_000);
      running--;
    },
  });
  slow.player.play();
  await slow.player.done;
  // Ten turns of two seconds; time stretched instead of running away.
  expect(slow.timers.nowMs()).toBeGreaterThanOrEqual(25_000);
  expect(slow.player.clock.now()).toBe(startMs + 10_000);
});

test("until the given instant", async () => {
  const { player, ticks } = setUp([0, 50], { untilMs: startMs + 10_000 });
  player.play();
  expect(await player.done).toMatchObject({ why: "ended", nowMs: startMs + 10_000 });
  expect(ticks).toHaveLength(10);
});

test("a pause holds the clock, and playing on does not catch up", async () => {
  const pausing = setUp([0, 19.5], {
    speed: 1,
    turn: async ({ nowMs }) => {
      if (nowMs === startMs + 5_000) pausing.player.pause();
    },
  });
  pausing.player.play();
  await until(() => pausing.player.state === "paused");
  expect(pausing.player.clock.now()).toBe(startMs + 5_000);
  pausing.timers.pass(60_000);
  const resumedMs = pausing.timers.nowMs();
  pausing.player.play();
  await pausing.player.done;
  expect(pausing.timers.nowMs() - resumedMs).toBeGreaterThanOrEqual(15_000);
});

test("stop ends after the turn in progress, twice, before play and after the end", async () => {
  const releases: (() => void)[] = [];
  const stopping = setUp([0, 50], { turn: () => new Promise((resolve) => releases.push(resolve)) });
  stopping.player.play();
  await until(() => releases.length > 0);
  const stopped = Promise.all([stopping.player.stop(), stopping.player.stop()]);
  releases[0]?.();
  await stopped;
  expect(await stopping.player.done).toEqual({ why: "stopped", nowMs: startMs + 1_000, turns: 1 });
  expect(stopping.closed.count).toBe(1);
  await stopping.player.stop();

  const unborn = setUp([0, 1]);
  await unborn.player.stop();
  unborn.player.play();
  expect(await unborn.player.done).toMatchObject({ why: "stopped", turns: 0 });
  expect(unborn.player.state).toBe("stopped");
});

test("what a turn throws ends the play and is told", async () => {
  const failing = setUp([0, 50], { turn: () => Promise.reject(new Error("disk full")) });
  failing.player.play();
  await expect(failing.player.done).rejects.toThrow("disk full");
  await failing.player.stop();
  expect(failing.player.state).toBe("stopped");
  expect(failing.closed.count).toBe(1);
});

test("an empty capture ends at once; a speed of nothing is refused", async () => {
  const { player } = setUp([]);
  player.play();
  expect(await player.done).toMatchObject({ why: "ended", turns: 0 });
  expect(() => setUp([0], { speed: 0 })).toThrow("a speed must be above 0");
});

test("it says how far it is", async () => {
  const heard: PlayerProgress[] = [];
  const { player, timers } = setUp([0, 599.5], { speed: 60, onProgress: (progress) => heard.push(progress) });
  player.play();
  await player.done;
  // Ten seconds of real time at two reports a second, and one at the end.
  expect(heard.length).toBeGreaterThan(15);
  expect(heard.length).toBeLessThan(23);
  expect(heard[3]).toMatchObject({ state: "playing", share: null });
  expect(heard[3]?.achievedSpeed).toBeCloseTo(60, -1);
  expect(heard.at(-1)).toMatchObject({ state: "ended", nowMs: startMs + 600_000 });
  expect(Math.max(...timers.sleeps)).toBeLessThanOrEqual(50);
});

test("at full speed the event loop still turns", async () => {
  let served = 0;
  const serving = setInterval(() => served++, 5);
  const { player } = setUp([0, 20_000], { turn: () => Promise.resolve() });
  const real = createPlayer({
    capture: {
      meta: { fromMs: startMs, toMs: null },
      batches: async function* () {
        yield runsOf([fact(0), fact(60_000)]);
      },
    },
    speed: Infinity,
    turn: () => Promise.resolve(),
  });
  real.play();
  await until(() => served > 2);
  expect(["playing", "ended"]).toContain(real.state);
  await real.stop();
  await player.stop();
  clearInterval(serving);
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("it did not come to that");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
