import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf } from "./place.ts";
import { TextTable } from "./text-table.ts";

/** So many texts of one place that its eight are not enough, and others. */
const crowd = crowdOf(40);
const others = ["", "a", "192.0.2.1", "2001:db8::1", "4gXyZq1Lk2zABC", "x".repeat(300)];

function crowdOf(many: number, mask = 127): string[] {
  const place = placeOf("0", mask);
  const found: string[] = [];
  for (let number = 0; found.length < many; number++)
    if (placeOf(String(number), mask) === place) found.push(String(number));
  return found;
}

test("what stands in it is what a plain map would hold, also when its texts crowd one place", () => {
  const step = fc.record({
    text: fc.oneof(fc.constantFrom(...crowd), fc.constantFrom(...others)),
    what: fc.constantFrom("set", "set", "delete"),
    item: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new TextTable<number>();
      const plain = new Map<string, number>();
      for (const { text, what, item } of steps) {
        if (what === "set") {
          expect(table.set(text, item)).toBe(plain.get(text));
          plain.set(text, item);
        } else {
          const known = plain.get(text);
          expect(known !== undefined && table.delete(text, known + 1)).toBe(false);
          expect(known !== undefined && table.delete(text, known)).toBe(known !== undefined);
          plain.delete(text);
        }
        expect(table.size).toBe(plain.size);
        for (const each of [...crowd, ...others]) expect(table.get(each)).toBe(plain.get(each));
      }
    }),
    { numRuns: 60 },
  );
});

test("it grows, and loses nothing", () => {
  const table = new TextTable<number>();
  const texts = Array.from({ length: 20_000 }, (_, number) => `id${number}`);
  for (const [number, text] of texts.entries()) table.set(text, number);
  expect(table.size).toBe(texts.length);
  expect(texts.every((text, number) => table.get(text) === number)).toBe(true);
  for (const [number, text] of texts.slice(0, 10_000).entries()) expect(table.delete(text, number)).toBe(true);
  expect(table.size).toBe(10_000);
  expect(texts.every((text, number) => table.get(text) === (number < 10_000 ? undefined : number))).toBe(true);
});

test("texts that were chosen to stand in one page, whatever it is split by, are all found", () => {
  // All are the same in the bits by which pages are first told apart.
  const chosen: string[] = [];
  for (let number = 0; chosen.length < 12_000; number++)
    if (((placeOf(String(number), -1) >>> 10) & 0x3f) === 5) chosen.push(String(number));
  const same = crowdOf(30, 0xffff);
  const table = new TextTable<number>();
  const texts = [...new Set([...chosen, ...same])];
  for (const [number, text] of texts.entries()) expect(table.set(text, number)).toBe(undefined);
  expect(table.size).toBe(texts.length);
  expect(texts.every((text, number) => table.get(text) === number)).toBe(true);
  for (const [number, text] of texts.entries()) expect(table.delete(text, number)).toBe(true);
  expect(table.size).toBe(0);
});
