import { setImmediate as immediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSlicer } from "./slice.ts";

/** Time passes by `work` only: on a busy machine a slice would be over before anything is done in it. */
let nowMs = performance.now();
beforeEach(() => void vi.spyOn(performance, "now").mockImplementation(() => nowMs));
afterEach(() => void vi.restoreAllMocks());

const longerThanASlice = 6;
const work = (milliseconds: number): void => void (nowMs += milliseconds);

async function workOften(times: number, done: () => void): Promise<void> {
  const slice = createSlicer();
  for (let time = 0; time < times; time++) {
    work(longerThanASlice);
    done();
    await slice();
  }
}

test("of many that work at once one goes on in a turn of the loop, and each as often as the others", async () => {
  const done = [0, 0, 0, 0];
  const works = done.map((_, which) => workOften(5, () => (done[which] = (done[which] ?? 0) + 1)));
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
  work(longerThanASlice);
  const pause = slice();
  expect(pause).not.toBe(undefined);
  await pause;
  expect(slice()).toBe(undefined);
  work(longerThanASlice);
  expect(slice()).not.toBe(undefined);
});
