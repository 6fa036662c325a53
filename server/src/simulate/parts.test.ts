import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAgenda } from "./agenda.ts";
import { clock, curve } from "./day.ts";
import { delayText, delaysText } from "./node-log.ts";
import { createPeople } from "./people.ts";
import { createQueueIds } from "./engine/queue-id.ts";
import { createRandom } from "./random.ts";

test("an agenda does everything once, in order of time, first come first served, and what was added on the way", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
      const agenda = createAgenda(0);
      const done: { at: number; order: number }[] = [];
      times.forEach((at, order) =>
        agenda.at(at, () => {
          expect(agenda.nowMs).toBe(at);
          done.push({ at, order });
          if (order === 0) agenda.at(at - 5, () => done.push({ at, order: times.length }));
        }),
      );
      agenda.runUntil(51);
      expect(done).toHaveLength(times.length + (times.length > 0 ? 1 : 0));
      expect(done).toEqual([...done].sort((a, b) => a.at - b.at || a.order - b.order));
      expect(agenda.nowMs).toBe(51);
    }),
  );
});

test("an agenda leaves what is due at the instant itself for the next run", () => {
  const agenda = createAgenda(0);
  let ran = 0;
  agenda.at(10, () => ran++);
  agenda.runUntil(10);
  expect(ran).toBe(0);
  agenda.runUntil(11);
  expect(ran).toBe(1);
});

const draw = (seed: number) => {
  const random = createRandom(seed);
  return Array.from({ length: 20_000 }, () => [random.unit(), random.exponential(3), random.lognormal(5, 0.5)]);
};
test("the same seed draws the same numbers, with the means asked for", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)[0]).not.toEqual(draw(8)[0]);
  const mean = (column: number) => draw(7).reduce((sum, row) => sum + (row[column] ?? 0), 0) / 20_000;
  expect(mean(0)).toBeCloseTo(0.5, 1);
  expect(mean(1)).toBeCloseTo(3, 0);
  expect(mean(2)).toBeCloseTo(5, 0);
});

test("a curve runs straight between its points and flat outside", () => {
  const line = curve([
    ["10:00", 1],
    ["11:00", 3],
  ]);
  expect([clock("09:00"), clock("10:00"), clock("10:30"), clock("11:00"), clock("20:00")].map(line)).toEqual([
    1, 1, 2, 3, 3,
  ]);
  expect(() => clock("9am")).toThrow('"9am" is not a time of day');
});

test("delays are printed as Postfix prints them", () => {
  expect([0.004, 0.27, 1.26, 9.96, 10.4, 21_600.4].map(delayText)).toEqual(["0", "0.27", "1.3", "10", "10", "21600"]);
  expect(delaysText(0.18, 0.05, 0.04, 0)).toBe("delay=0.27, delays=0.18/0.05/0.04/0");
});

test("queue ids are unique, and the first six signs are the seconds in base 52", () => {
  const newId = createQueueIds(4_000_000);
  const ids = Array.from({ length: 5_000 }, () => newId(1_462_958_640_999));
  expect(new Set(ids).size).toBe(5_000);
  const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
  const seconds = (ids[0] ?? "")
    .slice(0, 6)
    .split("")
    .reduce((sum, sign) => sum * 52 + digits.indexOf(sign), 0);
  expect(seconds).toBe(1_462_958_640);
  for (const id of ids)
    expect(id).toMatch(/^[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+$/);
});

test("every attacker has an address of its own, and none of them is anybody's", () => {
  const people = createPeople();
  const addresses = Array.from({ length: 7_200 }, (_, index) => people.attacker(index).ip);
  expect(new Set(addresses).size).toBe(7_200);
  for (const ip of addresses) expect(ip).toMatch(/^243\./);
});
