import { appendFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FollowedLog } from "../../../test/following.ts";
import { temporaryFolder, until } from "../../../test/real/process.ts";
import { postfixLog } from "../mta/postfix/index.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path = "";
let log: FollowedLog;
beforeEach(() => {
  folder = temporaryFolder("gap");
  path = join(folder.path, "mail.log");
  log = new FollowedLog(path);
});
afterEach(async () => {
  await log.end();
  folder.remove();
});

const at = (clock: string): EpochMs => Date.parse(`2026-11-24T${clock}Z`);
const line = (clock: string): string => `2026-11-24T${clock}+00:00 mx1 postfix/qmgr[812]: 4Bx: removed\n`;

test("where nobody knows how many lines are missing, it is said between which: over a restart", async () => {
  log.nowMs = at("10:00:00");
  writeFileSync(path, line("09:59:58") + line("09:59:59"));
  const first = await log.follow(postfixLog);
  await until("both lines", () => first.heard.length === 2);
  await first.stop();

  log.nowMs = at("12:00:00");
  unlinkSync(path);
  writeFileSync(path, line("11:40:00") + line("11:41:00"));
  const { heard } = await log.follow(postfixLog);
  await until("the new lines", () => heard.length === 3);
  expect(heard[0]).toMatchObject({ kind: "loss", lines: 1, atMs: log.nowMs });
  expect(heard[0]).toMatchObject({ gap: { fromMs: at("09:59:59"), toMs: at("11:40:00"), log: path } });
});

test("a line that was not finished when its file was left stands before the gap", async () => {
  log.nowMs = at("10:00:00");
  writeFileSync(`${path}.1`, "");
  writeFileSync(path, line("09:59:58"));
  const first = await log.follow(postfixLog);
  await until("the line", () => first.heard.length === 1);
  await first.stop();

  log.nowMs = at("12:00:00");
  appendFileSync(path, line("10:20:00").slice(0, -1));
  renameSync(path, `${path}.2`);
  unlinkSync(`${path}.1`);
  writeFileSync(path, line("11:40:00"));
  const { heard } = await log.follow(postfixLog);
  await until("the new lines", () => heard.length === 3);
  expect(heard.map(({ kind }) => kind)).toEqual(["log", "loss", "log"]);
  expect(heard[1]).toMatchObject({ gap: { fromMs: at("10:20:00"), toMs: at("11:40:00") } });
});

test("and while it is followed: not before the last look that missed nothing", async () => {
  log.nowMs = at("10:00:00");
  writeFileSync(path, line("09:00:00"));
  const { heard, looks } = await log.follow(postfixLog);
  await until("the line", () => heard.length === 1);
  log.nowMs = at("10:30:00");
  const before = looks();
  await until("a whole look", () => looks() > before + 1);
  truncateSync(path);
  appendFileSync(path, line("10:30:01"));
  await until("the new line", () => heard.length === 3);
  expect(heard[1]).toMatchObject({ because: "truncated", gap: { fromMs: at("10:30:00"), toMs: at("10:30:01") } });
});
