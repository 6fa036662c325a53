import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RowIndex } from "./row-index.ts";

test("rows are found as in a plain map, also where their hashes crowd", () => {
  // Near the end of the table, so that places run over it, and far apart but of one place.
  const hash = fc.oneof(
    fc.integer({ min: 250, max: 260 }),
    fc.constantFrom(-1, 255, 255 + 256, 255 + 1_024),
    fc.integer(),
  );
  const step = fc.record({ hash, row: fc.nat(400), isAdd: fc.constantFrom(true, true, false) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const index = new RowIndex();
      const hashes = new Map<number, number>();
      for (const { hash: of, row, isAdd } of steps) {
        const known = hashes.get(row);
        if (isAdd && known === undefined) {
          if (index.add(of, row)) hashes.set(row, of);
        } else if (!isAdd && known !== undefined) {
          expect(index.delete(known, row)).toBe(true);
          hashes.delete(row);
        }
        if (!hashes.has(row)) expect(index.find(of, idOf(row), idOf)).toBe(-1);
      }
      for (const [row, of] of hashes) expect(index.find(of, idOf(row), idOf)).toBe(row);
    }),
  );
});

test("thousands have room, of one hash a few only", () => {
  const index = new RowIndex();
  const rows = Array.from({ length: 20_000 }, (_, row) => row);
  expect(rows.every((row) => index.add(scattered(row), row))).toBe(true);
  const crowd = Array.from({ length: 200 }, (_, at) => index.add(7, 30_000 + at));
  expect(crowd.filter(Boolean).length).toBeLessThan(70);
  expect(rows.every((row) => index.delete(scattered(row), row))).toBe(true);
});

const idOf = (row: number): string => `id ${row}`;
const scattered = (row: number): number => Math.imul(row, 0x9e37_79b1);
