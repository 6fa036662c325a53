import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startInflux } from "../../test/real/influx.ts";
import { temporaryFolder, until } from "../../test/real/process.ts";
import { openStateStore } from "../store/embedded/state/open.ts";
import { openInfluxSeries } from "../store/influx/open.ts";
import type { SeriesStore } from "../store/series.ts";
import type { StateStore } from "../store/state.ts";
import { Shipper } from "./shipper.ts";

const timer = {
  now: () => Date.now(),
  async wait(milliseconds: number, signal: AbortSignal) {
    await sleep(Math.min(milliseconds, 200), null, { signal }).catch(() => {});
  },
};
const startMs = Date.now() - 3_600_000;

/** Turn `seq` holds one point at its own second, with its number as the value. */
const commit = (state: StateStore, seq: number): Promise<void> =>
  state.commit({
    journalSeq: seq,
    nowMs: seq,
    journal: new Uint8Array(100),
    positions: new Map(),
    notifications: [],
    points: [
      {
        tier: "10s",
        points: [
          { measurement: "mail_sources", tags: { site: "s" }, atMs: startMs + seq * 1_000, fields: { distinct: seq } },
        ],
      },
    ],
  });
const stored = async (series: SeriesStore): Promise<(number | undefined)[]> => {
  const query = {
    tier: "10s",
    measurement: "mail_sources",
    tags: {},
    fields: ["distinct"],
    fromMs: 0,
    toMs: 8e12,
  } as const;
  return (await series.read({ ...query, limit: 1e6 })).map(({ fields }) => fields["distinct"]);
};

test("InfluxDB is frozen, killed and started again under load: every point arrives, in order, once", async () => {
  const folder = temporaryFolder("shipper");
  const influx = await startInflux();
  const state = await openStateStore({ folder: folder.path });
  const series = await openInfluxSeries({ url: influx.url, database: "mailtide", timeoutMs: 1_000 });
  /** Each write as its first and last turn, to see the order and what a failure repeats. */
  const writes: (readonly [number, number])[] = [];
  const watched: Pick<SeriesStore, "write"> = {
    async write(tier, points) {
      const result = await series.write(tier, points);
      writes.push([points[0]?.fields["distinct"] ?? 0, points.at(-1)?.fields["distinct"] ?? 0]);
      return result;
    },
  };
  const errors: unknown[] = [];
  const shipper = new Shipper({ state, series: watched, timer, failed: (error) => errors.push(error), batchRows: 20 });
  onTestFinished(async () => {
    await shipper.stop();
    await series.close();
    await state.close();
    await influx.stop();
    folder.remove();
  });

  shipper.start();
  for (let seq = 1; seq <= 600; seq++) {
    await commit(state, seq);
    if (seq === 100) await influx.freeze();
    if (seq === 200) {
      await until("the shipper says what is wrong", () => shipper.status.lastError);
      influx.thaw();
    }
    if (seq === 300) await influx.kill();
    if (seq === 500) {
      await until("it is behind", () => shipper.status.behindRows > 50 && shipper.status.lastError);
      await influx.start();
    }
  }
  await until("the spool is empty", async () => (await state.spoolSummary()).rows === 0);
  expect(await stored(series)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  expect(errors.length).toBeGreaterThan(0);
  for (const [i, [first, last]] of writes.entries()) {
    const [previousFirst, previousLast] = writes[i - 1] ?? [0, 0];
    expect(first === previousLast + 1 || first === previousFirst, `write ${first} to ${last}`).toBe(true);
  }
  await until("calm again", () => shipper.status.lastError === null && shipper.status.behindRows === 0);
  expect(shipper.status.lastWrittenMs).toBeGreaterThan(startMs);
  expect(shipper.status.refusedPoints).toBe(0);
});
