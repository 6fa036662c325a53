import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scenarioSchema } from "../scenario/schema.ts";
import { tinyDay } from "./testing/memory-day.ts";
import { tinyWorld } from "./testing/tiny-world.ts";
import { writeDay } from "./write-day.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-day-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scenario = scenarioSchema.parse({ ...tinyDay, platform: { nodes: ["mx1", "mx2"] } });
const world = tinyWorld({ session: (_plain, number) => ({ hostile: number % 40 === 7 }) });
const write = (name: string, seed = 1) => writeDay({ scenario, seed, out: join(folder, name) }, world);

test("the same options give the same bytes, another seed another day", async () => {
  const hashes: string[] = [];
  for (const [name, seed] of Object.entries({ a: 5, b: 5, c: 6 })) {
    await write(name, seed);
    hashes.push(await hashOf(name));
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

test("a capture says what it is, and the truth stands beside it", async () => {
  const day = await write("day");
  expect(await readFile(join(folder, "day", "capture.yaml"), "utf8")).toMatch(/^version: 1\nname: tiny\n/);
  expect((await readdir(join(folder, "day"))).sort()).toEqual(
    ["capture.yaml", "changes.jsonl", "mx1", "mx2", "observations.jsonl", "probes.jsonl"].sort(),
  );
  const rows = (await readFile(join(folder, "day.truth.jsonl"), "utf8")).trim().split("\n");
  expect(rows).toHaveLength(61);
  expect(JSON.parse(rows[59] ?? "")).toMatchObject({ at: "2016-05-11T11:00:00.000Z", accepted: day.accepted });
  expect(JSON.parse(rows[60] ?? "")).toMatchObject({ summary: { scenario: "tiny", seed: 1 } });
  expect(day.blocked).toBeGreaterThan(50);
  expect(day.initial + day.accepted).toBe(day.delivered + day.blocked + day.returned + day.waiting);
});

test("of a day that is stopped nothing is left", async () => {
  const stop = new AbortController();
  const shares: number[] = [];
  const work = writeDay(
    {
      scenario,
      seed: 1,
      out: join(folder, "day"),
      signal: stop.signal,
      onProgress: ({ share }) => {
        shares.push(share);
        if (share >= 0.1) stop.abort(new Error("enough"));
      },
    },
    world,
  );
  await expect(work).rejects.toThrow("enough");
  expect(shares).toHaveLength(6);
  expect(await readdir(folder)).toEqual([]);
});

test("what is there already is not written over, and stays", async () => {
  await write("day");
  const before = await hashOf("day");
  await expect(write("day", 2)).rejects.toThrow("day exists already");
  expect(await hashOf("day")).toBe(before);
  // The truth of a day of that name too, whose folder is gone.
  await rm(join(folder, "day"), { recursive: true });
  const stop = AbortSignal.abort(new Error("enough"));
  await expect(writeDay({ scenario, seed: 1, out: join(folder, "day"), signal: stop }, world)).rejects.toThrow(
    "enough",
  );
  expect(await readdir(folder)).toEqual(["day.truth.jsonl"]);
});

async function hashOf(name: string): Promise<string> {
  const hash = createHash("sha256");
  const inside = await readdir(join(folder, name), { recursive: true });
  const paths = [...inside.map((path) => join(name, path)), `${name}.truth.jsonl`].sort((a, b) => (a < b ? -1 : 1));
  for (const path of paths) {
    const bytes = await readFile(join(folder, path)).catch(() => null);
    // The seed is told in the truth; the day is what is compared.
    if (bytes !== null) hash.update(bytes.toString("latin1").replace(/"seed":\d+/, ""));
  }
  return hash.digest("hex");
}
