import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachedOriginDay } from "./demo-capture.ts";
import { generateOriginDay } from "./origin-day.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-day-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const small = { rate: 0.05, from: "11:00", to: "13:00" } as const;

test("the same seed gives the same bytes, another seed another day", async () => {
  const hashes: string[] = [];
  for (const [name, seed] of Object.entries({ a: 5, b: 5, c: 6 })) {
    await generateOriginDay({ ...small, seed, out: join(folder, name) });
    hashes.push(await hashOf(folder, name));
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

test("no message is lost or made up", async () => {
  const day = await generateOriginDay({ ...small, seed: 1, out: join(folder, "day") });
  expect(day.accepted).toBeGreaterThan(500);
  expect(day.initial + day.accepted).toBe(day.delivered + day.blocked + day.returned + day.waiting);
  const truth = (await readFile(day.truth, "utf8")).trim().split("\n");
  expect(truth).toHaveLength(120);
  expect(JSON.parse(truth.at(-1) ?? "")).toMatchObject({ at: "2016-05-11T11:00:00.000Z", accepted: day.accepted });
});

test("it says how far it is, and stops when told", async () => {
  const stop = new AbortController();
  const shares: number[] = [];
  const work = generateOriginDay({
    ...small,
    seed: 1,
    out: join(folder, "day"),
    signal: stop.signal,
    onProgress: ({ share }) => {
      shares.push(share);
      if (share >= 0.1) stop.abort(new Error("enough"));
    },
  });
  await expect(work).rejects.toThrow("enough");
  expect(shares).toHaveLength(12);
});

const day = (more: object) => generateOriginDay({ ...small, seed: 1, out: join(folder, "x"), ...more });
test("options that make no day are refused in words", async () => {
  await expect(day({ rate: 0 })).rejects.toThrow("rate must be a number above 0");
  await expect(day({ from: "14:00" })).rejects.toThrow("before it begins at 14:00");
  await expect(day({ to: "soon" })).rejects.toThrow('"soon" is not a time of day');
});

test("a kept day is used again, half a day never", async () => {
  const options = { rate: 0.02, seed: 3, from: "11:30", to: "11:50", folder: join(folder, "kept") };
  const dir = await cachedOriginDay(options);
  expect(dir).toBe(join(folder, "kept", "origin-day-3-0.02-1130-1150"));
  const first = await readdir(options.folder);
  let generated = 0;
  const again = { ...options, onProgress: () => void generated++ };
  await cachedOriginDay(again);
  expect(generated).toBe(0);

  await rm(join(dir, "complete.json"));
  await cachedOriginDay(again);
  expect(generated).toBe(20);
  expect(await readdir(options.folder)).toEqual(first);
  expect(first).toEqual(["origin-day-3-0.02-1130-1150", "origin-day-3-0.02-1130-1150.truth.jsonl"]);
});

test("two processes that make the same day at once both get it", async () => {
  const options = { rate: 0.02, seed: 4, from: "11:30", to: "11:40", folder };
  const [a, b] = await Promise.all([cachedOriginDay(options), cachedOriginDay(options)]);
  expect(a).toBe(b);
  expect(await readdir(a)).toContain("complete.json");
});

async function hashOf(folder: string, name: string): Promise<string> {
  const hash = createHash("sha256");
  const paths = [
    ...(await readdir(join(folder, name), { recursive: true })).map((path) => join(name, path)),
    `${name}.truth.jsonl`,
  ];
  for (const path of paths.sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = await readFile(join(folder, path)).catch(() => null);
    if (bytes !== null) hash.update(bytes);
  }
  return hash.digest("hex");
}
