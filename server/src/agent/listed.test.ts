import { collectorId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
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
