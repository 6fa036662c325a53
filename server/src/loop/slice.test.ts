import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSlicer } from "./slice.ts";

/** Works for 6 ms at a time, which is longer than a slice. */
async function work(times: number, done: () => void): Promise<void> {
  const slice = createSlicer();
  for (let time = 0; time < times; time++) {
    const untilMs = performance.now() + 6;
    while (performance.now() < untilMs);
    done();
    await slice();
  }
}

test("of many that work at once one goes on in a turn of the loop, and each as often as the others", async () => {
  const done = [0, 0, 0, 0];
  const works = done.map((_, which) => work(5, () => (done[which] = (done[which] ?? 0) + 1)));
  // The first piece of each comes before anyone gave way.
  let before = done.length;
  while (before < 20) {
    await immediate();
    const now = done.reduce((sum, each) => sum + each);
    expect(now - before).toBeLessThanOrEqual(1);
    expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(1);
    before = now;
  }
  await Promise.all(works);
  expect(done).toEqual([5, 5, 5, 5]);
});

test("what comes in long after a slice began gives way once, and then has a slice", async () => {
  const slice = createSlicer();
  const untilMs = performance.now() + 6;
  while (performance.now() < untilMs);
  const pause = slice();
  expect(pause).not.toBe(undefined);
  await pause;
  expect(slice()).toBe(undefined);
});
