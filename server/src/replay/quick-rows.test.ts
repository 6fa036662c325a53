import { attributions, dependencyTypes, nodeId, probeFaults } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { reasonClasses } from "../core/observation.ts";
import { type DetailKind, detailKinds, quickProbe, quickQueue } from "./quick-rows.ts";
import { wholeProbe, wholeQueue } from "./rows.ts";

const node = nodeId("mx1");
const seconds = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat());
const count = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
const word = fc.string({ maxLength: 40 });
const at = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date("2199-12-31") })
  .map((date) => date.toISOString());
const ofKind: Record<DetailKind, fc.Arbitrary<unknown>> = {
  seconds,
  count,
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  flag: fc.boolean(),
  word,
  fault: fc.constantFrom(...probeFaults),
  blocked: fc.constant([]),
  ddl: fc.constant([]),
};
const details = Object.fromEntries(Object.entries(detailKinds).map(([name, kind]) => [name, ofKind[kind]]));
const probe = fc.record(
  {
    at,
    id: word,
    type: fc.constantFrom(...dependencyTypes),
    ok: fc.boolean(),
    latencySeconds: seconds,
    error: word,
    details: fc.record(details, { requiredKeys: [] }),
  },
  { requiredKeys: ["at", "id", "type", "ok", "latencySeconds"] },
);

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const waiting = fc.record({ count, oldestAgeSeconds: maybe(seconds), oldestOwnWaitSeconds: maybe(seconds) });
const queueOf = fc.record({
  count,
  bytes: maybe(count),
  oldestAgeSeconds: maybe(seconds),
  ageHistogram: fc.array(count, { minLength: 10, maxLength: 10 }),
});
const named = fc.array(fc.record({ name: word, count }), { maxLength: 3 });
const queue = fc.record({
  version: fc.constant(1),
  node: fc.constant("mx1"),
  at,
  mta: word,
  // A queue of that name is left to the schema.
  queues: fc.dictionary(
    word.filter((name) => name !== "__proto__"),
    queueOf,
    { maxKeys: 4 },
  ),
  waiting: fc.record(Object.fromEntries(attributions.map((name) => [name, waiting]))),
  reasons: fc.array(fc.record({ class: fc.constantFrom(...reasonClasses), count, sample: word }), { maxLength: 3 }),
  topDomains: named,
  topSenders: named,
  recipients: maybe(count),
});

/** A value that does not belong, a key too many, another order of keys: somewhere in the row. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e300,
    "",
    "x".repeat(5000),
    true,
    [],
    {},
    [1],
    "2025-02-30T00:00:00.000Z",
    2 ** 53,
  ),
  fc.constantFrom("2025-10-14T06:00:00+02:00", "2025-10-14T06:00:00Z", "+010000-01-01T00:00:00.000Z"),
  fc.jsonValue(),
);
function bent(row: unknown, places: readonly number[], value: unknown): unknown {
  if (typeof row !== "object" || row === null || places.length === 0) return value;
  const entries = Object.entries(row);
  const at = (places[0] ?? 0) % (entries.length + 2);
  if (Array.isArray(row)) return row.map((one, index) => (index === at ? bent(one, places.slice(1), value) : one));
  if (at === entries.length) return { ...row, another: value };
  if (at > entries.length) return Object.fromEntries(entries.toReversed());
  const [name, held] = entries[at] ?? ["", null];
  return { ...row, [name]: bent(held, places.slice(1), value) };
}
const bend = (rows: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(rows, fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }), strange)
    .map(([row, places, value]) => bent(row, places, value));
/** As it comes from a file. */
const parsed = (row: unknown): unknown => JSON.parse(JSON.stringify(row));

const rowKinds: [string, fc.Arbitrary<unknown>, (row: unknown) => unknown, (row: unknown) => unknown][] = [
  ["probe", probe, quickProbe, wholeProbe],
  ["listing", queue, (row) => quickQueue(row, node), (row) => wholeQueue(row, node)],
];

test.each(rowKinds)(
  "a %s that is written as usual is read without the schema, and gives the same to the letter",
  (_, rows, quick, whole) => {
    fc.assert(
      fc.property(rows, (written) => {
        const row = parsed(written);
        expect(JSON.stringify(quick(row))).toBe(JSON.stringify(whole(row)));
        expect(quick(row)).toStrictEqual(whole(row));
      }),
    );
  },
);

test.each(rowKinds)(
  "a %s with something strange in it is left to the schema, or gives what that gives",
  (_, rows, quick, whole) => {
    let left = 0;
    fc.assert(
      fc.property(bend(rows), (written) => {
        const row = parsed(written);
        const read = quick(row);
        if (read === null) left++;
        else expect(JSON.stringify(read)).toBe(JSON.stringify(whole(row)));
      }),
      { numRuns: 2000 },
    );
    expect(left).toBeGreaterThan(100);
  },
);
