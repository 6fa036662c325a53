import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../test/real/process.ts";
import type { Effect } from "../../../core/alert/signal.ts";
import type { Commit, StateStore } from "../../state.ts";
import { openEngine } from "../engine.ts";
import { type StateStoreOptions, openStateStore } from "./open.ts";

const dayMs = 86_400_000;

function folder(): string {
  const made = temporaryFolder("state");
  onTestFinished(() => made.remove());
  return made.path;
}
async function open(path = folder(), more: Partial<StateStoreOptions> = {}): Promise<StateStore> {
  const store = await openStateStore({ folder: path, ...more });
  onTestFinished(() => store.close());
  return store;
}
const turn = (journalSeq: number, more: Partial<Commit> = {}): Commit => ({
  journalSeq,
  nowMs: journalSeq * 1_000,
  journal: Buffer.from(`turn ${journalSeq}`),
  positions: new Map(),
  points: [],
  notifications: [],
  ...more,
});
const notify = (dedupKey: string, seq: number, notifier = "pager") => ({
  notifier,
  dedupKey,
  effect: { seq, summary: `${dedupKey} ${seq}` } as unknown as Effect,
});
async function journalOf(store: StateStore): Promise<string[]> {
  const rows: string[] = [];
  for await (const { journal } of (await store.recover()).journal()) rows.push(Buffer.from(journal).toString());
  return rows;
}
const due = async (store: StateStore, nowMs: number, notifier = "pager"): Promise<string[]> =>
  (await store.dueNotifications(notifier, nowMs, 100)).map(({ effect }) => effect.summary);

test("of a checkpoint that fails nothing stays to fill the disk, of the first one neither", async () => {
  const path = folder();
  const store = await open(path);
  const staged = (): unknown => {
    const engine = openEngine(join(path, "state.db"));
    try {
      return engine.prepare("SELECT count(*), coalesce(sum(length(body)), 0) FROM checkpoint_chunk").one();
    } finally {
      engine.close();
    }
  };
  const failing = (journalSeq: number): Promise<void> => {
    const parts = new Map([
      ["model", { format: 1, text: "m".repeat(1 << 20) }],
      // Nothing that the table takes.
      ["broken", { format: Number.NaN, text: "b" }],
    ]);
    return store.saveCheckpoint({ journalSeq, nowMs: 1, parts });
  };
  await store.commit(turn(1));
  await expect(failing(1)).rejects.toThrow("NOT NULL");
  expect(staged()).toEqual([0, 0]);
  expect(await journalOf(store)).toEqual(["turn 1"]);
  const parts = new Map([["model", { format: 1, text: "sound" }]]);
  await store.saveCheckpoint({ journalSeq: 1, nowMs: 1, parts });
  await store.commit(turn(2));
  await expect(failing(2)).rejects.toThrow("NOT NULL");
  expect(staged()).toEqual([1, 5]);
  expect((await store.recover()).checkpoint).toEqual({ journalSeq: 1, nowMs: 1, parts });
  expect(await journalOf(store)).toEqual(["turn 2"]);
});

test("recovery stands where the last commit stood, above the last checkpoint", async () => {
  const path = folder();
  const first = await open(path);
  expect(await first.recover()).toMatchObject({ checkpoint: null, positions: new Map() });
  await first.commit(
    turn(1, {
      positions: new Map([
        ["log", "10"],
        ["queue", "a"],
      ]),
    }),
  );
  await first.commit(turn(2, { positions: new Map([["log", "20"]]) }));
  const parts = new Map([
    ["model", { format: 3, text: "😀".repeat(400_001) }],
    ["empty", { format: 1, text: "" }],
  ]);
  await first.saveCheckpoint({ journalSeq: 1, nowMs: 5, parts });
  await first.close();
  const again = await open(path);
  const { checkpoint, positions } = await again.recover();
  expect(checkpoint).toEqual({ journalSeq: 1, nowMs: 5, parts });
  expect(positions).toEqual(
    new Map([
      ["log", "20"],
      ["queue", "a"],
    ]),
  );
  expect(await journalOf(again)).toEqual(["turn 2"]);
  await again.saveCheckpoint({ journalSeq: 2, nowMs: 6, parts: new Map() });
  expect((await again.recover()).checkpoint?.parts).toEqual(new Map());
  expect(await journalOf(again)).toEqual([]);
});

test("a turn that is sent again counts once; another under its number is refused whole", async () => {
  const store = await open();
  const same = turn(1, { notifications: [notify("a", 1)] });
  await store.commit(same);
  await store.commit(same);
  expect(await due(store, 9e9)).toEqual(["a 1"]);
  const other = turn(1, { journal: Buffer.from("other"), positions: new Map([["log", "9"]]) });
  await expect(store.commit(other)).rejects.toThrow(/turn 1 is already in the journal/);
  expect((await store.recover()).positions.size).toBe(0);
  expect(await journalOf(store)).toEqual(["turn 1"]);
});

