import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder, until } from "../../../test/real/process.ts";
import { type GrowingSegment, growSegment, pack } from "../../../test/real/zstd.ts";
import { type FolderPosition, parseFolderPosition } from "./position.ts";
import { SegmentSource, type SegmentSourceOptions } from "./source.ts";

let folder: ReturnType<typeof temporaryFolder>;
const sources: SegmentSource[] = [];
const growing: GrowingSegment[] = [];
beforeEach(() => {
  folder = temporaryFolder("segments");
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  for (const segment of growing.splice(0)) await segment.kill();
  folder.remove();
});

function sourceOf(options: Partial<SegmentSourceOptions> = {}): SegmentSource {
  const source = new SegmentSource({ folder: folder.path, from: "start", ...options });
  sources.push(source);
  return source;
}

function grow(name: string): GrowingSegment {
  const segment = growSegment(join(folder.path, name));
  growing.push(segment);
  return segment;
}

/** A segment that is at its end. */
function put(name: string, packed: Buffer): void {
  writeFileSync(join(folder.path, name), packed, { mode: 0o444 });
}

interface Drained {
  readonly lines: string[];
  readonly losses: string[];
  readonly problems: string[];
  position: FolderPosition | undefined;
}

/** Reads until nothing more comes; the position as it comes back from the state store. */
async function drain(source: SegmentSource, most = Number.POSITIVE_INFINITY): Promise<Drained> {
  const all: Drained = { lines: [], losses: [], problems: [], position: undefined };
  for (let reads = 0; reads < most; reads++) {
    const { lines, position, loss, problem, atEnd } = await source.read();
    all.lines.push(...lines.map(({ bytes }) => bytes.toString()));
    if (loss !== null) all.losses.push(loss.because);
    if (problem !== null) all.problems.push(problem);
    all.position = parseFolderPosition(JSON.parse(JSON.stringify(position)));
    if (atEnd) break;
  }
  return all;
}

/** So many that a segment of them is many blocks; each is another. */
const records = (of: string, count = 9_000): string[] =>
  Array.from(
    { length: count },
    (_, at) => `{"type":"Reception","id":"${of}${at * 7919}","recipient":"r${at}@far.test"}`,
  );
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

test("a segment is read while it grows, to its end, and then the next", async () => {
  const [first, second] = [records("a"), records("b", 3)];
  const source = sourceOf();
  expect((await drain(source)).lines).toEqual([]);
  const segment = grow("20261123-210500.000001");
  await segment.write(text(first.slice(0, 8_000)));
  const seen: string[] = [];
  await until("blocks to come out", async () => {
    seen.push(...(await drain(source)).lines);
    return seen.length > 1_000;
  });
  expect(seen).toEqual(first.slice(0, seen.length));
  expect(seen.length).toBeLessThan(8_000);
  await segment.write(text(first.slice(8_000)));
  await segment.close();
  put("20261123-210510", pack(text(second)));
  const rest = await drain(source);
  expect([...seen, ...rest.lines]).toEqual([...first, ...second]);
  expect([rest.losses, rest.problems]).toEqual([[], []]);
  expect(rest.position).toMatchObject({ through: "20261123-210510", open: [] });
});

test("a restart goes on at the exact line, wherever it comes, also in a frame behind another", async () => {
  const [first, second, third] = [records("a"), records("b"), records("c")];
  put("20261123-210500", Buffer.concat([pack(text(first)), pack(text(second))]));
  put("20261123-210600", pack(text(third)));
  const all = [...first, ...second, ...third];
  for (let reads = 1; ; reads++) {
    const before = await drain(sourceOf(), reads);
    const after = await drain(sourceOf({ position: before.position }));
    expect([...before.lines, ...after.lines].length).toBe(all.length);
    expect([...before.lines, ...after.lines]).toEqual(all);
    expect([...before.losses, ...after.losses]).toEqual([]);
    if (after.lines.length === 0) break;
  }
});

test("a restart in a segment that has grown meanwhile", async () => {
  const lines = records("a");
  const segment = grow("20261123-210500");
  await segment.write(text(lines.slice(0, 8_000)));
  let before = await drain(sourceOf());
  before = await until("blocks to come out", async () => {
    const again = await drain(sourceOf());
    return again.lines.length > 1_000 && again;
  });
  expect(before.position?.open).toMatchObject([{ name: "20261123-210500", frameAt: 0 }]);
  await segment.write(text(lines.slice(8_000)));
  await segment.close();
  const after = await drain(sourceOf({ position: before.position }));
  expect([...before.lines, ...after.lines]).toEqual(lines);
  expect(after.losses).toEqual([]);
});

