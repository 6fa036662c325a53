import { expect, test } from "vitest";
import { ZoneWatch } from "./zone-watch.ts";

const second = 1_000;
const hour = 3_600 * second;
const startMs = Date.parse("2026-11-29T10:00:00Z");

/** A log that says times so far behind, with a line every ten seconds; what is said of it at the end. */
function followed(shift: (elapsedMs: number) => number, seconds = 120): string | null {
  const watch = new ZoneWatch();
  for (let elapsed = 0; elapsed < seconds; elapsed++) {
    const nowMs = startMs + elapsed * second;
    if (elapsed % 10 === 1) watch.came(nowMs - shift(elapsed * second), nowMs);
    watch.looked(nowMs);
  }
  return watch.problem;
}

test("times that stay at another zone's are said, ahead and behind", () => {
  expect(followed(() => hour + 200)).toMatch(/^its lines come with times 1 h behind this clock: the node's timezone/);
  expect(followed(() => -2 * hour)).toMatch(/times 2 h ahead of this clock/);
  expect(followed(() => 5.5 * hour)).toMatch(/5 h 30 min behind/);
  expect(followed(() => 5.75 * hour)).not.toBeNull();
});

test("nothing is said of the right time, of a buffer, of a writer that catches up, of a few lines", () => {
  expect(followed(() => 300)).toBeNull();
  expect(followed(() => 400 * second)).toBeNull();
  expect(followed((elapsed) => 2 * hour - 10 * elapsed, 700)).toBeNull();
  expect(followed(() => hour, 45)).toBeNull();
  expect(followed(() => 40 * hour)).toBeNull();
});

test("what was written before anybody looked is as old as it says", () => {
  const watch = new ZoneWatch();
  for (let elapsed = 0; elapsed < 300; elapsed += 10)
    watch.came(startMs - hour + elapsed * second, startMs + elapsed * second);
  expect(watch.problem).toBeNull();
});

test("it is over with the first lines that say the right time", () => {
  const watch = new ZoneWatch();
  for (let elapsed = 0; elapsed < 100; elapsed++) {
    watch.looked(startMs + elapsed * second);
    watch.came(startMs + elapsed * second - hour, startMs + elapsed * second);
  }
  expect(watch.problem).not.toBeNull();
  watch.looked(startMs + 100 * second);
  watch.came(startMs + 100 * second, startMs + 100 * second);
  expect(watch.problem).toBeNull();
});