test("commits go on while a large checkpoint is saved, and none is lost", async () => {
  const store = await open();
  await store.commit(turn(1));
  const done = new AbortController();
  const text = "x".repeat(40 << 20);
  const saving = store
    .saveCheckpoint({ journalSeq: 1, nowMs: 1, parts: new Map([["big", { format: 1, text }]]) })
    .then(() => done.abort());
  let seq = 1;
  while (!done.signal.aborted) await store.commit(turn(++seq));
  await saving;
  expect(seq).toBeGreaterThan(5);
  expect(await journalOf(store)).toHaveLength(seq - 1);
  expect((await store.recover()).checkpoint?.parts.get("big")?.text).toBe(text);
});

test("the outbox gives the oldest of each key, never past one that waits", async () => {
  const store = await open();
  await store.commit(
    turn(1, { notifications: [notify("a", 1), notify("a", 2), notify("b", 1), notify("a", 1, "web")] }),
  );
  expect(await due(store, 0)).toEqual(["a 1", "b 1"]);
  expect(await due(store, 0, "web")).toEqual(["a 1"]);
  const [a1, b1] = await store.dueNotifications("pager", 0, 10);
  await store.settleNotification(a1?.id ?? 0, { outcome: "retry", notBeforeMs: 5_000, error: "busy" });
  await store.settleNotification(b1?.id ?? 0, { outcome: "refused", atMs: 100, error: "bad key" });
  expect(await due(store, 4_999)).toEqual([]);
  // By a clock that was set back by a day.
  expect(await due(store, 5_000 - dayMs)).toEqual(["a 1"]);
  expect(await store.dueNotifications("pager", 5_000, 10)).toMatchObject([{ id: a1?.id, attempts: 1 }]);
  expect(await store.outboxSummary()).toEqual({ waiting: 3, oldestAtMs: 1_000, lastError: "bad key", refused: 1 });
  await store.settleNotification(a1?.id ?? 0, { outcome: "sent", atMs: 6_000 });
  expect(await due(store, 6_000)).toEqual(["a 2"]);
  const [a2] = await store.dueNotifications("pager", 6_000, 1);
  await store.settleNotification(a2?.id ?? 0, { outcome: "sent", atMs: 8 * dayMs });
  expect(await store.outboxSummary()).toEqual({ waiting: 1, oldestAtMs: 1_000, lastError: null, refused: 0 });
});

test("a full spool drops its oldest points and keeps the count over a restart", async () => {
  const path = folder();
  const point = {
    measurement: "mail_sources",
    tags: { site: "x".repeat(900) },
    atMs: 1,
    fields: { distinct: 1 },
  } as const;
  const store = await open(path, { spoolLimitBytes: 10_000 });
  for (let seq = 1; seq <= 20; seq++) await store.commit(turn(seq, { points: [{ tier: "10s", points: [point] }] }));
  const summary = await store.spoolSummary();
  expect(summary.bytes).toBeLessThanOrEqual(10_000);
  expect(summary.rows + summary.droppedPoints).toBe(20);
  const rows = await store.spooledPoints(100);
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: summary.rows }, (_, i) => 21 - summary.rows + i));
  expect(rows[0]?.points).toEqual([point]);
  await store.forgetSpooled(rows[1]?.id ?? 0);
  await store.close();
  const again = await open(path, { spoolLimitBytes: 10_000 });
  expect(await again.spoolSummary()).toMatchObject({ rows: summary.rows - 2, droppedPoints: summary.droppedPoints });
});

test("small values are kept, replaced and removed", async () => {
  const store = await open();
  expect(await store.get("install")).toBeNull();
  await store.set("install", "a'b");
  await store.set("install", "ü");
  expect(await store.get("install")).toBe("ü");
  await store.set("install", null);
  expect(await store.get("install")).toBeNull();
  await store.audit({ atMs: 1, principal: "p", action: "login", detail: "x".repeat(100_000) });
});

test("a second server on the folder is refused in words; after closing it may come", async () => {
  const path = folder();
  const store = await open(path);
  await expect(openStateStore({ folder: path })).rejects.toMatchObject({ name: "StateRefused" });
  await expect(openStateStore({ folder: path })).rejects.toThrow(/another Mailtide is running on it/);
  await store.close();
  await store.close();
  await expect(store.get("x")).rejects.toThrow(/closed/);
  await open(path);
});

test("state of a newer program is refused", async () => {
  const path = folder();
  await (await open(path)).close();
  const engine = openEngine(`${path}/state.db`);
  engine.exec("PRAGMA user_version=999");
  engine.close();
  await expect(openStateStore({ folder: path })).rejects.toThrow(/newer Mailtide/);
});

test("a folder that cannot be made is told with the key that names another", async () => {
  const inTheWay = join(folder(), "in-the-way");
  writeFileSync(inTheWay, "");
  await expect(openStateStore({ folder: join(inTheWay, "state") })).rejects.toMatchObject({
    name: "StateRefused",
    message: expect.stringMatching(
      /^the state folder .*in-the-way\/state cannot be made: a file stands in its way; .*server\.state or \$MAILTIDE_STATE$/,
    ),
  });
});
