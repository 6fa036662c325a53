import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drain, type Drained } from "../../../test/draining.ts";
import { need, temporaryFolder, until } from "../../../test/real/process.ts";
import type { FilePosition } from "./position.ts";
import { LineSource } from "./source.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path = "";
let position: FilePosition | undefined;
beforeEach(() => {
  folder = temporaryFolder("rotation");
  path = join(folder.path, "log", "mail.log");
  execFileSync("mkdir", ["-m", "0750", join(folder.path, "log")]);
  position = undefined;
});
afterEach(() => folder.remove());

/** As an administrator has it, run now. */
function rotate(...directives: readonly string[]): void {
  const rules = join(folder.path, "rules");
  writeFileSync(rules, [`${path} {`, "  create 0640", ...directives.map((each) => `  ${each}`), "}", ""].join("\n"));
  execFileSync(need("logrotate", "logrotate"), ["-f", "-s", join(folder.path, "state"), rules], { stdio: "pipe" });
}

/** Starts where the last run stood, and is killed in the end: what was read last counts. */
async function run(most?: number, chunkBytes?: number, olddir?: string): Promise<Drained> {
  const chunks = chunkBytes === undefined ? {} : { chunkBytes };
  const source = new LineSource({ path, from: "start", position, olddir, ...chunks });
  const drained = await drain(source, most);
  position = drained.position;
  await source.close();
  return drained;
}

/** More than one look takes, and so that none is like another. */
const lines = (name: string): string[] =>
  Array.from({ length: 3_000 }, (_, at) => `${name} ${at} ${(at * 7_919 + name.charCodeAt(0)).toString(36).repeat(4)}`);
const write = (name: string): void => appendFileSync(path, `${lines(name).join("\n")}\n`);

const packers = {
  gzip: [],
  zstd: ["compresscmd /usr/bin/zstd", "compressext .zst", "compressoptions -q"],
  xz: ["compresscmd /usr/bin/xz", "compressext .xz"],
  bzip2: ["compresscmd /usr/bin/bzip2", "compressext .bz2"],
};
const ways: [string, string[]][] = [
  ["not packed", []],
  ["copied and emptied", ["copytruncate"]],
  ["packed one later", ["compress", "delaycompress"]],
  ["copied, and packed one later", ["copytruncate", "compress", "delaycompress"]],
  ["copied, and packed at once", ["copytruncate", "compress"]],
  ...Object.entries(packers).map(([name, how]): [string, string[]] => [
    `packed at once by ${name}`,
    ["compress", ...how],
  ]),
];

test.each(ways)("several rotations while nobody looked: %s", async (_, how) => {
  write("a");
  expect((await run()).lines).toEqual(lines("a"));
  for (const name of ["b", "c", "d"]) {
    write(name);
    rotate("rotate 9", ...how);
  }
  write("e");
  const { lines: read, losses } = await run();
  expect(read).toEqual(["b", "c", "d", "e"].flatMap(lines));
  expect(losses).toEqual([]);
});

test.each(ways)("killed after every look, and rotated on between them: %s", async (_, how) => {
  write("a");
  await run();
  for (const name of ["b", "c", "d"]) {
    write(name);
    rotate("rotate 30", ...how);
  }
  write("e");
  const all: string[] = [];
  for (let look = 0; look < 30; look++) {
    const { lines: read, losses } = await run(1, 20_000);
    expect(losses).toEqual([]);
    all.push(...read);
    if (look % 8 !== 5) continue;
    rotate("rotate 30", ...how);
    appendFileSync(path, `rotated at ${look}\n`);
  }
  all.push(...(await run()).lines);
  const rest = [5, 13, 21, 29].map((look) => `rotated at ${look}`);
  expect(all).toEqual([...["b", "c", "d", "e"].flatMap(lines), ...rest]);
});

