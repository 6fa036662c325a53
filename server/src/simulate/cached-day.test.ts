import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachedDay } from "./index.ts";
import { readScenario } from "./scenario/read.ts";
import { atRate } from "./scenario/vary.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-day-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = fileURLToPath(new URL("../../../scenarios/synaq-2016-05-11.yaml", import.meta.url));
const hour = async (to = "2016-05-11T12:00") => ({
  ...atRate(await readScenario(path), 0.05),
  from: "2016-05-11T11:30",
  to,
});

test("a day is made once, and made again when it is half there or was another", async () => {
  const made: number[] = [];
  const get = async (to?: string) => {
    let reports = 0;
    const dir = await cachedDay({ folder, scenario: await hour(to), seed: 1, onProgress: () => reports++ });
    made.push(reports);
    return dir;
  };
  const dir = await get();
  const yaml = await readFile(join(dir, "capture.yaml"), "utf8");
  expect(await get()).toBe(dir);
  expect(made[0]).toBeGreaterThan(0);
  expect(made[1]).toBe(0);

  await writeFile(join(dir, "complete.json"), "{}");
  await get();
  expect(made[2]).toBeGreaterThan(0);
  expect(await readFile(join(dir, "capture.yaml"), "utf8")).toBe(yaml);

  await get("2016-05-11T11:50");
  expect(made[3]).toBeGreaterThan(0);
  expect(await readFile(join(dir, "capture.yaml"), "utf8")).not.toBe(yaml);
  expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a day that was broken off leaves nothing behind", async () => {
  const stop = new AbortController();
  const made = cachedDay({
    folder,
    scenario: await hour(),
    seed: 1,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(made).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});
