import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Point } from "../measurement.ts";
import { type RolledUp, Rollup } from "./rollup.ts";

const point = (atMs: number, fields: Record<string, number>, more: Partial<Point> = {}): Point => ({
  measurement: "mail_queue",
  tags: { site: "main", node: "a", queue: "active" },
  atMs,
  fields,
  ...more,
});
const dependency = (atMs: number, fields: Record<string, number>): Point =>
  point(atMs, fields, { measurement: "dependency", tags: { site: "main", id: "db", type: "postgres" } });

test("each field by its own aggregate, aligned to the start of the step", () => {
  const rollup = new Rollup({ graceMs: 2_000 });
  rollup.add(dependency(1_000, { up: 1, latency_seconds: 0.1 }));
  rollup.add(dependency(9_999, { up: 0, latency_seconds: 2, nonsense: 1, lock_waits: Number.NaN }));
  rollup.add(point(3_000, { messages: 5 }));
  rollup.add(point(2_000, { messages: 9 }));
  const stage = { measurement: "mail_stage", tags: { site: "main", node: "a", stage: "transmission" } } as const;
  rollup.add(point(1_000, { median_seconds: 1, p95_seconds: 7 }, stage));
  rollup.add(point(2_000, { median_seconds: 2, p95_seconds: 5 }, stage));
  expect(rollup.advance(11_999)).toEqual([]);
  expect(rollup.advance(12_000)).toEqual([
    {
      tier: "10s",
      points: [
        dependency(0, { up: 0, latency_seconds: 2 }),
        point(0, { messages: 5 }),
        point(0, { median_seconds: 1.5, p95_seconds: 7 }, stage),
      ],
    },
  ]);
  expect(rollup.advance(20_000)).toEqual([]);
});

const flow = (atMs: number): Point =>
  point(atMs, { accepted: 1 }, { measurement: "mail_flow", tags: { site: "main", node: "a" } });

test("a late point goes to the oldest open step, so that sums stay whole", () => {
  const rollup = new Rollup({ graceMs: 0 });
  rollup.add(flow(0));
  rollup.advance(10_000);
  rollup.add(flow(9_000));
  expect(rollup.counters).toEqual({ late: 1, dropped: 0 });
  const done = rollup.advance(60_000);
  expect(done.map(({ tier, points }) => [tier, points[0]?.atMs, points[0]?.fields])).toEqual([
    ["10s", 10_000, { accepted: 1 }],
    ["1m", 0, { accepted: 2 }],
  ]);
});

test("series over the bound are dropped and counted", () => {
  const rollup = new Rollup({ maxSeries: 10 });
  for (let at = 0; at < 25; at += 1)
    rollup.add(point(0, { messages: 1 }, { tags: { site: "main", node: "a", queue: `q${at}` } }));
  expect(rollup.counters.dropped).toBe(15);
  expect(rollup.advance(60_000)[0]?.points).toHaveLength(10);
});

test("a clock gone mad opens no steps without end", () => {
  const rollup = new Rollup();
  for (let at = 0; at < 5_000; at += 1) rollup.add(point(at * 10_000, { messages: 1 }));
  expect(rollup.counters.dropped).toBe(4_000);
});

const steps = fc.array(
  fc.record({
    afterMs: fc.nat(15_000),
    queue: fc.constantFrom("active", "deferred"),
    value: fc.integer({ min: -50, max: 50 }),
    advance: fc.boolean(),
  }),
  { maxLength: 120 },
);

test("both tiers equal the direct computation over the same points", () => {
  fc.assert(
    fc.property(steps, (program) => {
      const rollup = new Rollup();
      const all: { queue: string; value: number; atMs: number }[] = [];
      const out: RolledUp[] = [];
      let atMs = 0;
      for (const { afterMs, queue, value, advance } of program) {
        atMs += afterMs;
        all.push({ queue, value, atMs });
        const fields = { messages: value, oldest_seconds: value };
        rollup.add(point(atMs, fields, { tags: { queue, site: "main", node: "a" } }));
        if (advance) out.push(...rollup.advance(atMs));
      }
      out.push(...rollup.advance(atMs + 120_000));
      for (const [tier, stepMs] of [
        ["10s", 10_000],
        ["1m", 60_000],
      ] as const) {
        const want = new Map<string, number>();
        for (const each of all) want.set(`${Math.floor(each.atMs / stepMs) * stepMs} ${each.queue}`, each.value);
        const got = out
          .filter((each) => each.tier === tier)
          .flatMap((each) => each.points)
          .map((each): [string, number | undefined] => [`${each.atMs} ${each.tags["queue"]}`, each.fields["messages"]]);
        expect(new Map(got)).toEqual(want);
        expect(got).toHaveLength(want.size);
      }
    }),
  );
});

test("saved and restored at any point, the rest is the same", () => {
  fc.assert(
    fc.property(steps, fc.nat(120), (program, cut) => {
      let first = new Rollup();
      const straight = new Rollup();
      let atMs = 0;
      for (const [at, { afterMs, queue, value, advance }] of program.entries()) {
        if (at === cut) {
          const text = first.save();
          first = new Rollup();
          expect(first.restore({ format: 1, text })).toBe(true);
        }
        atMs += afterMs;
        for (const rollup of [first, straight])
          rollup.add(point(atMs, { messages: value }, { tags: { site: "main", node: "a", queue } }));
        if (advance) expect(first.advance(atMs)).toEqual(straight.advance(atMs));
      }
      expect(first.save()).toBe(straight.save());
    }),
  );
});

test("after a clock was set back points stand where they are of", () => {
  const rollup = new Rollup({ graceMs: 2_000 });
  rollup.advance(3_600_000);
  rollup.advance(1_000_000);
  rollup.add(point(1_000_000, { messages: 5 }));
  expect(rollup.advance(1_012_000)).toEqual([{ tier: "10s", points: [point(1_000_000, { messages: 5 })] }]);
});
