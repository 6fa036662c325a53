import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPostfixParser } from "../collect/mta/postfix/parse.ts";
import { LogClock } from "../collect/syslog/clock.ts";
import { simulate, type SimulateResult } from "./index.ts";
import { readScenario } from "./scenario/read.ts";
import type { Scenario } from "./scenario/schema.ts";
import { atRate } from "./scenario/vary.ts";

const path = fileURLToPath(new URL("../../../scenarios/synaq-2016-05-11.yaml", import.meta.url));
let folder = "";
let scenario: Scenario;
let day: SimulateResult;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-day-"));
  scenario = atRate(await readScenario(path), 0.3);
  day = await simulate({ scenario, out: join(folder, "day"), seed: 2 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the log is in order, every line is understood, and its balance is that of the day", async () => {
  const counts = new Map<string, number>();
  const others = new Map<string, string>();
  const arrived = new Set<string>();
  let finished = 0;
  let lines = 0;
  let backwards = 0;
  for (const node of scenario.platform.nodes) {
    const parse = createPostfixParser({ clock: new LogClock({ zone: scenario.timezone, firstYear: 2016 }) });
    let lastMs = day.fromMs;
    const log = createReadStream(join(folder, "day", node, "mail.log.gz")).pipe(createGunzip());
    for await (const line of createInterface({ input: log })) {
      const event = parse(line);
      lines++;
      const key = event.event === "delivery" ? `delivery ${event.status}` : event.event;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (event.event === "other") others.set(line.replace(/^.*?postfix/, "").replaceAll(/[0-9A-Fa-f.]+/g, "#"), line);
      if ((event.atMs ?? NaN) < lastMs) backwards += 1;
      lastMs = event.atMs ?? lastMs;
      if (event.event === "removed") finished++;
      if (event.event === "queued") arrived.add(event.queueId ?? "");
    }
  }
  expect(lines).toBe(day.lines);
  expect(backwards).toBe(0);
  expect(
    [...others.values()].filter((line) => !/warning: |connection|Connection|lost |statistics: /.test(line)),
  ).toEqual([]);
  expect(counts.get("reject")).toBeGreaterThanOrEqual(day.rejected);
  expect(counts.get("bounce-notice")).toBe(day.bounces);
  // A client may still be connected when the day ends.
  expect((counts.get("connect") ?? 0) - (counts.get("disconnect") ?? 0)).toBeLessThan(5);
  // Every accepted mail has a queue file before the scan, every clean one another, every bounce of ours one.
  expect(arrived.size).toBeGreaterThan(day.bounces);
  expect(finished).toBeLessThanOrEqual(arrived.size + day.initial);
});
