import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallCapture } from "../test/small-capture.ts";
import type { Effect } from "./core/alert/signal.ts";
import { openCapture } from "./replay/capture.ts";
import { replayReport, type ReportDocument } from "./replay/report/index.ts";
import { parserFor } from "./replay-parser.ts";
import { isWorthThread, replayInThread } from "./replay-thread.ts";

let folder = "";
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "mailtide-thread-")), "day");
  await writeSmallCapture(folder, "small day");
});
afterAll(() => rm(join(folder, ".."), { recursive: true, force: true }));

const work = () => ({ dir: folder, year: null, zone: null, speed: null, top: 5, untilMs: null, notifies: true });
const lasting = (document: ReportDocument): unknown => ({ ...document, run: null });
const note = (told: Effect[]) => async (effects: readonly Effect[]) => void told.push(...effects);
const refuse = () => Promise.reject(new Error("nobody hears"));

test("a thread reports and tells what is reported and told without one", async () => {
  const here: Effect[] = [];
  const there: Effect[] = [];
  const capture = await openCapture(folder, { parserFor });
  const expected = await replayReport({ capture, top: 5, notify: note(here) });
  const report = await replayInThread(work(), { notify: note(there) });
  expect(lasting(report)).toEqual(lasting(expected));
  expect(there).toEqual(here);
  expect(there.length).toBeGreaterThan(0);
  expect(await isWorthThread(folder)).toBe(false);
});

test("what cannot be told, a stop and a folder that is none end it with their own words", async () => {
  await expect(replayInThread(work(), { notify: refuse })).rejects.toThrow("nobody hears");
  await expect(replayInThread(work(), { signal: AbortSignal.abort() })).rejects.toThrow("stopped before the end");
  await expect(replayInThread({ ...work(), dir: `${folder}-not` }, {})).rejects.toThrow("does not exist");
});
