import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drain } from "../../../test/draining.ts";
import { LineSource, type LineSourceOptions } from "./source.ts";

let folder = "";
let path = "";
const sources: LineSource[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailtide-tail-"));
  path = join(folder, "mail.log");
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  rmSync(folder, { recursive: true });
});

function sourceOf(options: Partial<LineSourceOptions> = {}): LineSource {
  const source = new LineSource({ path, from: "start", ...options });
  sources.push(source);
  return source;
}

test("an unfinished line waits for its newline, and is not part of the position", async () => {
  writeFileSync(path, "one\ntw");
  const source = sourceOf();
  expect((await drain(source)).lines).toEqual(["one"]);
  appendFileSync(path, "o\nthree\n");
  const { lines, position } = await drain(source);
  expect(lines).toEqual(["two", "three"]);
  expect(position?.offset).toBe(14);
});

test("goes on at the exact byte", async () => {
  writeFileSync(path, "one\ntwo\nthr");
  const { position } = await drain(sourceOf());
  appendFileSync(path, "ee\nfour\n");
  expect((await drain(sourceOf({ position }))).lines).toEqual(["three", "four"]);
});

test("rotation by rename: what the writer adds to the old file until it turns comes first", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  renameSync(path, `${path}.1`);
  writeFileSync(path, "");
  appendFileSync(`${path}.1`, "two\n");
  expect((await drain(source)).lines).toEqual(["two"]);
  appendFileSync(`${path}.1`, "three\nunfinished");
  appendFileSync(path, "four\n");
  expect(await drain(source)).toMatchObject({ lines: ["three", "unfinished", "four"], losses: [] });
});

test("rotation with the old file deleted at once", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  appendFileSync(path, "two\n");
  unlinkSync(path);
  writeFileSync(path, "three\n");
  expect(await drain(source)).toMatchObject({ lines: ["two", "three"], losses: [] });
});

test("several rotations while nobody looked", async () => {
  writeFileSync(path, "one\n");
  const { position } = await drain(sourceOf());
  appendFileSync(path, "two\n");
  for (const line of ["three\n", "four\n", "five\n"]) {
    if (existsSync(`${path}.2`)) renameSync(`${path}.2`, `${path}.3`);
    if (existsSync(`${path}.1`)) renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, line);
  }
  expect(await drain(sourceOf({ position }))).toMatchObject({
    lines: ["two", "three", "four", "five"],
    losses: [],
  });
});

test("copy-truncate: the rest is read from the copy", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  appendFileSync(path, "two\nthr");
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  appendFileSync(path, "a new line that makes the file longer than it was\n");
  expect(await drain(source)).toMatchObject({
    lines: ["two", "thr", "a new line that makes the file longer than it was"],
    losses: [],
  });
});

test("emptied without a copy: said as a possible loss", async () => {
  writeFileSync(path, "one\ntwo\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  appendFileSync(path, "three\n");
  expect(await drain(source)).toMatchObject({ lines: ["three"], losses: ["truncated"] });
});

test("same size, other content", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  writeFileSync(path, "two\n");
  expect(await drain(source)).toMatchObject({ lines: ["two"], losses: ["truncated"] });
});

test("the first start looks back to whole lines only; a log that appears later is read from its start", async () => {
  writeFileSync(path, "one\ntwo\nthree\n");
  expect((await drain(sourceOf({ from: "end", lookbackBytes: 8 }))).lines).toEqual(["three"]);
  expect((await drain(sourceOf({ from: "end", lookbackBytes: 6 }))).lines).toEqual(["three"]);
  expect((await drain(sourceOf({ from: "end", lookbackBytes: 0 }))).lines).toEqual([]);
  unlinkSync(path);
  const source = sourceOf({ from: "end", lookbackBytes: 0 });
  await expect(source.read()).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(path, "one\n");
  expect((await drain(source)).lines).toEqual(["one"]);
});

test("an over-long line is cut and the rest of it skipped", async () => {
  writeFileSync(path, `${"x".repeat(200_000)}\nshort\n`);
  const source = sourceOf({ chunkBytes: 10_000 });
  const lines = [];
  for (;;) {
    const read = await source.read();
    lines.push(...read.lines.map(({ bytes, truncated }) => [bytes.length, truncated]));
    if (read.atEnd) break;
  }
  expect(lines).toEqual([
    [65_536, true],
    [5, false],
  ]);
});

test.each([false, true])(
  "copied and emptied again before anything of it was read (over a restart: %s)",
  async (dies) => {
    writeFileSync(path, "one\n");
    let source = sourceOf();
    expect((await drain(source)).lines).toEqual(["one"]);
    const copyTruncate = (): void => {
      if (existsSync(`${path}.2`)) renameSync(`${path}.2`, `${path}.3`);
      if (existsSync(`${path}.1`)) renameSync(`${path}.1`, `${path}.2`);
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    };
    copyTruncate();
    const { position } = await drain(source);
    appendFileSync(path, "two\n");
    copyTruncate();
    appendFileSync(path, "three\n");
    copyTruncate();
    appendFileSync(path, "four\n");
    if (dies) source = sourceOf({ position });
    expect(await drain(source)).toMatchObject({ lines: ["two", "three", "four"], losses: [] });
  },
);

