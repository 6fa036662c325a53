import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SpaceSaving } from "../sketch/space-saving.ts";
import { ActiveSet } from "./active-set.ts";
import { CleanHistory } from "./clean-history.ts";
import { HeavyKeys } from "./heavy.ts";
import { HostileTable } from "./hostile.ts";

const keys = fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 400 });
const zero = { messages: 0 };

test("space-saving: every true count lies between what was seen and that plus the error; nobody heavy is missing", () => {
  fc.assert(
    fc.property(keys, (stream) => {
      const sketch = new SpaceSaving<"messages">(8);
      const truth = new Map<string, number>();
      const seats = new Map<string, number>();
      for (const key of stream) {
        // By then it may be the seat of another.
        seats.set(key, sketch.add(key, "messages", 0, zero, 1, seats.get(key) ?? key.length));
        truth.set(key, (truth.get(key) ?? 0) + 1);
      }
      const held = new Map(sketch.entries().map((entry) => [entry.key, entry]));
      for (const [key, count] of truth) {
        const entry = held.get(key);
        expect(count).toBeLessThanOrEqual(entry?.count ?? sketch.floor);
        expect(count).toBeGreaterThanOrEqual(entry?.seen.messages ?? 0);
        if (count > stream.length / 8) expect(entry).toBeDefined();
      }
      for (const { count, error, seen } of held.values()) expect(seen.messages).toBe(count - error);
    }),
  );
});

test("heavy keys over slices: lower bounds that miss by no more than they say", () => {
  const steps = fc.array(fc.record({ key: fc.integer({ min: 0, max: 20 }).map(String), afterMs: fc.nat(9_000) }), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, (stream) => {
      const heavy = new HeavyKeys(4);
      const all: { key: string; atMs: number }[] = [];
      let atMs = 0;
      for (const { key, afterMs } of stream) {
        atMs += afterMs;
        heavy.advance(atMs);
        heavy.add(key, "messages", atMs, 1);
        all.push({ key, atMs });
      }
      const fromMs = (Math.floor(atMs / 10_000) - 30) * 10_000;
      for (const { key, messages, error } of heavy.top("5m")) {
        const true5m = all.filter((each) => each.key === key && each.atMs >= fromMs).length;
        expect(messages).toBeLessThanOrEqual(true5m);
        expect(messages + error).toBeGreaterThanOrEqual(true5m);
      }
    }),
  );
});

test("an hour is the sum of its slices when nothing overflows", () => {
  const heavy = new HeavyKeys(10);
  for (let second = 0; second < 3_600; second += 1) {
    heavy.advance(second * 1000);
    heavy.add("a", "messages", second * 1000, 2);
  }
  expect(heavy.top("1h")).toMatchObject([{ key: "a", messages: 7_200, error: 0 }]);
  heavy.advance(3 * 3_600_000);
  expect(heavy.top("1h")).toEqual([]);
});

test("the active set is exact up to its bound, says when not, and recovers", () => {
  const set = new ActiveSet({ windowMs: 300_000, stepMs: 10_000, most: 3 });
  for (const key of ["a", "b", "c"]) set.add(key, 0);
  expect(set.count(1_000)).toEqual({ count: 3, exact: true });
  set.add("d", 100_000);
  expect(set.count(100_000)).toEqual({ count: 3, exact: false });
  set.add("a", 100_000);
  expect(set.count(350_000)).toEqual({ count: 1, exact: false });
  expect(set.count(400_000)).toEqual({ count: 0, exact: true });
});

test("the active set equals the plain definition", () => {
  const steps = fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }).map(String), after: fc.nat(120_000) }));
  fc.assert(
    fc.property(steps, (stream) => {
      const set = new ActiveSet({ windowMs: 300_000, stepMs: 10_000, most: 100 });
      const last = new Map<string, number>();
      let atMs = 0;
      for (const { key, after } of stream) {
        atMs += after;
        set.add(key, atMs);
        last.set(key, Math.floor(atMs / 10_000));
      }
      const now = Math.floor(atMs / 10_000);
      expect(set.count(atMs).count).toBe([...last.values()].filter((step) => step > now - 30).length);
    }),
  );
});

test("the least hostile goes first, the longest quiet among equals", () => {
  const table = new HostileTable(3);
  table.note("rejected-old", "rejected", 1);
  table.note("forger", "spoofed", 2);
  table.note("rejected-new", "rejected", 3);
  table.note("guesser", "authFailures", 4);
  expect(table.top(5).map(({ ip }) => ip)).toEqual(["forger", "guesser", "rejected-new"]);
  expect(table.evicted).toBe(1);
  table.expire(3);
  expect(table.top(5).map(({ ip }) => ip)).toEqual(["guesser", "rejected-new"]);
});

test("the clean history forgets the oldest day first and counts what its bound cost", () => {
  const day = 86_400_000;
  const history = new CleanHistory({ probationMs: 0, keepDays: 30, most: 2 });
  history.note("a", 0);
  history.note("b", day);
  history.note("a", 2 * day);
  history.note("c", 2 * day);
  expect([history.knows("a", 2 * day), history.knows("b", 2 * day), history.evicted]).toEqual([true, false, 1]);
  history.expire(40 * day);
  expect(history.size).toBe(0);
});
