import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LiveState } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { someIncident, stateAt } from "../../../test/serving.ts";
import { GroupEncoder, OpenGroup } from "./group.ts";
import { MarkBook } from "./marks.ts";
import { FrameStore } from "./store.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-frames-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Second `n` of a recording in which one section changes now and then, and hostile text stands in another. */
function state(n: number): LiveState {
  const calm = stateAt(n);
  const headlineSeconds = Math.floor(n / 7);
  return {
    ...calm,
    meta: { ...calm.meta, site: { ...calm.meta.site, name: 'a\n"b\u2028{}' } },
    delay: { ...calm.delay, headlineSeconds },
  };
}

async function keep(store: FrameStore, states: Iterable<LiveState>): Promise<void> {
  const encoder = new GroupEncoder();
  for (const one of states) {
    const group = encoder.add(one);
    if (group === null) continue;
    await store.append(group);
    encoder.stepSeconds = store.stepSeconds ?? encoder.stepSeconds;
    if (store.stepSeconds === null) return;
  }
  const rest = encoder.end();
  if (rest !== null) await store.append(rest);
}
const seconds = (count: number): LiveState[] => Array.from({ length: count }, (_, n) => state(n));

test("any second comes back as it was, in any order, and nothing lies under a name on disk", async () => {
  const store = await FrameStore.open({ folder });
  const all = seconds(400);
  await keep(store, all);
  expect(await readdir(folder)).toEqual([]);
  for (const n of [0, 399, 1, 60, 61, 59, 200, 3, 200, 398]) {
    expect((await store.at(state(n).meta.nowMs))?.state).toEqual(all[n]);
  }
  expect((await store.at(state(250).meta.nowMs + 999))?.state).toEqual(all[250]);
  expect((await store.at(0))?.state).toEqual(all[0]);
  expect((await store.at(Number.MAX_SAFE_INTEGER))?.state).toEqual(all[399]);
  expect(store.lastMs).toBe(state(399).meta.nowMs);
  await store.close();
});

test("the first second can be shown before a minute is computed", () => {
  const encoder = new GroupEncoder();
  expect(encoder.add(state(0))).toBeNull();
  expect(encoder.add(state(1))?.fromMs).toBe(state(0).meta.nowMs);
});

test("of several turns of one instant the last one counts", () => {
  const encoder = new GroupEncoder();
  const last = { ...state(5), delay: { ...state(5).delay, headlineSeconds: 999 } };
  for (const one of [state(5), state(5), last]) expect(encoder.add(one)).toBeNull();
  const group = encoder.end();
  expect(new OpenGroup(group?.body ?? new Uint8Array()).at(0).delay.headlineSeconds).toBe(999);
});

test("sections that did not change stay the same objects, so that they are not compared again", () => {
  const encoder = new GroupEncoder();
  const groups = seconds(80).flatMap((one) => encoder.add(one) ?? []);
  const group = new OpenGroup(groups[1]?.body ?? new Uint8Array());
  const [a, b] = [group.at(state(9).meta.nowMs), group.at(state(10).meta.nowMs)];
  expect(a.meta).not.toBe(b.meta);
  expect(a.queues).toBe(b.queues);
});

test("a recording that fills its room is kept in coarser steps, then no further, and what is kept stays right", async () => {
  const store = await FrameStore.open({ folder, limitBytes: 12_000 });
  await keep(store, seconds(6_000));
  const found = await store.at(state(100).meta.nowMs);
  expect(found).toEqual({ state: state(100), stepSeconds: 1 });
  const lastMs = store.lastMs ?? 0;
  const end = await store.at(lastMs);
  expect(end?.stepSeconds).toBeGreaterThan(1);
  expect(end?.state.meta.nowMs).toBe(lastMs);
  expect(lastMs).toBeGreaterThan(state(1_000).meta.nowMs);
  await store.close();
});

test("marks: an incident stands where it was first seen, changes once, and the least urgent give way", () => {
  const book = new MarkBook();
  expect(book.note(stateAt(1))).toBe(true);
  expect(book.note(stateAt(2))).toBe(false);
  expect(book.marks().marks).toMatchObject([{ atMs: stateAt(1).meta.nowMs, kind: "page" }]);
  const tickets = Array.from({ length: 80 }, (_, n) => ({ ...someIncident, id: `t${n}`, severity: "ticket" }));
  const { incidents } = stateAt(3);
  book.note({ ...stateAt(3), incidents: { ...incidents, incidents: tickets as never } });
  const { marks, marksLeftOut } = book.marks();
  expect(marks).toHaveLength(60);
  expect(marksLeftOut).toBe(21);
  expect(marks[0]?.kind).toBe("page");
});
