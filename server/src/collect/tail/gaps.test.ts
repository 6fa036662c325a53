import { mkdtempSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drain } from "../../../test/draining.ts";
import { until } from "../../../test/real/process.ts";
import { LineSource } from "./source.ts";

let folder = "";
let path = "";
let source: LineSource;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailtide-gaps-"));
  path = join(folder, "mail.log");
  source = new LineSource({ path, from: "start" });
});
afterEach(async () => {
  await source.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ["the next log", ["three"]],
  ["one that was rotated away since", ["three", "four"]],
])(
  "a follower stands still over the next rotation of a log whose old files are deleted at once: %s",
  async (_, lines) => {
    writeFileSync(path, "one\n");
    await drain(source);
    unlinkSync(path);
    const { ctimeMs } = statSync(folder);
    // What was written to the log in between is in no file any more.
    await until("a while", () => Date.now() > ctimeMs + 5_100);
    for (const [index, line] of lines.entries())
      writeFileSync(index === lines.length - 1 ? path : `${path}.1`, `${line}\n`);
    expect(await drain(source)).toMatchObject({ lines, losses: ["rotated-away"] });
  },
);

test.each([
  ["came at once: no gap", "", []],
  ["is packed: nothing tells when it came", ".gz", ["rotated-away"]],
])("the file that was read is deleted, and the next one %s", async (_, packed, losses) => {
  writeFileSync(path, "one\n");
  await drain(source);
  const before = statSync(path).mtimeMs;
  unlinkSync(path);
  const next = `${path}.1${packed}`;
  await until("it to be newer", () => {
    writeFileSync(next, packed === "" ? "two\n" : gzipSync("two\n"));
    return statSync(next).mtimeMs > before;
  });
  writeFileSync(path, "three\n");
  expect(await drain(source)).toMatchObject({ lines: ["two", "three"], losses });
});

test("a gap stands behind the unfinished line of the file before it", async () => {
  writeFileSync(`${path}.1`, "zero\n");
  writeFileSync(path, "one\nunfinished");
  await drain(source);
  renameSync(`${path}.1`, `${path}.3`);
  renameSync(path, `${path}.2`);
  writeFileSync(path, "four\n");
  const { lines, loss } = await source.read();
  expect(lines.map(({ bytes }) => bytes.toString())).toEqual(["unfinished", "four"]);
  expect(loss).toEqual({ because: "rotated-away", lines: 1, isAtLeast: true, afterLines: 1 });
});
