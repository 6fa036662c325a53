import * as fc from "fast-check";
import { expect, test } from "vitest";
import { IdSet } from "./id-set.ts";

test("it holds what a plain set holds, however many were expected", () => {
  const ids = fc.array(fc.oneof(fc.string(), fc.integer().map(String)), { maxLength: 3_000, size: "max" });
  fc.assert(
    fc.property(ids, fc.array(fc.string()), fc.constantFrom(0, 10, 100_000), (added, others, expected) => {
      const [set, plain] = [new IdSet(expected), new Set<string>()];
      for (const id of added) {
        set.add(id);
        plain.add(id);
        if (set.size !== plain.size) expect.fail(id);
      }
      expect([...added, ...others].filter((id) => set.has(id) !== plain.has(id))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