test("rotated files with a date, packed meanwhile, are read in their order", async () => {
  write("a");
  await run();
  for (const name of ["b", "c"]) {
    write(name);
    const there = readdirSync(join(folder.path, "log")).length;
    // Two within a second would have the same name.
    await until("a name that is free", () => {
      rotate("rotate 9", "dateext", "dateformat -%Y%m%d-%s", "compress");
      return readdirSync(join(folder.path, "log")).length > there;
    });
  }
  write("d");
  expect(await run()).toMatchObject({ lines: ["b", "c", "d"].flatMap(lines), losses: [] });
});

test.each([
  ["beside the log, as it is written there", "../old"],
  ["anywhere", ""],
])("rotated into another folder (olddir): %s", async (_, said) => {
  const old = join(folder.path, "old");
  execFileSync("mkdir", ["-m", "0750", old]);
  const olddir = said === "" ? old : said;
  write("a");
  await run(undefined, undefined, olddir);
  for (const name of ["b", "c", "d"]) {
    write(name);
    rotate("rotate 9", `olddir ${olddir}`, "compress", "delaycompress");
  }
  write("e");
  const before = position;
  expect(await run(undefined, undefined, olddir)).toMatchObject({
    lines: ["b", "c", "d", "e"].flatMap(lines),
    losses: [],
  });
  position = before;
  expect(await run()).toMatchObject({ lines: lines("e"), losses: ["rotated-away"] });
});

test.each([["start 2"], ["start 5"], ["start 0"]])(
  "numbers that do not begin with one (%s) are no gap",
  async (start) => {
    write("a");
    await run();
    write("b");
    rotate("rotate 9", start);
    write("c");
    expect(await run()).toMatchObject({ lines: ["b", "c"].flatMap(lines), losses: [] });
    for (const name of ["d", "e"]) {
      write(name);
      rotate("rotate 9", start, "compress", "delaycompress");
    }
    write("f");
    expect(await run()).toMatchObject({ lines: ["d", "e", "f"].flatMap(lines), losses: [] });
    // But the newest one that is gone is.
    for (const name of ["g", "h"]) {
      write(name);
      rotate("rotate 9", start);
    }
    write("i");
    rmSync(`${path}.${start.slice(-1)}`);
    expect(await run()).toMatchObject({ lines: ["g", "i"].flatMap(lines), losses: ["rotated-away"] });
  },
);

test("packed while it is still being read: nothing of it comes twice", async () => {
  write("a");
  const source = new LineSource({ path, from: "start" });
  await drain(source);
  write("b");
  rotate("rotate 9", "compress");
  expect(await drain(source)).toMatchObject({ lines: lines("b"), losses: [] });
  write("c");
  rotate("rotate 9", "compress");
  write("d");
  expect(await drain(source)).toMatchObject({ lines: ["c", "d"].flatMap(lines), losses: [] });
  await source.close();
});

test("a packed file that the packer left beside the plain one is not read again", async () => {
  write("a");
  await run();
  for (const name of ["b", "c"]) {
    write(name);
    rotate("rotate 9");
  }
  for (const at of [1, 2]) execFileSync("gzip", ["-k", `${path}.${at}`]);
  write("d");
  const { lines: read, losses } = await run();
  expect(read).toEqual(["b", "c", "d"].flatMap(lines));
  expect(losses).toEqual([]);
  expect((await run()).lines).toEqual([]);
});

test("of two copies that hold what was read it goes on in the newer one: the other is older than what was read", async () => {
  write("a");
  await run();
  writeFileSync(`${path}.2`, `${[...lines("a"), ...lines("z")].join("\n")}\n`);
  utimesSync(`${path}.2`, new Date(), new Date(Date.now() - 86_400_000));
  write("b");
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  write("c");
  const { lines: read, losses } = await run();
  expect(read).toEqual(["b", "c"].flatMap(lines));
  expect(losses).toEqual([]);
});

