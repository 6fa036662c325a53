import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LogHistogram } from "./histogram.ts";
import { InOrder } from "./in-order.ts";

const values = fc.array(fc.double({ min: 1e-4, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 200 });
const histogramOf = (list: readonly number[]): LogHistogram => {
  const histogram = new LogHistogram();
  for (const value of list) histogram.add(value);
  return histogram;
};

test("every quantile is within two per cent", () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const sorted = [...list].sort((a, b) => a - b);
      const truth = sorted[Math.max(1, Math.ceil(q * list.length)) - 1] ?? 0;
      const said = histogramOf(list).quantile(q) ?? 0;
      expect(Math.abs(said - truth)).toBeLessThanOrEqual(0.02 * truth);
    }),
  );
});

test("merging equals adding, subtracting undoes it, saving keeps it", () => {
  fc.assert(
    fc.property(values, values, (one, two) => {
      const merged = histogramOf(one);
      merged.merge(histogramOf(two));
      expect(merged.save()).toEqual(histogramOf([...one, ...two]).save());
      expect(LogHistogram.restore(merged.save()).count).toBe(one.length + two.length);
      merged.subtract(histogramOf(two));
      expect(merged.save()).toEqual(histogramOf(one).save());
    }),
  );
});

test("zero is zero, nothing is null, nonsense is ignored, the buckets are bounded", () => {
  expect(new LogHistogram().quantile(0.5)).toBeNull();
  expect(histogramOf([0, 0, 5]).quantile(0.5)).toBe(0);
  expect(histogramOf([-1, Number.NaN]).count).toBe(0);
  const wide = histogramOf([1e-300, 1e300, Infinity]);
  expect(wide.count).toBe(3);
  expect(wide.quantile(1)).toBeLessThan(1.1e6);
});

test("the oldest entry of a map in order is that of a plain list", () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 6 }).map(String),
    what: fc.constantFrom("put", "set", "delete", "pop"),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const map = new InOrder<number>();
      let list: string[] = [];
      for (const [at, { key, what }] of steps.entries()) {
        const oldest = map.oldest()?.[0];
        expect(oldest).toBe(list[0]);
        if (what === "set") {
          if (!list.includes(key)) list.push(key);
          map.set(key, at);
          expect(map.oldest()?.[1]).toBe(map.get(list[0] ?? ""));
          continue;
        }
        const gone = what === "pop" ? oldest : key;
        list = list.filter((each) => each !== gone);
        if (what === "put") {
          list.push(key);
          map.put(key, at);
        } else if (gone !== undefined) map.delete(gone);
        expect([...map.entries()].map(([each]) => each)).toEqual(list);
      }
    }),
  );
});
