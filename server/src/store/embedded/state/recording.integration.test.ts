import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../test/real/process.ts";
import { encodeTick } from "../../../flow/journal.ts";
import type { StateStore } from "../../state.ts";
import { openStateStore } from "./open.ts";

const program = fileURLToPath(new URL("../../../../test/real/recording-child.mjs", import.meta.url));

async function seqsOf(store: StateStore, fromMs = 0): Promise<number[]> {
  const recording = await store.recording(fromMs);
  const chunks: Uint8Array[] = [];
  for await (const chunk of recording?.chunks() ?? []) chunks.push(chunk);
  const text = chunks.length === 0 ? "" : gunzipSync(Buffer.concat(chunks)).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Number(line.slice(0, line.indexOf(" "))));
}

test("kill -9 at any turn: the recording has every committed turn once, without a hole", async () => {
  const folder = temporaryFolder("recording");
  onTestFinished(() => folder.remove());
  for (let kill = 1; kill <= 10; kill++) {
    const child = spawn(process.execPath, [program, folder.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let last = 0;
    let acks = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "ready") continue;
      last = Number(line);
      if (++acks === 13 + kill * 3) child.kill("SIGKILL");
    }
    await exited;
    const store = await openStateStore({
      folder: folder.path,
      recording: { keepSeconds: 86_400, maxBytes: 1 << 30 },
    });
    const seqs = await seqsOf(store);
    await store.close();
    expect(seqs.length).toBeGreaterThanOrEqual(last);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  }
});

test("the bounds drop the oldest whole, by age and by size, and say so", async () => {
  const folder = temporaryFolder("recording");
  onTestFinished(() => folder.remove());
  const dropped: number[] = [];
  const open = (keepSeconds: number, maxBytes: number) =>
    openStateStore({
      folder: folder.path,
      recording: { keepSeconds, maxBytes, kept: ({ droppedSegments }) => void dropped.push(droppedSegments) },
    });
  let store = await open(1_000, 1 << 30);
  for (let seq = 1; seq <= 40; seq++) {
    const nowMs = seq * 100_000;
    const journal = encodeTick({ nowMs, observations: [], commands: [], pagesSent: [] });
    await store.commit({ journalSeq: seq, nowMs, journal, positions: new Map(), points: [], notifications: [] });
    if (seq % 5 === 0) await store.saveCheckpoint({ journalSeq: seq, nowMs, parts: new Map() });
  }
  // A segment goes once its last turn is older than a thousand seconds.
  expect(await seqsOf(store)).toEqual(Array.from({ length: 15 }, (_, index) => 26 + index));
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  await store.close();
  store = await open(1_000, 1);
  expect(await seqsOf(store)).toEqual([]);
  await store.close();
  store = await openStateStore({ folder: folder.path });
  expect(await store.recording(0)).toBe(null);
  await store.close();
});
