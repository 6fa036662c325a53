import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { createPseudonyms } from "../../src/capture/pseudonym/index.ts";
import { readRecording } from "../../src/capture/read-recording.ts";
import { writeCapture, type Written } from "../../src/capture/write.ts";
import { lineRenderer } from "../../src/collect/renderers.ts";
import { handOut } from "../../src/recording.ts";
import { parserFor } from "../../src/replay-parser.ts";
import { emptyCounts, openCapture } from "../../src/replay/capture.ts";
import { runCapture } from "../../src/replay/run.ts";
import { shippedScenario } from "../../src/cli/paths.ts";
import { simulate } from "../../src/simulate/index.ts";
import { readScenario } from "../../src/simulate/scenario/read.ts";
import { atRate } from "../../src/simulate/scenario/vary.ts";
import { openStateStore } from "../../src/store/embedded/state/open.ts";
import { temporaryFolder } from "../real/process.ts";
import { type LiveRun, liveThrough, type Said, saidBy } from "./live.ts";

const folder = temporaryFolder("capture");
const state = join(folder.path, "state");
let live: LiveRun;
let midMs = 0;
let endMs = 0;

beforeAll(async () => {
  const origin = atRate(await readScenario(shippedScenario("synaq-2016-05-11")), 0.05);
  const scenario = {
    ...origin,
    from: "2016-05-11T11:25",
    to: "2016-05-11T12:45",
    platform: { ...origin.platform, nodes: ["mx1"] },
  };
  const out = join(folder.path, "day");
  await simulate({ scenario, seed: 3, out });
  addCountedNode(out);
  live = await liveThrough({ folder: state, source: await openCapture(out, { parserFor }) });
  const instants = [...live.said.keys()];
  endMs = instants.at(-1) ?? 0;
  midMs = endMs - 1_800_000;
});
afterAll(() => folder.remove());

/** A node without a log, whose queues somebody counts; they grow from noon on. */
function addCountedNode(day: string): void {
  const path = join(day, "capture.yaml");
  const document = parse(readFileSync(path, "utf8")) as { nodes: unknown[] };
  writeFileSync(path, stringify({ ...document, nodes: [...document.nodes, "mx9"] }));
  mkdirSync(join(day, "mx9"));
  writeFileSync(join(day, "mx9", "queue.jsonl"), "");
  const [fromMs, noonMs, toMs] = ["09:25", "10:00", "10:45"].map((time) => Date.parse(`2016-05-11T${time}:00Z`)) as [
    number,
    number,
    number,
  ];
  const rows: string[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 30_000) {
    const count = 40 + Math.max(0, Math.round((atMs - noonMs) / 10_000));
    const queues = { incoming: { count: 2, oldestAgeSeconds: 3 }, deferred: { count, bytes: count * 900 } };
    rows.push(
      JSON.stringify({ kind: "counts", at: new Date(atMs).toISOString(), node: "mx9", queues, leftPerSecond: 0.5 }),
    );
  }
  writeFileSync(join(day, "observations.jsonl"), `${rows.join("\n")}\n`);
}

async function record(name: string, clear: boolean, fromMs = 0): Promise<Written & { readonly dir: string }> {
  const store = await openStateStore({ folder: state, recording: { keepSeconds: 86_400, maxBytes: 1 << 30 } });
  try {
    const found = await handOut(store, fromMs, endMs);
    if (found === null) throw new Error("nothing kept");
    const dir = join(folder.path, name);
    const key = randomBytes(32);
    const written = await writeCapture({
      out: dir,
      recording: await readRecording(found.chunks),
      fromMs,
      reportFromMs: midMs,
      rendererFor: lineRenderer,
      pseudonymsFor: clear ? null : (nodes) => createPseudonyms(key, nodes),
    });
    return { ...written, dir };
  } finally {
    await store.close();
  }
}

/** The whole, recorded once for all tests that do no more than read it. */
const wholes = new Map<boolean, ReturnType<typeof record>>();
function whole(clear: boolean): ReturnType<typeof record> {
  const made = wholes.get(clear) ?? record(`whole-${String(clear)}`, clear);
  wholes.set(clear, made);
  return made;
}

async function replayed(dir: string): Promise<Map<number, Said>> {
  const said = new Map<number, Said>();
  await runCapture({
    capture: await openCapture(dir, { parserFor }),
    hasPoints: true,
    onTurn: (turn, nowMs) => void said.set(nowMs, saidBy(turn)),
  });
  return said;
}

const textOf = (dir: string): string =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(gz|yaml)$/.test(name))
    .map((name) => {
      const bytes = readFileSync(join(dir, name));
      return `${name}\n${(name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")}`;
    })
    .join("\n");

test.each([
  ["with --clear", true],
  ["pseudonymised", false],
] as const)("a recording %s replays to the same windows and alerts, turn by turn", async (name, clear) => {
  const { dir, turns, lines, aside, assumptions } = await whole(clear);
  expect({ turns, lines, aside, assumptions }).toEqual({
    turns: live.said.size,
    lines: live.lines,
    aside: 0,
    assumptions: [],
  });
  const again = await replayed(dir);
  expect(again.size).toBe(live.said.size);
  const wrong = [...live.said].filter(([atMs, said]) => JSON.stringify(again.get(atMs)) !== JSON.stringify(said));
  expect(wrong.slice(0, 3).map(([atMs, said]) => [atMs, said, again.get(atMs)])).toEqual([]);
  // It must have been a day worth comparing.
  expect([...live.said.values()].at(-1)?.alerts).toMatch(/"firedAtMs":\d/);
  expect([...live.said.values()].at(-1)?.alerts).toMatch(/"counted-queues"/);
  expect(name).not.toBe("");
});

