import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLines, type Line } from "./lines.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-lines-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function linesOf(name: string, bytes: string | Uint8Array): Promise<Line[]> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const all: Line[] = [];
  for await (const lines of readLines(path)) all.push(...lines);
  return all;
}

test("ends of line, empty lines and a last line without an end", async () => {
  const lines = await linesOf("a.log", "one\r\n\ntwo\nthree");
  expect(lines.map(({ text, number }) => [text, number])).toEqual([
    ["one", 1],
    ["", 2],
    ["two", 3],
    ["three", 4],
  ]);
  expect(await linesOf("b.log", "")).toEqual([]);
});

test("what is longer than 64 KiB is cut and says so, and the next line is whole", async () => {
  for (const length of [65_537, 300_000, 1_000_000]) {
    const lines = await linesOf("long.log", `before\n${"x".repeat(length)}\nafter\n`);
    expect(lines.map(({ text, truncated }) => [text.length, truncated])).toEqual([
      [6, false],
      [65_536, true],
      [5, false],
    ]);
  }
  const [exact] = await linesOf("exact.log", `${"x".repeat(65_536)}\n`);
  expect(exact).toMatchObject({ truncated: false });
  const [open] = await linesOf("open.log", "y".repeat(200_000));
  expect(open).toMatchObject({ truncated: true, number: 1 });
});

test("packed files, characters across portions, and bytes that are no UTF-8", async () => {
  const text = `${"äöü€".repeat(20_000)}\n`.repeat(3);
  expect((await linesOf("u.log.gz", gzipSync(text))).map((line) => line.text)).toEqual(
    (await linesOf("u.log", text)).map((line) => line.text),
  );
  // As zstd, whatever the name: a frame of one block that repeats one byte.
  const same = Buffer.from("28b52ffd20052b000078", "hex");
  expect((await linesOf("any.log", same)).map((line) => line.text)).toEqual(["xxxxx"]);
  expect((await linesOf("bad.log", Uint8Array.of(0x61, 0xff, 0x62, 0x0a)))[0]?.text).toBe("a\ufffdb");
});

test("plain portions before, between and behind those with other characters", async () => {
  const plain = `${"plain ".repeat(30_000)}\n`.repeat(2);
  const other = `${"x€".repeat(10_000)}\n`;
  const text = plain + other + plain + other + other + plain;
  const lines = await linesOf("mixed.log", text);
  expect(lines.map((line) => line.text)).toEqual(
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(0, 65_536)),
  );
});

test("a file that cannot be read or unpacked is named", async () => {
  await expect(linesOf("broken.log.gz", "no gzip at all")).rejects.toThrow(
    /broken\.log\.gz: cannot be read: incorrect header/,
  );
  const cut = Buffer.from("28b52ffd2400010000", "hex");
  await expect(linesOf("cut.log.zst", cut.subarray(0, 8))).rejects.toThrow(
    /cut\.log\.zst: cannot be read: it ends within a zstd frame/,
  );
  const missing = readLines(join(folder, "none.log"));
  await expect(missing.next()).rejects.toThrow(/none\.log: does not exist/);
  const missingPacked = readLines(join(folder, "none.log.gz"));
  await expect(missingPacked.next()).rejects.toThrow(/none\.log\.gz: does not exist/);
});
