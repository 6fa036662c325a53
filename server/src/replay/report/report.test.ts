import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { smallDay, writeSmallCapture } from "../../../test/small-capture.ts";
import { parserFor } from "../../replay-parser.ts";
import { openCapture } from "../capture.ts";
import { replayReport, type ReplayReportOptions } from "./index.ts";
import { type ReportDocument, reportSchema } from "./schema.ts";

const published = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL("../../../../shared/schema/report.schema.json", import.meta.url), "utf8")),
);
let folder = "";
let whole: ReportDocument;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-report-"));
  await writeSmallCapture(folder, "small day");
  whole = await report();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const report = async (more: Partial<ReplayReportOptions> = {}) =>
  replayReport({ capture: await openCapture(folder, { parserFor }), ...more });
/** All but `run`, as text: the order of keys counts. */
const text = (said: ReportDocument) => JSON.stringify({ ...said, run: null });

test("the document is what its schema says, and says what happened", () => {
  expect(reportSchema.parse(whole)).toEqual(whole);
  expect(published.safeParse(JSON.parse(JSON.stringify(whole)))).toMatchObject({ success: true });
  expect(whole).toMatchObject({
    capture: "small day",
    from: "2016-05-11T09:00:00.000Z",
    unparsed: 0,
    lost: 0,
    sources: { distinct: 1, top: [{ ip: "192.0.2.7", messages: 480, firstAt: "2016-05-11T09:00:00.000Z" }] },
    blocklist: [],
  });
  expect(Date.parse(whole.to)).toBeGreaterThanOrEqual(smallDay.toMs - 5_000);
  expect(whole.delay.map(({ at }) => at).slice(0, 3)).toEqual([
    "2016-05-11T09:00:00.000Z",
    "2016-05-11T09:01:00.000Z",
    "2016-05-11T09:02:00.000Z",
  ]);
  expect(whole.delay.at(-1)?.headlineSeconds).toBeGreaterThan(1_000);
});

test("alerts and incidents: the decision lies after the onset, evidence is in the site's zone, the change is attached", () => {
  expect(whole.alerts.length).toBeGreaterThan(0);
  for (const { startedAt, firedAt, worstAt, evidence } of whole.alerts) {
    expect(startedAt <= firedAt && firedAt <= worstAt).toBe(true);
    expect(evidence.length).toBeGreaterThan(0);
  }
  const [incident] = whole.incidents;
  expect(incident?.changes).toEqual([{ startAt: "2016-05-11T09:09:30.000Z", title: "Code push 4182" }]);
  expect(incident?.alerts).toEqual(whole.alerts.map((_, place) => place));
  const scores = incident?.causes.map(({ score }) => score) ?? [];
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test("twice the same bytes, and the same in pieces", async () => {
  expect(text(await report())).toBe(text(whole));
  expect(text(await report({ pieceSeconds: 1_000 }))).toBe(text(whole));
  expect(text(await report({ pieceSeconds: 7 }))).toBe(text(whole));
});

test("the same bytes at any speed", async () => {
  let nowMs = 0;
  const timers = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  expect(text(await report({ speed: 60, timers }))).toBe(text(whole));
  expect(nowMs).toBeGreaterThan(2_300_000 / 60);
});

test("until an instant: what was said until then, word for word", async () => {
  const half = await report({ untilMs: smallDay.stopMs });
  expect(half.to).toBe("2016-05-11T09:10:00.000Z");
  expect(half.alerts).toEqual([]);
  // Three lines for each of 120 messages, two more for its delivery, and the deploy.
  expect(half.lines).toBe(120 * 5 + 1);
  expect(half.delay).toEqual(whole.delay.filter(({ at }) => at <= half.to));
  await expect(report({ untilMs: smallDay.fromMs })).rejects.toThrow(/nothing is left of small day/);
});

test("what would have been told outside is handed out in order; who stops gets no half report", async () => {
  const said: string[] = [];
  await report({
    notify: async (effects) => {
      said.push(...effects.map(({ channel, action, seq }) => `${channel} ${action} ${seq}`));
    },
  });
  expect(said[0]).toMatch(/trigger 1$/);
  await expect(report({ signal: AbortSignal.abort() })).rejects.toThrow(/stopped before the end/);
});
