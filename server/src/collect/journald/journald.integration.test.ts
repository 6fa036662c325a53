import { chmodSync } from "node:fs";
import { collectorId, nodeId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningJournal, startJournald } from "../../../test/real/journald.ts";
import { until } from "../../../test/real/process.ts";
import type { Observation } from "../../core/observation.ts";
import { collectLines } from "../lines/collect-lines.ts";
import { createPostfixParser } from "../mta/postfix/parse.ts";
import { LogClock } from "../syslog/clock.ts";
import { followJournal } from "./follow.ts";

let journal: RunningJournal;
beforeAll(async () => {
  journal = await startJournald();
});
afterAll(() => journal?.stop());

/** One life of the collector; what it told and where it stood. */
function follow(position?: unknown, command: readonly string[] = ["journalctl"]) {
  const told: Observation[] = [];
  const life = { told, position, health: "" };
  const collector = collectLines({
    id: collectorId("mx1/postfix-log"),
    node: nodeId("mx1"),
    required: true,
    limitSeconds: 10,
    log: "the journal",
    way: followJournal({ units: [], lookback: 3_600, command: [...command, `--directory=${journal.folder}`] }),
    createParser: () => createPostfixParser({ clock: new LogClock({ zone: "UTC", firstYear: 2026 }) }),
  });
  void collector.start({
    position,
    now: () => Date.now(),
    sink: async (batch) => {
      told.push(...batch.observations);
      life.position = batch.position ?? life.position;
    },
    health: (state, problem) => void (life.health = problem ?? state),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  const ids = (): string[] => told.flatMap((one) => (one.kind === "log" ? (one.event.queueId ?? "-") : []));
  return {
    life,
    ids,
    stop: () => collector.stop(),
    heard: (id: string) => until(`the line of ${id}`, () => ids().includes(id)),
  };
}

const removed = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `${idOf(from + at)}: removed`);
const idOf = (number: number): string => (0xa00000 + number).toString(16).toUpperCase();
const idsOf = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => idOf(from + at));

test("a real journal is followed, goes on behind the last line after a kill, and over rotation", async () => {
  journal.log(removed(0, 50));
  journal.log(["BBBBBB: removed"], "cron", "cron");
  const first = follow();
  await first.heard(idOf(49));
  journal.log(removed(50, 60));
  await first.heard(idOf(59));
  await until("a healthy word", () => first.life.health === "ok");
  expect(first.ids()).toEqual(idsOf(0, 60));
  expect(first.life.told[0]).toMatchObject({ event: { event: "removed", process: "postfix/qmgr" } });
  // What it was killed in the middle of is not committed: the next life knows the position only.
  const { position } = first.life;
  await first.stop();

  journal.log(removed(60, 70));
  journal.rotate();
  journal.log(removed(70, 80));
  const second = follow(position);
  await second.heard(idOf(79));
  journal.rotate();
  journal.log(removed(80, 90));
  await second.heard(idOf(89));
  expect(second.ids()).toEqual(idsOf(60, 90));
  expect(second.life.told.some(({ kind }) => kind === "loss")).toBe(false);
  await second.stop();
});

test("what the journal forgot meanwhile is counted", async () => {
  journal.log(removed(100, 200));
  const before = follow();
  await before.heard(idOf(199));
  await before.stop();
  journal.log(removed(200, 400));
  journal.rotate();
  journal.vacuum();
  journal.log(removed(400, 410));
  const after = follow(before.life.position);
  await after.heard(idOf(409));
  expect(after.ids()).toEqual(idsOf(400, 410));
  const [loss] = after.life.told.filter(({ kind }) => kind === "loss");
  expect(loss).toMatchObject({ because: "rotated-away" });
  // The journal numbers the lines of all programs: ours are their usual part of them.
  const lines = loss?.kind === "loss" ? loss.lines : 0;
  expect(lines).toBeGreaterThan(100);
  expect(lines).toBeLessThan(300);
  const { position } = after.life;
  await after.stop();
  // Told once.
  const again = follow(position);
  journal.log(removed(410, 411));
  await again.heard(idOf(410));
  expect(again.life.told.filter(({ kind }) => kind === "loss")).toEqual([]);
  await again.stop();
});

const fields = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from("SYSLOG_IDENTIFIER=postfix/qmgr\nSYSLOG_FACILITY=2\n"), message, Buffer.from("\n")]);

test("messages of several lines, of bytes that are no UTF-8, and huge ones are one line each", async () => {
  const life = follow();
  journal.send(fields(Buffer.from("MESSAGE=CCCC01: removed\nMESSAGE=second line")));
  journal.send(fields(Buffer.concat([Buffer.from("MESSAGE=CCCC02: removed "), Buffer.from([0xff, 0xfe, 0x07])])));
  journal.send(fields(Buffer.from(`MESSAGE=CCCC03: removed ${"x".repeat(100_000)}`)));
  journal.send(fields(Buffer.from("MESSAGE=CCCC04: removed")));
  await life.heard("CCCC04");
  const ours = life.life.told.flatMap((one) =>
    one.kind === "log" && one.event.queueId?.startsWith("CCCC") === true ? [one.event] : [],
  );
  expect(ours.map(({ queueId }) => queueId)).toEqual(["CCCC01", "CCCC02", "CCCC03", "CCCC04"]);
  expect(ours.map(({ truncated }) => truncated === true)).toEqual([false, false, true, false]);
  await life.stop();
});

test("a journal that may not be read is said with the group that may", async () => {
  chmodSync(journal.folder, 0o755);
  const life = follow(undefined, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "journalctl"]);
  await until("the complaint", () => /systemd-journal or adm/.test(life.life.health));
  await life.stop();
});
