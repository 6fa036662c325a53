import { collectorId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mostListedBytes } from "../collect/agent/wire.ts";
import { Listed } from "./listed.ts";

test("what was listed is one JSON string of ids and ages, whatever stands in the ids and however many there are", () => {
  const ids = fc.array(
    fc.string({ minLength: 1, maxLength: 12 }).filter((id) => /^\S+$/.test(id)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(ids, fc.constantFrom(1, 400), (some, times) => {
      const listed = new Listed();
      const known = listed.knownIds(collectorId("mx/queue"));
      expect([...known.acceptedBefore(90_000)]).toEqual([]);
      const all = Array.from({ length: times }, () => some).flat();
      for (const queueId of all) known.listed?.({ queueId, arrivalMs: 30_000 });
      const text = listed.take(collectorId("mx/queue"));
      expect(JSON.parse(text ?? "")).toBe(all.map((id) => `${id} 60`).join(" "));
      expect(listed.take(collectorId("mx/queue"))).toBe(undefined);
    }),
    { numRuns: 60 },
  );
});

test("a listing whose ids take more room than is compared goes as its sums alone, however few they are", () => {
  const listed = new Listed();
  const collector = collectorId("mx/queue");
  const take = (count: number): string | undefined => {
    const known = listed.knownIds(collector);
    void known.acceptedBefore(1_000_000);
    for (let at = 0; at < count; at += 1)
      known.listed?.({ queueId: `1xY0N9-${String(at).padStart(11, "0")}-000a`, arrivalMs: 0 });
    return listed.take(collector);
  };
  expect(take(140_000)?.length).toBeLessThanOrEqual(mostListedBytes + 2);
  expect(take(199_000)).toBeUndefined();
});
