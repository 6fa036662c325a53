import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EpochMs, nodeId } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import { dayMs } from "../../test/index/indexed.ts";
import { temporaryFolder, until } from "../../test/real/process.ts";
import type { LogObservation } from "../core/observation.ts";
import { encodeTick } from "../flow/journal.ts";
import type { CommittedTurn } from "./message-index.ts";
import { type MessageIndexOptions, type OpenedIndex, openMessageIndex } from "./open.ts";

const folder = temporaryFolder("index");
let index: OpenedIndex | null = null;
afterEach(async () => {
  await index?.close();
  index = null;
  folder.remove();
});

async function open(options: Partial<MessageIndexOptions> = {}): Promise<OpenedIndex> {
  await index?.close();
  index = await openMessageIndex({ folder: folder.path, keepSeconds: 3_600, maxBytes: 1 << 30, ...options });
  if (index === null) throw new Error("no index");
  return index;
}

/** A turn with messages from `from` on, each of five lines. */
function turn(journalSeq: number, nowMs: EpochMs, from: number, count: number, pad = ""): CommittedTurn {
  const observations: LogObservation[] = [];
  const line = (event: LogObservation["event"]): void =>
    void observations.push({ kind: "log", node: nodeId("mx1"), atMs: nowMs, event });
  for (let i = from; i < from + count; i++) {
    const queueId = `A${i.toString(16).toUpperCase().padStart(9, "0")}`;
    line({ event: "client", process: "postfix/smtpd", queueId, clientIp: "192.0.2.7" });
    line({ event: "queued", process: "postfix/cleanup", queueId, messageId: `${i}${pad}@shop.example` });
    line({
      event: "message",
      process: "postfix/qmgr",
      queueId,
      from: `s${i % 50}@shop.example`,
      size: 4_821,
      nrcpt: 1,
    });
    line({
      event: "delivery",
      process: "postfix/smtp",
      queueId,
      to: `r${i}@own.example`,
      status: "sent",
      relayIp: "10.0.0.9",
    });
    line({ event: "removed", process: "postfix/qmgr", queueId });
  }
  const journal = encodeTick({ nowMs, observations, commands: [], pagesSent: [] });
  return { journalSeq, facts: observations.length, journal };
}

const settled = (to: OpenedIndex, hops: number): Promise<unknown> =>
  until(`${hops} queue files`, () => to.figures().hops === hops || to.figures().problem !== null);

test("what was taken is there after a restart, and a turn that comes again is not taken twice", async () => {
  const first = await open();
  expect(first.lastSeq).toBe(0);
  first.take(turn(1, dayMs, 0, 100));
  first.take(turn(2, dayMs + 1_000, 100, 100));
  await settled(first, 200);
  const second = await open();
  expect(second.lastSeq).toBe(2);
  second.take(turn(2, dayMs + 1_000, 100, 100));
  second.take(turn(3, dayMs + 2_000, 200, 1));
  await settled(second, 201);
  expect(second.figures()).toMatchObject({ hops: 201, lostFacts: 0, problem: null, oldestMs: dayMs });
  expect((await second.find({ by: "address", value: "r150@own.example" })).messages).toHaveLength(1);
  // The folder is for its user alone.
  expect(statSync(folder.path).mode & 0o077).toBe(0);
});

test("a state that was put back to an earlier turn is followed on", async () => {
  const first = await open();
  first.take(turn(50, dayMs, 0, 1));
  await settled(first, 1);
  await first.rewind(10);
  first.take(turn(11, dayMs + 1_000, 1, 1));
  await settled(first, 2);
});

test("what is too old is forgotten, whatever it is found by", async () => {
  const keeping = await open({ keepSeconds: 60 });
  keeping.take(turn(1, dayMs, 0, 300));
  keeping.take(turn(2, dayMs + 30_000, 300, 10));
  await settled(keeping, 310);
  keeping.take(turn(3, dayMs + 61_000, 310, 1));
  await settled(keeping, 11);
  expect(keeping.figures()).toMatchObject({ forgottenForAge: 300, forgottenForRoom: 0, oldestMs: dayMs + 30_000 });
  expect((await keeping.find({ by: "messageId", value: "5@shop.example" })).messages).toEqual([]);
  expect((await keeping.find({ by: "domain", value: "shop.example", limit: 200 })).messages).toHaveLength(11);
  keeping.take(turn(4, dayMs + 200_000, 311, 0));
  await settled(keeping, 0);
  // Nothing is left behind that would find it.
  expect(keeping.figures().bytes).toBeLessThan(64 << 10);
});

