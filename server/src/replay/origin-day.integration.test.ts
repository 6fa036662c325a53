import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parserFor } from "../replay-parser.ts";
import { simulate } from "../simulate/index.ts";
import { readScenario } from "../simulate/scenario/read.ts";
import { atRate } from "../simulate/scenario/vary.ts";
import { emptyCounts, openCapture } from "./capture.ts";
import { runCapture } from "./run.ts";

const path = fileURLToPath(new URL("../../../scenarios/synaq-2016-05-11.yaml", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-played-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what is read from the played log is what really happened, minute by minute", async () => {
  const scenario = atRate(await readScenario(path), 0.25);
  const out = join(folder, "day");
  const { truth, summary } = await simulate({ scenario, out, seed: 7 });
  const counts = emptyCounts();
  const said = new Map<string, number | null>();
  await runCapture({
    capture: await openCapture(out, { parserFor }),
    counts,
    onTurn(turn, nowMs) {
      if (nowMs % 60_000 === 0) said.set(new Date(nowMs).toISOString(), turn.state.delay.headlineSeconds);
    },
  });

  expect(counts).toMatchObject({ unparsed: 0 });
  const late = truth.filter(({ headlineSeconds }) => headlineSeconds >= 300);
  const errors = late
    .map(({ at, headlineSeconds }) => Math.abs((said.get(at) ?? Infinity) - headlineSeconds) / headlineSeconds)
    .toSorted((a, b) => a - b);
  expect(late.length).toBeGreaterThan(600);
  expect(errors.at(-1)).toBeLessThan(0.05);
  expect(errors[Math.floor(errors.length * 0.9)]).toBeLessThan(0.02);
  expect(summary.recoveredAt).not.toBeNull();
});
