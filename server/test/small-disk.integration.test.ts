import { readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "./real/process.ts";
import { smallDisk } from "./real/small-disk.ts";
import { runCli } from "../src/cli/index.ts";
import { lockFolder } from "../src/store/embedded/lock.ts";
import { openStateStore } from "../src/store/embedded/state/open.ts";

test("a day that finds no room is told in words, and nothing of it stays", async () => {
  const folder = temporaryFolder("simulate-full");
  onTestFinished(() => folder.remove());
  const disk = smallDisk(join(folder.path, "disk"), "256k");
  onTestFinished(() => disk.remove());
  const out = join(folder.path, "disk", "day");
  const scenario = fileURLToPath(new URL("../../scenarios/synaq-2016-05-11.yaml", import.meta.url));
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => consoleError.mockRestore());
  expect(await runCli(["simulate", scenario, "--out", out], new AbortController().signal)).toBe(1);
  expect(consoleError.mock.lastCall).toEqual([`mailtide: ${out} cannot be written: the disk is full`]);
  expect(readdirSync(join(folder.path, "disk"))).toEqual([]);
});

test("a state folder on a disk that is full is said to be that", () => {
  const folder = temporaryFolder("lock-full");
  onTestFinished(() => folder.remove());
  const place = join(folder.path, "disk");
  const disk = smallDisk(place, "32k");
  onTestFinished(() => disk.remove());
  expect(() => writeFileSync(join(place, "ballast"), Buffer.alloc(64 << 10))).toThrow(/ENOSPC/);
  expect(() => lockFolder(place, "state")).toThrow(
    `cannot use the folder ${place}: ${join(place, "state.lock")}: the disk is full`,
  );
});

test("a disk that is full when the log of the state is to be folded into it ends nothing: turns go on when there is room", async () => {
  const folder = temporaryFolder("fold-full");
  onTestFinished(() => folder.remove());
  const place = join(folder.path, "disk");
  const disk = smallDisk(place, "24m");
  onTestFinished(() => disk.remove());
  const failures: unknown[] = [];
  const store = await openStateStore({ folder: place, onFailure: (error) => failures.push(error) });
  onTestFinished(() => store.close());
  const commit = (journalSeq: number): Promise<void> => {
    const journal = Buffer.alloc(1 << 20, journalSeq);
    return store.commit({
      journalSeq,
      nowMs: journalSeq,
      journal,
      positions: new Map(),
      points: [],
      notifications: [],
    });
  };
  let seq = 0;
  // The log is folded when it has 8 MiB.
  while (seq < 7) await commit(++seq);
  const { bavail, bsize } = statfsSync(place);
  const ballast = join(place, "ballast");
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - (3 << 20)));
  await commit(++seq);
  // Whatever is asked next is answered after the folding was tried.
  expect((await store.spoolSummary()).rows).toBe(0);
  expect(failures).toEqual([]);
  const fails = async (): Promise<boolean> => {
    try {
      await commit(seq + 1);
      seq += 1;
      return false;
    } catch (error) {
      expect((error as Error).message).toContain("database or disk is full");
      return true;
    }
  };
  while (!(await fails()));
  rmSync(ballast);
  await commit(++seq);
  const { journal } = await store.recover();
  const stands: number[] = [];
  for await (const row of journal()) stands.push(row.journalSeq);
  expect(stands).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
  expect(failures).toEqual([]);
});
