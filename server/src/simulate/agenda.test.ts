import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAgenda } from "./agenda.ts";

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
