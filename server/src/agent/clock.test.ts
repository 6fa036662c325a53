import { expect, test } from "vitest";
import { ClockOffset } from "./clock.ts";

/** An exchange with a server whose clock is ahead by `ahead`, each way as long as said. */
const exchange = (sentMs: number, ahead: number, there: number, back: number) => ({
  sentMs,
  receivedAtMs: sentMs + there + ahead,
  answeredAtMs: sentMs + there + ahead + 700,
  gotMs: sentMs + there + 700 + back,
});

test("the offset of the shortest way is believed, whatever the server took to answer", () => {
  const clock = new ClockOffset();
  expect(clock.best()).toBeNull();
  clock.add(exchange(1_000, 5_000, 40, 300));
  expect(clock.best()).toEqual({ offsetMs: 4_870, roundTripMs: 340 });
  clock.add(exchange(3_000, 5_000, 4, 4));
  clock.add(exchange(5_000, 5_000, 900, 10));
  expect(clock.best()).toEqual({ offsetMs: 5_000, roundTripMs: 8 });
});

test("a clock that was set is believed at once", () => {
  const clock = new ClockOffset();
  clock.add(exchange(1_000, 5_000, 1, 1));
  clock.add(exchange(90_000, -3_000, 20, 20));
  expect(clock.best()).toEqual({ offsetMs: -3_000, roundTripMs: 40 });
  // Set back while the answer was on its way: nothing can be said.
  clock.add({ sentMs: 100_000, receivedAtMs: 100_000, answeredAtMs: 100_001, gotMs: 40_000 });
  expect(clock.best()).toBeNull();
});
