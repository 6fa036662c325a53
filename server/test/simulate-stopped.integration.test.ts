import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder, until } from "./real/process.ts";

const mailtide = fileURLToPath(new URL("../bin/mailtide.mjs", import.meta.url));
const scenario = fileURLToPath(new URL("../../scenarios/synaq-2016-05-11.yaml", import.meta.url));

function simulating(out: string) {
  const child = spawn(process.execPath, [mailtide, "simulate", scenario, "--out", out], { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return { child, ended: once(child, "close"), said: () => said };
}

test("Ctrl-C leaves nothing of a day that is half made, and nothing changes that was there", async () => {
  const folder = temporaryFolder("stopped");
  onTestFinished(() => folder.remove());
  const day = join(folder.path, "day");
  const first = simulating(day);
  await until("it to write", () => existsSync(day) && readdirSync(day).length > 0);
  first.child.kill("SIGINT");
  expect(await first.ended).toEqual([1, null]);
  expect(first.said()).toMatch(/mailtide: stopped before the end\n$/);
  expect(readdirSync(folder.path)).toEqual([]);

  mkdirSync(day);
  writeFileSync(join(day, "notes"), "mine");
  const second = simulating(day);
  expect(await second.ended).toEqual([1, null]);
  expect(second.said()).toMatch(/exists already/);
  expect(readdirSync(day)).toEqual(["notes"]);
});
