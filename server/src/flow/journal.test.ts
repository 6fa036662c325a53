import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mx } from "../../test/model/lines.ts";
import type { LogObservation } from "../core/observation.ts";
import { decodeTick, encodeTick, encodeTickInSteps } from "./journal.ts";

const line = (text: string): LogObservation => ({
  kind: "log",
  node: mx,
  atMs: 1,
  event: { event: "warning", process: "postfix/smtp", reason: text },
});

test("a turn of any length reads back as it was, in however many pieces it is kept", () => {
  const texts = fc.array(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("x".repeat(70_000), "é😀".repeat(9_000))),
  );
  fc.assert(
    fc.property(texts, (each) => {
      const tick = { nowMs: 17, observations: each.map(line), commands: [], pagesSent: [] };
      expect(decodeTick(encodeTick(tick))).toEqual(tick);
    }),
    { numRuns: 60 },
  );
});

test("no step packs more than one observation beyond its measure", () => {
  const observations = Array.from({ length: 10_000 }, (_, at) => line(`${at} ${"word ".repeat(20)}`));
  const steps = encodeTickInSteps({ nowMs: 1, observations, commands: [], pagesSent: [] });
  let count = 0;
  while (steps.next().done !== true) count += 1;
  expect(count).toBeGreaterThan(20);
  expect(encodeTick({ nowMs: 1, observations, commands: [], pagesSent: [] }).length).toBeLessThan(200_000);
});
