import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SpaceSaving } from "../sketch/space-saving.ts";
import { ActiveSet } from "./active-set.ts";
import { CleanHistory } from "./clean-history.ts";
import { HeavySources } from "./heavy.ts";
import { HostileTable } from "./hostile.ts";
import { RecentSources } from "./recent-sources.ts";
import { SourceTable } from "./source-table.ts";

const keys = fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 400 });

test("space-saving: every true count lies between what was seen and that plus the error; nobody heavy is missing", () => {
  fc.assert(
    fc.property(keys, (stream) => {
      const sketch = new SpaceSaving(8);
      const truth = new Map<string, number>();
      for (const key of stream) {
        sketch.add(key);
        truth.set(key, (truth.get(key) ?? 0) + 1);
      }
      const held = new Map(sketch.entries().map((entry) => [entry.key, entry]));
      for (const [key, count] of truth) {
        const { count: most, error } = held.get(key) ?? { count: sketch.floor, error: sketch.floor };
        expect(count).toBeLessThanOrEqual(most);
        expect(count).toBeGreaterThanOrEqual(most - error);
        if (count > stream.length / 8) expect(held.has(key)).toBe(true);
      }
    }),
  );
});

test("heavy sources over slices: lower bounds that miss by no more than they say", () => {
  const steps = fc.array(fc.record({ key: fc.integer({ min: 0, max: 20 }).map(String), afterMs: fc.nat(9_000) }), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, (stream) => {
      const [table, others] = [new SourceTable(), new SourceTable()];
      const [heavy, asked] = [new HeavySources(table, 4), new HeavySources(others, 4)];
      const all: { key: string; atMs: number }[] = [];
      let atMs = 0;
      for (const { key, afterMs } of stream) {
        atMs += afterMs;
        heavy.advance(atMs);
        heavy.add(table.of(key), "messages", atMs, 1);
        all.push({ key, atMs });
        asked.advance(atMs);
        asked.add(others.of(key), "messages", atMs, 1);
        asked.top(afterMs % 2 === 0 ? "1m" : "5m");
      }
      const fromMs = (Math.floor(atMs / 10_000) - 30) * 10_000;
      for (const { key, messages, error } of heavy.top("5m")) {
        const true5m = all.filter((each) => each.key === key && each.atMs >= fromMs).length;
        expect(messages).toBeLessThanOrEqual(true5m);
        expect(messages + error).toBeGreaterThanOrEqual(true5m);
      }
      for (const span of ["1m", "5m"] as const) expect(asked.top(span)).toEqual(heavy.top(span));
    }),
  );
});

test("five minutes are the sum of their slices when nothing overflows", () => {
  const table = new SourceTable();
  const heavy = new HeavySources(table, 10);
  for (let second = 0; second < 600; second += 1) {
    heavy.advance(second * 1000);
    heavy.add(table.of("a"), "messages", second * 1000, 2);
  }
  expect(heavy.top("5m")).toMatchObject([{ key: "a", messages: 620, error: 0 }]);
  heavy.advance(1_000_000);
  expect(heavy.top("5m")).toEqual([]);
  expect(table.find("a"), "nothing is remembered of it any more").toBeUndefined();
});

/** Sources of which nobody is known yet. */
function recentSources(most: number) {
  const table = new SourceTable();
  const history = new CleanHistory(table, { probationMs: 0, keepDays: 30, most: 10 });
  const recent = new RecentSources(table, history, most);
  const see = (ip: string, atMs: number): void => {
    const source = table.of(ip);
    recent.see(source, atMs);
    table.release(source);
  };
  return { recent, see };
}

test("recent sources are exact up to their bound, say when not, and recover", () => {
  const { recent, see } = recentSources(3);
  for (const ip of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) see(ip, 0);
  expect(recent.count(1_000)).toEqual({ distinct: 3, fresh: 3, exact: true });
  see("192.0.2.4", 100_000);
  expect(recent.count(100_000)).toEqual({ distinct: 3, fresh: 3, exact: false });
  see("192.0.2.1", 100_000);
  expect(recent.count(350_000)).toEqual({ distinct: 1, fresh: 1, exact: false });
  expect(recent.count(400_000)).toEqual({ distinct: 0, fresh: 0, exact: true });
});

test("a flood of addresses is remembered up to a bound, however each is written", () => {
  const { recent, see } = recentSources(100);
  for (let at = 0; at < 100_000; at += 1)
    see(`${at % 2 === 0 ? "" : "::ffff:"}10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, at / 10);
  expect(recent.count(10_000)).toEqual({ distinct: 100, fresh: 100, exact: false });
  expect(JSON.stringify(recent.save()).length).toBeLessThan(10_000);
  expect(recent.count(690_000)).toEqual({ distinct: 0, fresh: 0, exact: true });
  see("198.51.100.1", 700_000);
  see("::ffff:198.51.100.1", 700_000);
  expect(recent.count(700_000)).toEqual({ distinct: 1, fresh: 1, exact: true });
});

test("recent sources equal the plain definition", () => {
  const stream = fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }), after: fc.nat(120_000) }));
  fc.assert(
    fc.property(stream, (seen) => {
      const { recent, see } = recentSources(100);
      const last = new Map<number, number>();
      let atMs = 0;
      for (const { key, after } of seen) {
        atMs += after;
        see(`192.0.2.${key}`, atMs);
        last.set(key, Math.floor(atMs / 10_000));
      }
      const now = Math.floor(atMs / 10_000);
      expect(recent.count(atMs).distinct).toBe([...last.values()].filter((step) => step > now - 30).length);
    }),
  );
});

test("the active set is exact up to its bound, and recovers", () => {
  const set = new ActiveSet({ windowMs: 300_000, stepMs: 10_000, most: 3 });
  for (const key of ["a", "b", "c"]) set.add(key, 0);
  expect(set.count(1_000)).toEqual({ count: 3, exact: true });
  set.add("d", 100_000);
  expect(set.count(100_000)).toEqual({ count: 3, exact: false });
  set.add("a", 100_000);
  expect(set.count(350_000)).toEqual({ count: 1, exact: false });
  expect(set.count(400_000)).toEqual({ count: 0, exact: true });
});

test("the least hostile goes first, the longest quiet among equals", () => {
  const sources = new SourceTable();
  const table = new HostileTable(sources, 3);
  table.note(sources.of("rejected-old"), "rejected", 1);
  table.note(sources.of("forger"), "spoofed", 2);
  table.note(sources.of("rejected-new"), "rejected", 3);
  table.note(sources.of("guesser"), "authFailures", 4);
  expect(table.top(5).map(({ ip }) => ip)).toEqual(["forger", "guesser", "rejected-new"]);
  expect(table.evicted).toBe(1);
  expect(sources.find("rejected-old")).toBeUndefined();
  table.expire(3);
  expect(table.top(5).map(({ ip }) => ip)).toEqual(["guesser", "rejected-new"]);
});

test("the clean history forgets the oldest day first and counts what its bound cost", () => {
  const day = 86_400_000;
  const table = new SourceTable();
  const history = new CleanHistory(table, { probationMs: 0, keepDays: 30, most: 2 });
  history.note(table.of("a"), 0);
  history.note(table.of("b"), day);
  history.note(table.of("a"), 2 * day);
  history.note(table.of("c"), 2 * day);
  expect([...history.known(2 * day)]).toEqual(["a", "c"]);
  expect([table.find("b"), history.evicted]).toEqual([undefined, 1]);
  history.expire(40 * day);
  expect([history.size, table.find("a")]).toEqual([0, undefined]);
});