test("segments of several kinds grow beside each other", async () => {
  const kinds = ["", "_bounces", "_rest"].map((kind) => ({ kind, segment: grow(`20261123-210500.5${kind}`) }));
  const source = sourceOf();
  const seen: string[] = [];
  for (const { kind, segment } of kinds) await segment.write(text(records(kind)));
  await until("blocks of each", async () => {
    seen.push(...(await drain(source)).lines);
    return kinds.every(({ kind }) => seen.includes(records(kind, 1)[0] ?? ""));
  });
  for (const { segment } of kinds) await segment.close();
  const { lines, position, losses } = await drain(source);
  expect([...seen, ...lines].sort()).toEqual(kinds.flatMap(({ kind }) => records(kind)).sort());
  expect([losses, position]).toMatchObject([[], { through: "20261123-210500.5_rest", open: [] }]);
});

test("a segment whose writer was killed is read as far as it goes, and the lines that are lost are said", async () => {
  const segment = grow("20261123-210500");
  await segment.write(text(records("a")));
  await until("blocks to come out", async () => (await drain(sourceOf())).lines.length > 1_000);
  await segment.kill();
  put("20261123-210600", pack(text(["next"])));
  const { lines, losses, problems } = await drain(sourceOf());
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines).toEqual([...records("a").slice(0, lines.length - 1), "next"]);
  expect(losses).toEqual(["truncated"]);
  expect(problems).toEqual([`${folder.path}/20261123-210500 ends within a zstd frame: the lines behind that are lost`]);
});

test("a damaged segment is left behind and said, and so is one that is none", async () => {
  const bent = pack(text(records("a")));
  bent.fill(0x55, bent.length / 2, bent.length / 2 + 40);
  put("20261123-210500", bent);
  put("20261123-210501", Buffer.from("no zstd at all"));
  put("20261123-210502", pack(text(["next"])));
  const { lines, losses, problems } = await drain(sourceOf());
  expect(lines).toEqual([...records("a").slice(0, lines.length - 1), "next"]);
  expect(losses).toEqual(["unreadable", "unreadable"]);
  expect(problems[0]).toMatch(/20261123-210500: .*what follows in it is lost/);
  expect(problems[1]).toMatch(/20261123-210501: at byte 0 no zstd frame begins/);
});

test("the first look goes back by packed bytes, over as many segments as that takes", async () => {
  const names = ["20261123-210500", "20261123-210600", "20261123-210700"];
  const sizes = names.map((name) => {
    const packed = pack(text(records(name)));
    put(name, packed);
    return packed.length;
  });
  const all = names.flatMap((name) => records(name));
  const [, second = 0, third = 0] = sizes;
  for (const [lookbackBytes, least, most] of [
    [0, 0, 0],
    [Math.floor(third / 2), 2_000, 7_000],
    [third, 9_000, 9_000],
    [third + Math.floor(second / 2), 11_000, 16_000],
    [64 << 20, 27_000, 27_000],
  ] as const) {
    const { lines, losses } = await drain(sourceOf({ from: "end", lookbackBytes }));
    expect(lines.length).toBeGreaterThanOrEqual(least);
    expect(lines.length).toBeLessThanOrEqual(most);
    expect(lines).toEqual(lines.length === 0 ? [] : all.slice(-lines.length));
    expect(losses).toEqual([]);
  }
});

test("what was deleted before it was read is counted", async () => {
  const segment = grow("20261123-210500");
  await segment.write(text(records("a")));
  let before = await drain(sourceOf());
  before = await until("blocks to come out", async () => {
    const again = await drain(sourceOf());
    return again.lines.length > 1_000 && again;
  });
  rmSync(join(folder.path, "20261123-210500"));
  put("20261123-220000", pack(text(["next"])));
  const after = await drain(sourceOf({ position: before.position }));
  expect([after.lines, after.losses]).toEqual([["next"], ["rotated-away"]]);
  // Nor is the segment there up to which all was read: others may have come and gone.
  rmSync(join(folder.path, "20261123-220000"));
  put("20261123-230000", pack(text(["later"])));
  const later = await drain(sourceOf({ position: after.position }));
  expect([later.lines, later.losses]).toEqual([["later"], ["rotated-away"]]);
});