test("nothing that names anybody is in the folder", async () => {
  const { dir } = await whole(false);
  const text = textOf(dir);
  expect(text).not.toMatch(/zzplanted|\.example|\.test\b|203\.0\.113\.|198\.51\.100\.\d|192\.0\.2\./i);
  const { dir: clear } = await whole(true);
  expect(textOf(clear)).toMatch(/zzplanted/);
});

test("a recording that begins in mid-life says so, and half an hour later its windows are the same", async () => {
  const fromMs = midMs - 1_800_000;
  const { dir, assumptions } = await record("late", false, fromMs);
  expect(assumptions.join()).toMatch(/begins at .*, in mid-life/);
  const { meta } = await openCapture(dir, { parserFor });
  expect(meta.assumptions.join()).toMatch(/in mid-life/);
  expect(meta.recorded?.reportFromMs).toBe(midMs);
  const again = await replayed(dir);
  const asked = [...live.said].filter(([atMs]) => atMs >= midMs);
  expect(asked.length).toBeGreaterThan(1_000);
  expect(
    asked.filter(([atMs, said]) => JSON.stringify(flowIn(again.get(atMs))) !== JSON.stringify(flowIn(said))),
  ).toEqual([]);
});

test("until an instant, what a recording took after it does not count", async () => {
  const { dir } = await whole(true);
  const { turns } = await openCapture(dir, { parserFor });
  const [counts, all] = [emptyCounts(midMs), emptyCounts()];
  let lines = 0;
  for await (const { nowMs, observations } of turns?.(counts) ?? [])
    if (nowMs <= Math.floor(midMs / 1000) * 1000) lines += observations.filter(({ kind }) => kind !== "health").length;
  for await (const _ of turns?.(all) ?? []);
  expect(counts.lines).toBe(lines);
  expect(lines).toBeGreaterThan(0);
  expect(all.lines).toBeGreaterThan(lines);
});

/** What was counted in the minutes that a turn closed. */
function flowOf(said: Said): { readonly atMs: number; readonly fields: Readonly<Record<string, number>> }[] {
  const tiers = JSON.parse(said.points) as [
    string,
    { measurement: string; atMs: number; fields: Record<string, number> }[],
  ][];
  return tiers.flatMap(([tier, points]) =>
    tier === "1m"
      ? points.filter(({ measurement }) => measurement === "mail_flow").map(({ atMs, fields }) => ({ atMs, fields }))
      : [],
  );
}

test("the bare log of the same hours: windows as live, the headline within two per cent", async () => {
  const { dir } = await whole(false);
  const [node] = (await openCapture(dir, { parserFor })).meta.nodes;
  const bare = join(folder.path, "bare");
  mkdirSync(bare);
  cpSync(join(dir, node?.id ?? "", "mail.log.gz"), join(bare, "mail.log.gz"));
  const again = await replayed(bare);
  const [before, after] = [acceptedByMinute(live.said.values()), acceptedByMinute(again.values())];
  expect([...before.keys()].filter((atMs) => after.has(atMs)).length).toBeGreaterThan(70);
  expect([...before].filter(([atMs, accepted]) => after.has(atMs) && after.get(atMs) !== accepted)).toEqual([]);

  const headlines = new Map(
    [...again].map(([atMs, { headlineSeconds }]) => [Math.floor(atMs / 1000), headlineSeconds]),
  );
  const late = [...live.said].filter(
    ([atMs, { headlineSeconds }]) => (headlineSeconds ?? 0) >= 60 && headlines.has(Math.floor(atMs / 1000)),
  );
  expect(late.length).toBeGreaterThan(1_000);
  const wrong = late.filter(([atMs, { headlineSeconds }]) => {
    const error = Math.abs((headlines.get(Math.floor(atMs / 1000)) ?? Number.NaN) - (headlineSeconds ?? 0));
    return !(error <= Math.max(1.5, 0.02 * (headlineSeconds ?? 0)));
  });
  expect(
    wrong
      .slice(0, 3)
      .map(([atMs, { headlineSeconds }]) => [atMs, headlineSeconds, headlines.get(Math.floor(atMs / 1000))]),
  ).toEqual([]);
});

test("a folder that exists is not touched, and a recording that breaks off leaves nothing", async () => {
  await expect(record("day", true)).rejects.toThrow(/exists already/);
  const store = await openStateStore({ folder: state, recording: { keepSeconds: 86_400, maxBytes: 1 << 30 } });
  const found = await handOut(store, 0, endMs);
  const cut = async function* () {
    let left = 3;
    for await (const chunk of found?.chunks ?? []) if (left-- > 0) yield chunk;
  };
  const out = join(folder.path, "cut");
  const writing = async () =>
    writeCapture({
      out,
      recording: await readRecording(cut()),
      fromMs: 0,
      reportFromMs: 0,
      rendererFor: lineRenderer,
      pseudonymsFor: null,
    });
  await expect(writing()).rejects.toThrow();
  await store.close();
  expect(readdirSync(folder.path).filter((name) => name.startsWith("cut"))).toEqual([]);
});

const flowIn = (said: Said | undefined) => (said === undefined ? [] : flowOf(said));

const acceptedByMinute = (all: Iterable<Said>) =>
  new Map([...all].flatMap((said) => flowOf(said).map(({ atMs, fields }) => [atMs, fields["accepted"]] as const)));
