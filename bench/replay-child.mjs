// One replay of a capture with the built server, in a thread with the limits that a replay's has; prints its figures as
// JSON. See replay.ts.
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isMainThread, Worker } from "node:worker_threads";
import { createGunzip } from "node:zlib";
import { lineReader } from "../server/dist/collect/index.js";
import { emptyCounts, openCapture } from "../server/dist/replay/capture.js";
import { runCapture } from "../server/dist/replay/run.js";

const folder = process.argv[2] ?? "";

/** Every state of sixty is looked at, as a report does. */
async function replay() {
  const capture = await openCapture(folder, {
    parserFor(mta, context) {
      const reader = lineReader(mta, context);
      if (reader === null) throw new Error(`no reader for ${mta}`);
      return reader;
    },
  });
  const counts = emptyCounts();
  let turns = 0;
  let shown = 0;
  let peakBytes = 0;
  const startedMs = performance.now();
  const usage = process.cpuUsage();
  await runCapture({
    capture,
    counts,
    onTurn(turn) {
      turns += 1;
      if (turns % 60 !== 0) return;
      shown += turn.state.inbound.top.length;
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    },
  });
  if (shown === 0) throw new Error("nothing was shown");
  const { user, system } = process.cpuUsage(usage);
  return {
    lines: counts.lines,
    turns,
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: Math.round(peakBytes / 2 ** 20),
  };
}

async function readOnly() {
  const startedMs = performance.now();
  let lines = 0;
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith(".log.gz")) continue;
    const input = createReadStream(join(folder, entry)).pipe(createGunzip());
    for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line.length >= 0) lines += 1;
  }
  if (lines === 0) throw new Error(`${folder} holds no packed log`);
  return (performance.now() - startedMs) / 1000;
}

if (isMainThread) {
  const resourceLimits = { maxYoungGenerationSizeMb: 192 };
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), resourceLimits });
  worker.on("error", (error) => {
    throw error;
  });
} else {
  const replayed = await replay();
  console.log(JSON.stringify({ ...replayed, readSeconds: await readOnly() }));
}