test("a segment that is deleted while it is read is read to its end", async () => {
  const lines = records("a");
  const segment = grow("20261123-210500");
  await segment.write(text(lines));
  const source = sourceOf();
  const seen = await until("blocks to come out", async () => {
    const some = (await drain(source)).lines;
    return some.length > 0 && some;
  });
  const path = join(folder.path, "20261123-210500");
  await segment.close();
  rmSync(path);
  const rest = await drain(source);
  expect([...seen, ...rest.lines]).toEqual(lines);
  expect(rest.losses).toEqual([]);
});

test("copies that kept no mode are at their end when there are later ones, and other files are left alone", async () => {
  put("20261123-210500", pack(text(["one"])));
  put("20261123-210600", pack(text(["two"])));
  for (const name of readdirSync(folder.path)) chmodSync(join(folder.path, name), 0o644);
  put(".tailer", Buffer.from("{}"));
  put("README", Buffer.from("not a segment\n"));
  const { lines, losses, position } = await drain(sourceOf());
  expect([lines, losses]).toEqual([["one", "two"], []]);
  expect(position).toMatchObject({ through: "20261123-210600", open: [{ name: "20261123-210600" }] });
});

test("a segment that a clock set back names earlier is read, in the same run and behind a restart, and none twice", async () => {
  put("20261123-210500", pack(text(["a"])));
  put("20261123-220000", pack(text(["b"])));
  const source = sourceOf();
  expect((await drain(source)).lines).toEqual(["a", "b"]);
  const late = grow("20261123-211000");
  await until("it to be begun", async () => (await drain(source)).position?.open.length === 1);
  const lines = records("c");
  await late.write(text(lines));
  const seen = await until("blocks to come out", async () => {
    const some = (await drain(source)).lines;
    return some.length > 0 && some;
  });
  await late.close();
  put("20261123-200000", pack(text(["d"])));
  const rest = await drain(source);
  expect([...seen, ...rest.lines]).toEqual([...lines, "d"]);
  put("20261123-211010", pack(text(["e"])));
  const after = await drain(sourceOf({ position: rest.position }));
  expect(after.lines).toEqual(["e"]);
  const { lines: none, losses } = await drain(sourceOf({ position: after.position }));
  expect([none, rest.losses, after.losses, losses]).toEqual([[], [], [], []]);
});

test("far behind the last ones it is read as well, and what came there while nobody looked is counted", async () => {
  const packed = pack(text(["a"]));
  for (let at = 0; at < 1_030; at++) put(`20261123-${String(210_000 + at)}`, packed);
  const source = sourceOf();
  expect((await drain(source)).lines.length).toBe(1_030);
  put("20261122-210000", pack(text(["b"])));
  const later = await drain(source);
  expect([later.lines, later.position?.passed?.last.length]).toEqual([["b"], 1_024 * 6]);
  put("20261122-210010", pack(text(["c"])));
  put("20261122-210020", pack(text(["d"])));
  const after = await drain(sourceOf({ position: later.position }));
  expect([after.lines, after.losses]).toEqual([[], ["unreadable"]]);
  expect(after.problems).toEqual([
    expect.stringMatching(/: 2 segments came while nobody looked, .*a clock was set back/),
  ]);
  const again = await drain(sourceOf({ position: after.position }));
  expect([again.lines, again.losses]).toEqual([[], []]);
});

test("a folder that is not there for a while, and one of an earlier version's position: nothing is read twice", async () => {
  for (let at = 10; at < 20; at++) put(`20261123-2105${at}`, pack(text([`${at}`])));
  const source = sourceOf();
  const { position } = await drain(source);
  const hidden = `${folder.path}.hidden`;
  renameSync(folder.path, hidden);
  mkdirSync(folder.path);
  const restarted = sourceOf({ position });
  for (const one of [source, restarted]) expect((await drain(one)).lines).toEqual([]);
  rmSync(folder.path, { recursive: true });
  renameSync(hidden, folder.path);
  put("20261123-210505", pack(text(["late"])));
  for (const one of [source, restarted]) expect((await drain(one)).lines).toEqual(["late"]);
  const earlier = parseFolderPosition({ through: "20261123-210518", open: [] });
  expect((await drain(sourceOf({ position: earlier }))).lines).toEqual(["19"]);
});

test("more unfinished segments than are followed at once: the oldest are given up, counted", async () => {
  for (let at = 10; at < 20; at++) {
    put(`20261123-2105${at}`, pack(text(records("a"))).subarray(0, 3_000));
    chmodSync(join(folder.path, `20261123-2105${at}`), 0o644);
  }
  const { losses, position } = await drain(sourceOf());
  expect(losses).toEqual(["truncated", "truncated"]);
  expect(position?.open.length).toBe(8);
});