test("it stays under its size: the oldest go, and are counted", async () => {
  const maxBytes = 3 << 20;
  const small = await open({ maxBytes });
  for (let i = 0; i < 40; i++) small.take(turn(i + 1, dayMs + i * 1_000, i * 500, 500));
  small.take(turn(100, dayMs + 50_000, 20_000, 1));
  await until(
    "the last turn",
    async () => (await small.find({ by: "messageId", value: "20000@shop.example" })).messages.length > 0,
  );
  const { hops, bytes, forgottenForRoom, forgottenForAge, lostFacts, problem } = small.figures();
  expect([problem, lostFacts, forgottenForAge]).toEqual([null, 0, 0]);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
  expect(hops + forgottenForRoom).toBe(20_001);
  expect(hops).toBeGreaterThan(2_000);
  expect(hops).toBeLessThan(18_000);
  await small.close();
  const files = readdirSync(folder.path).map((name) => statSync(join(folder.path, name)).size);
  expect(Math.max(...files)).toBeLessThan(2 * maxBytes);
});

test("what cannot wait for it is lost and counted, and it goes on", async () => {
  const narrow = await open({ maxWaitingBytes: 20_000 });
  const turns = Array.from({ length: 50 }, (_, i) => turn(i + 1, dayMs + i * 1_000, i * 100, 100));
  for (const each of turns) narrow.take(each);
  const { lostFacts } = narrow.figures();
  expect(lostFacts).toBeGreaterThan(0);
  expect(lostFacts % 500).toBe(0);
  await settled(narrow, (50 * 500 - lostFacts) / 5);
  narrow.take(turn(60, dayMs + 60_000, 9_000, 1));
  await settled(narrow, (50 * 500 - lostFacts) / 5 + 1);
});

test("damage in its midst that a turn comes upon is put aside with the whole, and nothing after it is lost", async () => {
  const path = join(folder.path, "index.db");
  const sound = await open();
  sound.take(turn(1, dayMs, 0, 2_000));
  await settled(sound, 2_000);
  await sound.close();
  const bytes = readFileSync(path);
  // The first page, which holds what tables there are, is whole.
  writeFileSync(path, bytes.fill(0xa5, 4_096 * 8));
  const troubles: (string | null)[] = [];
  const anew = await open({ trouble: (problem) => troubles.push(problem) });
  anew.take(turn(2, dayMs + 1_000, 2_000, 10));
  anew.take(turn(3, dayMs + 2_000, 2_010, 10));
  await settled(anew, 20);
  await anew.settled();
  expect(anew.figures()).toMatchObject({ hops: 20, lostFacts: 0, problem: null });
  expect(troubles).toEqual([expect.stringContaining("index.db.damaged"), null]);
  expect((await anew.find({ by: "messageId", value: "2015@shop.example" })).messages).toHaveLength(1);
});

test("a damaged one is put aside; without a time to keep, nothing is kept", async () => {
  const path = join(folder.path, "index.db");
  const sound = await open();
  sound.take(turn(1, dayMs, 0, 10));
  await settled(sound, 10);
  await sound.close();
  writeFileSync(path, "this is no database, but something else that is long enough".repeat(100));
  const troubles: (string | null)[] = [];
  const anew = await open({ trouble: (problem) => troubles.push(problem) });
  expect(anew.lastSeq).toBe(0);
  expect(troubles[0]).toContain("index.db.damaged");
  anew.take(turn(1, dayMs, 0, 10));
  await settled(anew, 10);
  await anew.close();
  expect(await openMessageIndex({ folder: folder.path, keepSeconds: 0, maxBytes: 1 << 30 })).toBeNull();
  expect([path, `${path}.damaged`, `${path}-wal`].filter((each) => existsSync(each))).toEqual([]);
});
