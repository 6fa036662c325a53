import { expect, test } from "vitest";
import type { Point } from "../core/measurement.ts";
import { StoreUnavailable } from "../store/series.ts";
import type { SpoolRow } from "../store/state.ts";
import { Shipper } from "./shipper.ts";

const point = (atMs: number): Point => ({ measurement: "mail_sources", tags: {}, atMs, fields: { distinct: 1 } });

/** A spool in memory and a clock that moves only by waiting; stops the shipper after so many waits. */
function bench(
  write: (attempt: number, points: readonly Point[]) => Promise<{ written: number; dropped: number }>,
  stopAfter: number,
) {
  let spool: SpoolRow[] = [1, 2, 3].map((id) => ({ id, tier: id === 2 ? "1m" : "10s", points: [point(id)] }));
  let attempt = 0;
  const waits: number[] = [];
  const failures: unknown[] = [];
  const holds: number[] = [];
  const shipper: Shipper = new Shipper({
    state: {
      spooledPoints: async (limit) => spool.slice(0, limit),
      forgetSpooled: async (throughId) => void (spool = spool.filter(({ id }) => id > throughId)),
      spoolSummary: async () => ({ rows: spool.length, bytes: 0, droppedPoints: 0 }),
    },
    series: { write: (_, points) => write(++attempt, points) },
    timer: {
      now: () => 77,
      async wait(milliseconds) {
        waits.push(milliseconds);
        if (waits.length === stopAfter) void shipper.stop();
      },
    },
    failed: (error) => failures.push(error),
    holds: () => holds.push(attempt),
  });
  return { shipper, waits, failures, holds, spooled: () => spool.map(({ id }) => id) };
}
const settled = async (shipper: Shipper): Promise<void> => {
  shipper.start();
  await new Promise((resolve) => setImmediate(resolve));
  await shipper.stop();
};

test("pauses double up to half a minute while the store is away, and nothing is forgotten", async () => {
  const { shipper, waits, failures, spooled } = bench(() => Promise.reject(new StoreUnavailable("away")), 9);
  await settled(shipper);
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(failures).toEqual([new StoreUnavailable("away")]);
  expect(spooled()).toEqual([1, 2, 3]);
  expect(shipper.status).toMatchObject({ behindRows: 3, lastError: "away", lastWrittenMs: null });
});

test("what keeps it from going on is said once, anew when it is another, and its end is said", async () => {
  const { shipper, failures, holds } = bench(async (attempt, points) => {
    if (attempt < 6) throw new StoreUnavailable(attempt < 4 ? "away" : "hung");
    return { written: points.length, dropped: 0 };
  }, 7);
  await settled(shipper);
  expect(failures).toEqual([new StoreUnavailable("away"), new StoreUnavailable("hung")]);
  expect(holds).toEqual([7]);
});

test("a batch of which one tier failed is written whole again before it is forgotten", async () => {
  const seen: number[][] = [];
  const { shipper, spooled } = bench(async (attempt, points) => {
    seen.push(points.map(({ atMs }) => atMs));
    if (attempt === 2) throw new StoreUnavailable("away");
    return { written: points.length, dropped: 0 };
  }, 2);
  await settled(shipper);
  expect(seen).toEqual([[1, 3], [2], [1, 3], [2]]);
  expect(spooled()).toEqual([]);
  expect(shipper.status).toEqual({ behindRows: 0, lastError: null, lastWrittenMs: 77, refusedPoints: 0 });
});

test("what the store can never take is counted and not tried again", async () => {
  const { shipper, spooled } = bench(async (_, points) => ({ written: 0, dropped: points.length }), 1);
  await settled(shipper);
  expect(spooled()).toEqual([]);
  expect(shipper.status.refusedPoints).toBe(3);
});

test("stop is safe without start, twice, and for good", async () => {
  const { shipper, spooled } = bench(async (_, points) => ({ written: points.length, dropped: 0 }), 1);
  await shipper.stop();
  await shipper.stop();
  await settled(shipper);
  expect(spooled()).toEqual([1, 2, 3]);
});