test("emptied and filled again with the same end where reading stood: its beginning tells", async () => {
  const long = "x".repeat(300);
  writeFileSync(path, `one\n${long}\n`);
  const source = sourceOf();
  await drain(source);
  writeFileSync(path, `two\n${long}\nthree\n`);
  expect(await drain(source)).toMatchObject({ lines: ["two", long, "three"], losses: ["truncated"] });
});

test("an empty log that is renamed and only then written to comes before the one that followed it", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  await drain(source);
  renameSync(path, `${path}.2`);
  appendFileSync(`${path}.2`, "two\n");
  writeFileSync(`${path}.1`, "three\n");
  writeFileSync(path, "four\n");
  expect(await drain(source)).toMatchObject({ lines: ["two", "three", "four"], losses: [] });
});

test("an old copy that is packed once the log was seen empty is no new one", async () => {
  writeFileSync(`${path}.1`, "zero\n");
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  await drain(source);
  execFileSync("gzip", [`${path}.1`]);
  appendFileSync(path, "two\n");
  expect(await drain(source)).toMatchObject({ lines: ["two"], losses: [] });
});

test("a log that was seen empty, then written to, copied and emptied: the copy comes first", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  await drain(source);
  appendFileSync(path, "two\n");
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  appendFileSync(path, "three\n");
  expect(await drain(source)).toMatchObject({ lines: ["two", "three"], losses: [] });
});

test("a copy that is being made of what an empty log now holds is no second log", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  expect((await drain(source)).losses).toEqual(["truncated"]);
  appendFileSync(path, "two\nthree\n");
  writeFileSync(`${path}.1`, "two\nth");
  expect((await drain(source)).lines).toEqual(["two", "three"]);
  writeFileSync(`${path}.1`, "two\nthree\n");
  truncateSync(path);
  appendFileSync(path, "four\n");
  expect(await drain(source)).toMatchObject({ lines: ["four"], losses: [] });
});

test("the first piece of a line in an emptied log is not joined to what comes after it is emptied again", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  truncateSync(path);
  await drain(source);
  appendFileSync(path, "tw");
  expect((await drain(source)).lines).toEqual([]);
  truncateSync(path);
  appendFileSync(path, "three four\n");
  expect(await drain(source)).toMatchObject({ lines: ["three four"], losses: ["truncated"] });
});

test("a compressed file is refused with what to do instead, and read once it is there unpacked", async () => {
  writeFileSync(path, Buffer.from("28b52ffd2400010000", "hex"));
  const source = sourceOf({ from: "end" });
  await expect(source.read()).rejects.toThrow(/compressed with zstd.*name the folder.*zstd -dc/);
  await expect(source.read()).rejects.toThrow(/zstd/);
  writeFileSync(path, gzipSync("a\n"));
  await expect(source.read()).rejects.toThrow(/gzip -dc/);
  writeFileSync(path, "a\nb\n");
  expect((await drain(source)).lines).toEqual(["a", "b"]);
});

test("a pipe, a device and a folder are no logs: each is said at once, and holds up no other file", async () => {
  execFileSync("mkfifo", [path]);
  const source = sourceOf();
  // As many as there are threads to open files with.
  for (let n = 0; n < 5; n++) await expect(source.read()).rejects.toThrow(/it is a pipe.*stdin: true/);
  unlinkSync(path);
  symlinkSync("/dev/zero", path);
  await expect(source.read()).rejects.toThrow("it is a device, not a file");
  unlinkSync(path);
  mkdirSync(path);
  await expect(source.read()).rejects.toMatchObject({ code: "EISDIR" });
  rmSync(path, { recursive: true });
  for (let n = 1; n <= 5; n++) execFileSync("mkfifo", [`${path}.${n}`]);
  writeFileSync(path, "one\n");
  expect((await drain(source)).lines).toEqual(["one"]);
});

test("what takes the place of a log and cannot be read is said, once the old file is read to its end", async () => {
  writeFileSync(path, "one\n");
  const source = sourceOf();
  await drain(source);
  appendFileSync(path, "two\n");
  unlinkSync(path);
  mkdirSync(path);
  expect((await source.read()).lines.map(({ bytes }) => bytes.toString())).toEqual(["two"]);
  await expect(source.read()).rejects.toMatchObject({ code: "EISDIR" });
  rmSync(path, { recursive: true });
  writeFileSync(path, "three\n");
  expect((await drain(source)).lines).toEqual(["three"]);
});
