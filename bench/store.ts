import { monitorEventLoopDelay } from "node:perf_hooks";
import { startInflux } from "../server/test/real/influx.ts";
import { temporaryFolder } from "../server/test/real/process.ts";
import type { Point } from "../server/src/core/measurement.ts";
import { openEmbeddedSeries } from "../server/src/store/embedded/series/open.ts";
import { openStateStore } from "../server/src/store/embedded/state/open.ts";
import { openInfluxSeries } from "../server/src/store/influx/open.ts";
import type { SeriesStore } from "../server/src/store/series.ts";

/** What the stores cost: `npx tsx bench/store.ts`. Prints medians of five runs. */
const runs = 5;
const turns = 300;
const wideRows = 400_000;

const points = (count: number, fromMs: number, stepMs: number): Point[] =>
  Array.from({ length: count }, (_, i) => ({
    measurement: "mail_queue",
    tags: { site: "main", node: `mx${i % 10}`, queue: ["active", "deferred", "hold"][i % 3] ?? "" },
    atMs: fromMs + Math.floor(i / 30) * stepMs,
    fields: { messages: i, own: i / 2, remote: i / 3, oldest_seconds: i / 7 },
  }));

async function commits(): Promise<Record<string, number>> {
  const folder = temporaryFolder("bench");
  const store = await openStateStore({ folder: folder.path });
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const journal = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7_919) % 256));
  const tookMs: number[] = [];
  loop.enable();
  for (let seq = 1; seq <= turns; seq++) {
    const batch = points(50, 1e12 + seq * 10_000, 10_000);
    const began = performance.now();
    await store.commit({
      journalSeq: seq,
      nowMs: seq,
      journal,
      positions: new Map([["mx1/postfix-log", `{"offset":${seq}}`]]),
      points: [{ tier: "10s", points: batch }],
      notifications: [],
    });
    tookMs.push(performance.now() - began);
  }
  loop.disable();
  const checkpointLoop = monitorEventLoopDelay({ resolution: 1 });
  const text = Buffer.alloc(100_000_000, "x").toString("latin1");
  checkpointLoop.enable();
  const began = performance.now();
  await store.saveCheckpoint({ journalSeq: turns, nowMs: 1, parts: new Map([["all", { format: 1, text }]]) });
  const checkpointMs = performance.now() - began;
  checkpointLoop.disable();
  await store.close();
  folder.remove();
  const total = tookMs.reduce((sum, each) => sum + each, 0);
  return {
    "turns/s (300 events, 60 kB, 50 points)": (turns / total) * 1000,
    "commit p50 ms": quantile(tookMs, 0.5),
    "commit p99 ms": quantile(tookMs, 0.99),
    "commit: longest stop of the loop ms": loop.max / 1e6,
    "checkpoint of 100 MB ms": checkpointMs,
    "checkpoint: longest stop of the loop ms": checkpointLoop.max / 1e6,
  };
}

async function series(store: SeriesStore): Promise<Record<string, number>> {
  const fromMs = Date.now() - 5 * 86_400_000;
  const all = points(wideRows, fromMs, 10_000);
  const writing = performance.now();
  for (let at = 0; at < all.length; at += 5_000) await store.write("10s", all.slice(at, at + 5_000));
  const writeMs = performance.now() - writing;
  all.length = 0;
  const fields = ["messages", "own"];
  const query = {
    tier: "10s",
    measurement: "mail_queue",
    tags: {},
    fields,
    fromMs: 0,
    toMs: 8e12,
    limit: 1e6,
  } as const;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const reading = performance.now();
  const rows = await store.read(query);
  const readMs = performance.now() - reading;
  loop.disable();
  const narrow = performance.now();
  await store.read({ ...query, tags: { node: "mx1", queue: "deferred" }, fromMs: fromMs + 86_400_000, limit: 300 });
  return {
    "rows written/s": (wideRows / writeMs) * 1000,
    [`read of ${rows.length} rows ms`]: readMs,
    "read: longest stop of the loop ms": loop.max / 1e6,
    "read of the newest 300 of one series ms": performance.now() - narrow,
  };
}

async function embedded(): Promise<Record<string, number>> {
  const folder = temporaryFolder("bench");
  const store = await openEmbeddedSeries({ folder: folder.path });
  const figures = await series(store);
  await store.close();
  folder.remove();
  return figures;
}

async function influxdb(): Promise<Record<string, number>> {
  const influx = await startInflux();
  const store = await openInfluxSeries({ url: influx.url, database: "bench" });
  const figures = await series(store);
  await store.close();
  await influx.stop();
  return figures;
}

async function medians(title: string, run: () => Promise<Record<string, number>>): Promise<void> {
  const all: Record<string, number>[] = [];
  for (let i = 0; i < runs; i++) all.push(await run());
  console.log(title);
  for (const name of Object.keys(all[0] ?? {})) {
    console.log(
      `  ${name.padEnd(44)} ${quantile(
        all.map((each) => each[name] ?? Number.NaN),
        0.5,
      ).toFixed(1)}`,
    );
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

await medians("state store", commits);
await medians("series, embedded", embedded);
await medians("series, InfluxDB", influxdb);
