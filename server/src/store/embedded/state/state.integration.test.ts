import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../test/real/process.ts";
import type { Commit } from "../../state.ts";
import { openStateStore, type StateStoreOptions } from "./open.ts";

const folder = (): string => {
  const made = temporaryFolder("state");
  onTestFinished(made.remove);
  return made.path;
};
const turn = (journalSeq: number, more: Partial<Commit> = {}): Commit => ({
  journalSeq,
  nowMs: journalSeq * 1000,
  journal: Buffer.from(`turn ${journalSeq}`),
  positions: new Map(),
  points: [],
  notifications: [],
  ...more,
});
const open = async (path: string, more: Partial<StateStoreOptions> = {}) => {
  const store = await openStateStore({ folder: path, ...more });
  onTestFinished(() => store.close());
  return store;
};

test("x", async () => {
  const path = folder();
  const store = await open(path);
  await store.commit(turn(1, { positions: new Map([["a", "1"]]) }));
  await expect(openStateStore({ folder: path })).rejects.toThrow(/another Mailtide/);
  await store.saveCheckpoint({
    journalSeq: 1,
    nowMs: 5,
    parts: new Map([
      ["p", { format: 1, text: "😀".repeat(400_001) }],
      ["q", { format: 2, text: "" }],
    ]),
  });
  await store.commit(turn(2));
  await store.commit(turn(2));
  await store.close();
  const again = await open(path);
  const r = await again.recover();
  expect(r.positions.get("a")).toBe("1");
  expect(r.checkpoint?.parts.get("p")?.text).toBe("😀".repeat(400_001));
  const rows = [];
  for await (const row of r.journal()) rows.push([row.journalSeq, Buffer.from(row.journal).toString()]);
  expect(rows).toEqual([[2, "turn 2"]]);
  await again.close();
});
