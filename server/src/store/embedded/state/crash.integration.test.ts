import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../test/real/process.ts";
import { openStateStore } from "./open.ts";

const program = fileURLToPath(new URL("../../../../test/real/state-child.mjs", import.meta.url));

/** Runs the committing child until it has acknowledged so many turns or dies by itself; gives the last it acknowledged. */
async function runAndKill(folder: string, afterAcks: number, diesAt = ""): Promise<number> {
  const child = spawn(process.execPath, [program, folder, diesAt], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let acks = 0;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "ready") continue;
    last = Number(line);
    if (++acks === afterAcks) child.kill("SIGKILL");
  }
  expect((await exited)[1]).toBe("SIGKILL");
  return last;
}

/** Everything that a turn is made of must have come to the same turn; gives that turn. */
async function standsAt(folder: string): Promise<number> {
  const store = await openStateStore({ folder });
  const recovery = await store.recover();
  const { checkpoint, positions } = recovery;
  const turns: number[] = [];
  for await (const row of recovery.journal()) {
    expect(row.journal).toEqual(new Uint8Array(20_000).fill(row.journalSeq % 251));
    turns.push(row.journalSeq);
  }
  const from = checkpoint?.journalSeq ?? 0;
  expect(turns).toEqual(turns.map((_, i) => from + 1 + i));
  const last = turns.at(-1) ?? from;
  expect(positions.get("source")).toBe(String(last));
  if (checkpoint !== null) {
    expect(checkpoint.parts.get("numbers")?.text).toBe(String(from).padStart(700_000, "."));
  }
  const everyTurn = Array.from({ length: last }, (_, i) => i + 1);
  const spool = await store.spooledPoints(1e6);
  expect(spool.map(({ points }) => points[0]?.fields["distinct"])).toEqual(everyTurn);
  const due = await store.dueNotifications("n", 1e9, 1e6);
  expect(due.map(({ dedupKey }) => dedupKey)).toEqual(everyTurn.map((turn) => `k${turn}`));
  await store.close();
  return last;
}

async function checkpointOf(folder: string): Promise<number> {
  const store = await openStateStore({ folder });
  const { checkpoint } = await store.recover();
  await store.close();
  return checkpoint?.journalSeq ?? 0;
}

test("kill -9 at any acknowledged turn: every such turn is there, none is there in half", async () => {
  const folder = temporaryFolder("crash");
  const { path } = folder;
  onTestFinished(() => folder.remove());
  for (let kill = 1; kill <= 20; kill++) {
    const acknowledged = await runAndKill(path, kill);
    const stands = await standsAt(path);
    expect(stands).toBeGreaterThanOrEqual(acknowledged);
    // The one under way may have been completed without its answer being heard, and the pipe may hold a few more.
    expect(stands).toBeLessThan(acknowledged + 50);
  }
});

test("kill -9 within a checkpoint: the one before is valid, and the next works", async () => {
  const folder = temporaryFolder("crash");
  const { path } = folder;
  onTestFinished(() => folder.remove());
  await runAndKill(path, 15);
  const before = await checkpointOf(path);
  for (let kill = 0; kill < 3; kill++) await runAndKill(path, Infinity, "within-checkpoint");
  const stands = await standsAt(path);
  expect(stands).toBeGreaterThanOrEqual(before + 30);
  const store = await openStateStore({ folder: path });
  expect((await store.recover()).checkpoint?.journalSeq).toBe(before);
  await store.saveCheckpoint({
    journalSeq: stands,
    nowMs: 1,
    parts: new Map([["numbers", { format: 2, text: "new" }]]),
  });
  const recovery = await store.recover();
  expect(recovery.checkpoint).toEqual({
    journalSeq: stands,
    nowMs: 1,
    parts: new Map([["numbers", { format: 2, text: "new" }]]),
  });
  for await (const row of recovery.journal()) expect.unreachable(`turn ${row.journalSeq} is part of the checkpoint`);
  await store.close();
});