test("the file that was read is deleted: a loss; those that came after it and are there are read", async () => {
  write("a");
  await run();
  for (const name of ["b", "c", "d", "e"]) {
    write(name);
    rotate("rotate 2", "compress");
  }
  write("f");
  const { lines: read, losses } = await run();
  expect(read).toEqual(["d", "e", "f"].flatMap(lines));
  // The new log may have been given the inode of the deleted one: then it looks emptied.
  expect(losses).toHaveLength(1);
});

test("all that was rotated away is deleted, or was moved elsewhere", async () => {
  write("a");
  await run();
  write("b");
  rotate("rotate 2");
  renameSync(`${path}.1`, join(folder.path, "elsewhere"));
  write("c");
  expect(await run()).toMatchObject({ lines: lines("c"), losses: ["rotated-away"] });
});

test("emptied twice in place while nobody looked, with one copy kept: what is there is read, the rest is a loss", async () => {
  write("a");
  await run();
  for (const name of ["b", "c", "d"]) {
    write(name);
    rotate("rotate 1", "copytruncate");
  }
  write("e");
  expect(await run()).toMatchObject({ lines: ["d", "e"].flatMap(lines), losses: ["truncated"] });
});

test.each([
  ["between two others", 2, ["b", "d", "e"]],
  ["before the log itself", 1, ["b", "c", "e"]],
])("a rotated file that is missing %s is a loss", async (_, number, there) => {
  write("0");
  rotate("rotate 9", "compress", "delaycompress");
  write("a");
  await run();
  for (const name of ["b", "c", "d"]) {
    write(name);
    rotate("rotate 9", "compress", "delaycompress");
  }
  write("e");
  rmSync(number === 1 ? `${path}.1` : `${path}.${number}.gz`);
  expect(await run()).toMatchObject({ lines: there.flatMap(lines), losses: ["rotated-away"] });
});

test.each([
  ["in which reading stood", 3, "gzip", ["c", "d", "e"], "rotated-away"],
  ["between others", 2, "gzip", ["b", "d", "e"], "unreadable"],
  ["between others", 2, "zstd", ["b", "d", "e"], "unreadable"],
  ["between others", 2, "xz", ["b", "d", "e"], "unreadable"],
  ["between others", 2, "bzip2", ["b", "d", "e"], "unreadable"],
] as const)(
  "a packed file %s (%i, %s) is damaged: nothing comes twice, and the rest of it is a loss",
  async (_, number, how, whole, because) => {
    write("a");
    await run();
    for (const name of ["b", "c", "d"]) {
      write(name);
      rotate("rotate 9", "compress", "delaycompress", ...packers[how]);
    }
    write("e");
    const packed = readdirSync(dirname(path)).find((name) => name.startsWith(`mail.log.${number}.`));
    const damaged = join(dirname(path), packed ?? "none");
    const { atime, mtime } = statSync(damaged);
    truncateSync(damaged, 10_000);
    utimesSync(damaged, atime, mtime);
    const { lines: read, losses } = await run();
    const known = new Set(whole.flatMap((name) => lines(name)));
    expect(read.filter((line) => known.has(line))).toEqual([...known]);
    // Where it breaks off, a line does.
    const parts = read.filter((line) => !known.has(line));
    expect(parts.slice(0, -1)).toEqual(number === 2 ? lines("c").slice(0, Math.max(0, parts.length - 1)) : []);
    // What zstd and bzip2 pack together is damaged together.
    expect(parts.length > 100).toBe(number === 2 && (how === "gzip" || how === "xz"));
    expect(losses).toEqual([because]);
  },
);

test("the log is emptied, and begins again as it began, with what it held before its end changed", async () => {
  const head = `${"the same first line, ".repeat(50)}\n`;
  appendFileSync(path, head);
  write("a");
  await run();
  writeFileSync(path, head);
  write("b");
  write("c");
  expect(await run()).toMatchObject({
    lines: [head.slice(0, -1), ...["b", "c"].flatMap(lines)],
    losses: ["truncated"],
  });
});
