import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPostfixParser } from "../collect/mta/postfix/parse.ts";
import { LogClock } from "../collect/syslog/clock.ts";
import type { OriginDayResult, TruthRow } from "./contract.ts";
import { clock, zone } from "./day.ts";
import { generateOriginDay } from "./origin-day.ts";

let folder = "";
let day: OriginDayResult;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-day-"));
  day = await generateOriginDay({ out: join(folder, "day"), seed: 2, rate: 0.3 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("mail is as late as it was on the day", async () => {
  const truth = new Map(
    (await readFile(day.truth, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TruthRow)
      .map((row) => [row.at, row]),
  );
  const hours = (at: string) => (truth.get(new Date(clock(at)).toISOString())?.headlineSeconds ?? NaN) / 3600;
  expect(hours("11:30")).toBeLessThan(1 / 60);
  expect(Math.round(hours("15:03"))).toBe(3);
  for (const at of ["17:43", "18:34"]) expect(Math.abs(hours(at) - 6)).toBeLessThan(0.9);
  expect(hours("24:02")).toBeLessThan(1 / 12);
  const worst = Math.max(...[...truth.values()].map((row) => row.headlineSeconds / 3600));
  expect(worst).toBeGreaterThan(5.5);
  expect(worst).toBeLessThan(8);
});

test("the log is in order, every line is understood, and its balance is that of the day", async () => {
  const counts = new Map<string, number>();
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const arrived = new Set<string>();
  let finished = 0;
  let lines = 0;
  for (const node of ["mx1", "mx2"]) {
    const parse = createPostfixParser({ clock: new LogClock({ zone, firstYear: 2016 }) });
    let lastMs = day.fromMs;
    const log = createReadStream(join(day.dir, node, "mail.log.gz")).pipe(createGunzip());
    for await (const line of createInterface({ input: log })) {
      const event = parse(line);
      lines++;
      count(event.event === "delivery" ? `delivery ${event.status}` : event.event);
      expect(event.atMs).toBeGreaterThanOrEqual(lastMs);
      lastMs = event.atMs ?? lastMs;
      if (event.event === "other") expect(event.reason ?? line).toMatch(/Connection timed out/);
      if (event.event === "removed") finished++;
      if (event.event === "queued") arrived.add(event.queueId ?? "");
    }
  }
  expect(lines).toBe(day.lines);
  expect(counts.get("reject")).toBe(day.rejected);
  expect(counts.get("bounce-notice")).toBe(day.bounces);
  expect(counts.get("delivery bounced")).toBeGreaterThan(day.blocked);
  expect(counts.get("connect")).toBe(counts.get("disconnect"));
  // Every accepted mail has a queue file before the scan, every clean one another, every bounce of ours one.
  expect(arrived.size).toBeGreaterThan(day.accepted + day.bounces);
  expect(finished).toBeLessThanOrEqual(arrived.size + day.initial);
  expect(arrived.size + day.initial - finished).toBeLessThan(200);
});
