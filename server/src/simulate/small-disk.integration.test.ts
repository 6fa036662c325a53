import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../test/real/process.ts";
import { smallDisk } from "../../test/real/small-disk.ts";
import { runCli } from "../cli/index.ts";

test("a day that finds no room is told in words, and nothing of it stays", async () => {
  const folder = temporaryFolder("simulate-full");
  onTestFinished(() => folder.remove());
  const disk = smallDisk(join(folder.path, "disk"), "256k");
  onTestFinished(() => disk.remove());
  const out = join(folder.path, "disk", "day");
  const scenario = fileURLToPath(new URL("../../../scenarios/synaq-2016-05-11.yaml", import.meta.url));
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => consoleError.mockRestore());
  expect(await runCli(["simulate", scenario, "--out", out], new AbortController().signal)).toBe(1);
  expect(consoleError.mock.lastCall).toEqual([`mailtide: ${out} cannot be written: the disk is full`]);
  expect(readdirSync(join(folder.path, "disk"))).toEqual([]);
});
