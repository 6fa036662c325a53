import { unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FollowedLog } from "../../../test/following.ts";
import { temporaryFolder, until } from "../../../test/real/process.ts";
import { pack } from "../../../test/real/zstd.ts";
import { kumomtaLog } from "../mta/kumomta/index.ts";

let folder: ReturnType<typeof temporaryFolder>;
let log: FollowedLog;
beforeEach(() => {
  folder = temporaryFolder("segment-gap");
  log = new FollowedLog(folder.path);
});
afterEach(async () => {
  await log.end();
  folder.remove();
});

const at = (clock: string): EpochMs => Date.parse(`2026-11-24T${clock}Z`);
const record = (clock: string): string =>
  `${JSON.stringify({ type: "Reception", id: clock, timestamp: at(clock) / 1000 })}\n`;
/** A segment that is at its end. */
const put = (name: string, packed: Buffer): void => writeFileSync(join(folder.path, name), packed, { mode: 0o444 });

test("of segments that are gone nobody knows how many lines were in them", async () => {
  log.nowMs = at("10:00:00");
  put("20261124-095900", pack(record("09:59:00")));
  const first = await log.follow(kumomtaLog);
  await until("the line", () => first.heard.length === 1);
  await first.stop();

  log.nowMs = at("12:00:00");
  unlinkSync(join(folder.path, "20261124-095900"));
  put("20261124-114000", pack(record("11:40:00")));
  const { heard } = await log.follow(kumomtaLog);
  await until("the new line", () => heard.length === 2);
  expect(heard[0]).toMatchObject({ kind: "loss", because: "rotated-away", lines: 1 });
  expect(heard[0]).toMatchObject({ gap: { fromMs: at("09:59:00"), toMs: at("11:40:00"), log: folder.path } });
});

test("what a killed writer left unfinished is missing behind the lines that are there, and before those of the next", async () => {
  log.nowMs = at("12:00:00");
  const whole = Buffer.concat(["09:00:00", "09:10:00"].map((clock) => pack(record(clock))));
  put("20261124-090000", Buffer.concat([whole, pack(record("09:20:00")).subarray(0, -5)]));
  put("20261124-114000", pack(record("11:40:00")));
  const { heard } = await log.follow(kumomtaLog);
  await until("all of both", () => heard.length === 4);
  expect(heard.map(({ kind }) => kind)).toEqual(["log", "log", "loss", "log"]);
  expect(heard[2]).toMatchObject({ because: "truncated", gap: { fromMs: at("09:10:00"), toMs: at("11:40:00") } });
});
