import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "./real/process.ts";
import { smallDisk } from "./real/small-disk.ts";
import { runCli } from "../src/cli/index.ts";
import { lockFolder } from "../src/store/embedded/lock.ts";

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
