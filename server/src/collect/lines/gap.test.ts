import { appendFileSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EpochMs, nodeId } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder, until } from "../../../test/real/process.ts";
import type { Observation } from "../../core/observation.ts";
import { postfixLog } from "../mta/postfix/index.ts";
import { SyslogHub } from "../syslog-in/hub.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path = "";
let nowMs: EpochMs = 0;
let position: unknown;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = temporaryFolder("gap");
  path = join(folder.path, "mail.log");
  position = undefined;
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  folder.remove();
});

const at = (clock: string): EpochMs => Date.parse(`2026-11-24T${clock}Z`);
const line = (clock: string): string => `2026-11-24T${clock}+00:00 mx1 postfix/qmgr[812]: 4Bx: removed\n`;

/** Goes on where the last one stood. */
async function follow(): Promise<{ readonly heard: Observation[]; looks(): number; stop(): Promise<void> }> {
  const config = postfixLog.config.parse({ path, from: "start" });
  const collector = postfixLog.create(config, { id: nodeId("mx1"), timezone: "UTC", syslog: new SyslogHub({}) });
  const heard: Observation[] = [];
  let looks = 0;
  await collector.start({
    position,
    now: () => nowMs,
    sink: async (batch) => {
      heard.push(...batch.observations);
      position = JSON.parse(JSON.stringify(batch.position));
    },
    health: () => (looks += 1),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  const stop = (): Promise<void> => collector.stop();
  stops.push(stop);
  return { heard, looks: () => looks, stop };
}

test("where nobody knows how many lines are missing, it is said between which: over a restart", async () => {
  nowMs = at("10:00:00");
  writeFileSync(path, line("09:59:58") + line("09:59:59"));
  const first = await follow();
  await until("both lines", () => first.heard.length === 2);
  await first.stop();

  nowMs = at("12:00:00");
  unlinkSync(path);
  writeFileSync(path, line("11:40:00") + line("11:41:00"));
  const second = await follow();
  await until("the new lines", () => second.heard.length === 3);
  expect(second.heard[0]).toMatchObject({ kind: "loss", lines: 1, atMs: nowMs });
  expect(second.heard[0]).toMatchObject({ gap: { fromMs: at("09:59:59"), toMs: at("11:40:00") } });
});

test("and while it is followed: not before the last look that missed nothing", async () => {
  nowMs = at("10:00:00");
  writeFileSync(path, line("09:00:00"));
  const { heard, looks } = await follow();
  await until("the line", () => heard.length === 1);
  nowMs = at("10:30:00");
  const before = looks();
  await until("a whole look", () => looks() > before + 1);
  truncateSync(path);
  appendFileSync(path, line("10:30:01"));
  await until("the new line", () => heard.length === 3);
  expect(heard[1]).toMatchObject({ because: "truncated", gap: { fromMs: at("10:30:00"), toMs: at("10:30:01") } });
});
