import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Patience, waitPatiently } from "./patience.ts";

/** Timers fire when the test says so; `stallMs`: how long the process stands still first. */
let nowMs = 0;
let timer: { readonly run: () => void; readonly atMs: number } | null = null;
beforeEach(() => {
  nowMs = 1_000;
  timer = null;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms: number) => {
    timer = { run, atMs: nowMs + ms };
    return timer;
  }) as unknown as typeof setTimeout);
  vi.spyOn(globalThis, "clearTimeout").mockImplementation(() => void (timer = null));
});
afterEach(() => void vi.restoreAllMocks());

function pass(lateMs = 1): void {
  if (timer === null) throw new Error("nothing is waited for");
  const { run, atMs } = timer;
  timer = null;
  nowMs = atMs + lateMs;
  run();
}
const never = new AbortController().signal;

test("it is over after so long, however it is cut into stretches and though each ends a little late", () => {
  const patience = new Patience(3_000, never);
  while (!patience.isOver) pass(20);
  expect(patience.signal.aborted).toBe(true);
  expect(nowMs - 1_000).toBeGreaterThanOrEqual(3_000);
  expect(nowMs - 1_000).toBeLessThan(3_300);
  expect(timer).toBe(null);
});

test("while the process stands still nothing is waited, and afterwards there is time to read what has come", () => {
  const patience = new Patience(500, never);
  pass(20_000);
  expect(patience.isOver).toBe(false);
  expect(patience.leftMs).toBe(250);
  // At the very end too.
  pass(20_000);
  expect(patience.isOver).toBe(false);
  pass();
  expect(patience.isOver).toBe(true);
});

test("what has come ends it, and so does who gives up before", () => {
  const patience = new Patience(3_000, never);
  pass();
  patience.end();
  expect(timer).toBe(null);
  expect(patience.signal.aborted).toBe(false);
  const outer = new AbortController();
  const cut = new Patience(3_000, outer.signal);
  outer.abort();
  expect([cut.signal.aborted, cut.isOver]).toEqual([true, false]);
});

test("waiting for nothing ends when it is cut short, and leaves no timer", async () => {
  const stop = new AbortController();
  const waiting = waitPatiently(3_000, stop.signal);
  expect(timer).not.toBe(null);
  stop.abort();
  await waiting;
  expect(timer).toBe(null);
  await waitPatiently(3_000, stop.signal);
  const whole = waitPatiently(100, never);
  pass();
  await whole;
});
