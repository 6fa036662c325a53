import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder, until } from "../../../test/real/process.ts";
import { TakenCount } from "./taken-count.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path = "";
beforeEach(() => {
  folder = temporaryFolder("taken");
  path = join(folder.path, "syslog-taken", "mx1");
});
afterEach(() => folder.remove());

test("what was taken and not committed is known at the next start, once", async () => {
  const first = TakenCount.open(path, 0);
  expect(first.lost).toBe(0);
  for (let n = 0; n < 70; n++) first.count.add();
  // It is not closed: the program was killed.
  await until("it is kept", () => Number(readFileSync(path, "latin1")) === 70);
  const second = TakenCount.open(path, 50);
  expect(second.lost).toBe(20);
  second.count.add();
  second.count.close();
  expect(TakenCount.open(path, 71).lost).toBe(0);
});

test("a count that is older than what was committed, cannot be read or is not there tells of no loss", () => {
  expect(TakenCount.open(path, 40).count.value).toBe(40);
  expect(TakenCount.open(path, 45).lost).toBe(0);
  writeFileSync(path, "12");
  expect(TakenCount.open(path, 7)).toMatchObject({ lost: 0, count: { value: 7 } });
});

test("a count that cannot be kept ends nothing", async () => {
  mkdirSync(dirname(path));
  // What is written there is an error of the device, or may not be written.
  symlinkSync("/proc/version", path);
  for (const where of [path, join(path, "below")]) {
    const { count, lost } = TakenCount.open(where, 3);
    count.add();
    await new Promise((resolve) => void setImmediate(resolve));
    expect([count.value, lost]).toEqual([4, 0]);
    count.close();
  }
});
