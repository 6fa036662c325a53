import * as fc from "fast-check";
import { expect, test } from "vitest";
import { merge, type Lane } from "./merge.ts";
import { GrowingPortion, keptOf, type Portion, type Run } from "./portion.ts";

interface Item {
  readonly lane: string;
  readonly atMs: number;
  readonly serial: number;
}

const arbitraryLane = fc.array(fc.array(fc.nat(5_000), { maxLength: 8 }), { maxLength: 6 });

test("whatever the portions: everything once, by time, then by name, each input in its own order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryLane, { maxLength: 5 }), async (shapes) => {
      const lanes = shapes.map((portions, index) => laneOf(`lane-${index}`, portions));
      const out = await collect(merge(lanes.map(({ lane }) => lane)));
      const expected = lanes
        .flatMap(({ items }) => items)
        .sort((a, b) => a.atMs - b.atMs || (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : a.serial - b.serial));
      expect(out).toEqual(expected);
    }),
  );
});

test("every second is called once for each second up to the last item, with the inputs that have not ended", async () => {
  const { lane: short } = laneOf("short", [[1_200]]);
  const { lane: long } = laneOf("long", [[1_500], [4_100]]);
  const seconds: [number, string[]][] = [];
  const out = await collect(
    merge<Item | number>([short, long], (secondMs, open) => {
      seconds.push([secondMs, [...open].sort()]);
      return [secondMs];
    }),
  );
  expect(seconds).toEqual([
    [1_000, ["long", "short"]],
    [2_000, ["long"]],
    [3_000, ["long"]],
    [4_000, ["long"]],
  ]);
  expect(out.map((one) => (typeof one === "number" ? one : one.atMs))).toEqual([
    1_000, 1_200, 1_500, 2_000, 3_000, 4_000, 4_100,
  ]);
});

test("a reader that stops early closes every input", async () => {
  const closed: string[] = [];
  const endless = (name: string): Lane<number> => ({
    name,
    async *portions() {
      try {
        for (let atMs = 0; ; atMs += 1) yield portionOf([[atMs, atMs]]);
      } finally {
        closed.push(name);
      }
    },
  });
  for await (const runs of merge([endless("a"), endless("b")])) if ([...keptOf(runs)].some((item) => item > 5)) break;
  expect(closed.sort()).toEqual(["a", "b"]);
});

test("a long silence does not pile up in memory", async () => {
  const { lane } = laneOf("gap", [[0, 86_400_000]]);
  let largest = 0;
  for await (const runs of merge<Item | number>([lane], (secondMs) => [secondMs]))
    largest = Math.max(largest, [...keptOf(runs)].length);
  expect(largest).toBeLessThanOrEqual(4096 + 1);
});

function laneOf(name: string, shape: readonly (readonly number[])[]): { lane: Lane<Item>; items: Item[] } {
  const times = shape.flat().sort((a, b) => a - b);
  let serial = 0;
  const portions = shape.map((portion): Portion<Item> => {
    const items = portion.map((): Item => ({ lane: name, atMs: times[serial] ?? 0, serial: serial++ }));
    return portionOf(items.map((item) => [item.atMs, item]));
  });
  return {
    items: portions.flatMap((portion) => Array.from({ length: portion.length }, (_, place) => portion.at(place))),
    lane: {
      name,
      async *portions() {
        yield* portions;
      },
    },
  };
}

function portionOf<T>(items: readonly (readonly [atMs: number, item: T])[]): GrowingPortion<T> {
  const portion = new GrowingPortion<T>();
  for (const [atMs, item] of items) portion.add(atMs, item);
  return portion;
}

async function collect<T>(batches: AsyncIterable<readonly Run<T>[]>): Promise<T[]> {
  const all: T[] = [];
  let lastMs = -Infinity;
  for await (const runs of batches) {
    for (const { portion, from, to } of runs)
      for (let place = from; place < to; place++) {
        expect(portion.atMs[place]).toBeGreaterThanOrEqual(lastMs);
        lastMs = portion.atMs[place] ?? Number.NaN;
      }
    all.push(...keptOf(runs));
  }
  return all;
}
