import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lineReader } from "../collect/index.ts";
import { postfixBackoff } from "../core/model/delay-api.ts";
import { DelayModel } from "../core/model/delay-model.ts";
import type { TruthRow } from "../simulate/contract.ts";
import { generateOriginDay } from "../simulate/origin-day.ts";
import { emptyCounts, openCapture } from "./capture.ts";
import type { ParserFor } from "./contract.ts";
import { createPlayer } from "./player.ts";

const parserFor: ParserFor = (mta, context) => {
  const read = lineReader(mta, context);
  if (read === null) throw new Error(`logs of ${mta} cannot be read`);
  return read;
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-played-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what the delay model reads from the played log is what really happened, minute by minute", async () => {
  const day = await generateOriginDay({ out: join(folder, "day"), seed: 7, rate: 0.25 });
  const truth = (await readFile(day.truth, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TruthRow);
  const capture = await openCapture(day.dir, { parserFor });
  const model = new DelayModel({
    site: { id: siteId("day"), targetSeconds: 300 },
    nodes: capture.meta.nodes.map(({ id, ownDomains, ownHops }) => ({
      id,
      ownDomains,
      ownHops,
      backoff: postfixBackoff,
    })),
  });
  const said = new Map<string, number | null>();
  const counts = emptyCounts();
  const player = createPlayer({
    capture,
    counts,
    speed: Infinity,
    turn: async ({ nowMs, observations }) => {
      for (const one of observations) model.apply(one);
      if (nowMs % 60_000 === 0) said.set(new Date(nowMs).toISOString(), model.evaluate(nowMs).delay.headlineSeconds);
    },
  });
  player.play();
  await player.done;

  expect(counts).toMatchObject({ unparsed: 0, late: 0 });
  const wrong = truth.filter(({ at, headlineSeconds }) => {
    const error = Math.abs((said.get(at) ?? NaN) - headlineSeconds);
    return headlineSeconds >= 60 && !(error <= Math.max(2, headlineSeconds * 0.05));
  });
  expect(wrong.map(({ at, headlineSeconds }) => [at, headlineSeconds, said.get(at)])).toEqual([]);
  expect(truth.filter(({ headlineSeconds }) => headlineSeconds >= 60).length).toBeGreaterThan(600);
  expect(model.totals).toMatchObject({ accepted: day.accepted + day.initial, waiting: day.waiting, unexplained: 0 });
});
