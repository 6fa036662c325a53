import { expect, test } from "vitest";
import { maxSpeed, type Reach, Transport } from "./transport.ts";

const fromMs = Date.parse("2016-05-11T09:00:00Z");
const reach = (computedSeconds: number, isComplete = false): Reach => ({
  fromMs,
  computedToMs: fromMs + computedSeconds * 1000,
  isComplete,
});
const positionSeconds = (transport: Transport, at: Reach): number => (transport.view(at).positionMs - fromMs) / 1000;

test("it plays at its speed, and a new speed changes neither place nor past", () => {
  const transport = new Transport(10, 0);
  const all = reach(3_600);
  transport.advance(2_000, all);
  expect(positionSeconds(transport, all)).toBe(20);
  transport.command({ action: "speed", speed: 60 }, 3_000, all);
  expect(positionSeconds(transport, all)).toBe(30);
  transport.advance(4_000, all);
  expect(positionSeconds(transport, all)).toBe(90);
  expect(transport.takeJump()).toBe(false);
});

test("what passes before there is anything to play is not made up for", () => {
  const transport = new Transport(300, 0);
  transport.standBy(5_000);
  transport.advance(5_100, reach(3_600));
  expect(positionSeconds(transport, reach(3_600))).toBe(30);
});

test("paused it stands, however long", () => {
  const transport = new Transport(1, 0);
  const all = reach(3_600);
  transport.command({ action: "pause" }, 5_000, all);
  transport.advance(1e9, all);
  expect(transport.view(all)).toMatchObject({ play: "paused", positionMs: fromMs + 5_000 });
  transport.command({ action: "play" }, 1e9 + 1_000, all);
  transport.advance(1e9 + 3_000, all);
  expect(positionSeconds(transport, all)).toBe(7);
});

test("it waits for what is not computed, and goes on with it", () => {
  const transport = new Transport("max", 0);
  transport.advance(1_000, reach(120));
  expect(transport.view(reach(120))).toMatchObject({ play: "waiting", positionMs: fromMs + 120_000 });
  transport.advance(1_001, reach(180));
  expect(positionSeconds(transport, reach(180))).toBe(120 + Math.floor(maxSpeed / 1000));
  expect(transport.view(reach(180)).play).toBe("playing");
});

test("a seek lands inside what is computed, forwards and backwards, and is told once as a jump", () => {
  const transport = new Transport(1, 0);
  const all = reach(600);
  transport.command({ action: "seek", atMs: fromMs + 9e9 }, 0, all);
  expect(positionSeconds(transport, all)).toBe(600);
  transport.command({ action: "seek", atMs: 0 }, 0, all);
  expect(positionSeconds(transport, all)).toBe(0);
  expect([transport.takeJump(), transport.takeJump()]).toEqual([true, false]);
});

test("at the end it has ended; play begins again", () => {
  const transport = new Transport(300, 0);
  const all = reach(600, true);
  transport.advance(10_000, all);
  expect(transport.view(all).play).toBe("ended");
  transport.command({ action: "play" }, 10_000, all);
  expect(transport.view(all)).toMatchObject({ play: "playing", positionMs: fromMs });
  expect(transport.takeJump()).toBe(true);
});
