import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { headLine, type SegmentHead } from "./line.ts";
import { type NewRecord, Spool } from "./spool.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mailtide-spool-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (n: number, padding = 0): NewRecord => ({
  atMs: n,
  lines: 2,
  collector: "mx1/postfix-log",
  position: JSON.stringify({ offset: n }),
  wire: JSON.stringify({ n, padding: "x".repeat(padding), hostile: "tab\tnewline\n\u0000é" }),
});
const open = (options: { maxBytes?: number; segmentBytes?: number } = {}, at = folder): Promise<Spool> =>
  Spool.open({ folder: at, maxBytes: 1 << 20, ...options });
async function numbers(spool: Spool, after = 0): Promise<number[]> {
  const seen: number[] = [];
  for (let more = true; more;) {
    const read = await spool.read(seen.at(-1) ?? after, 300);
    seen.push(...read.records.map(({ seq }) => seq));
    more = read.more;
  }
  return seen;
}
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test("what was appended is read in order, from any number on, across files and after opening again", async () => {
  const spool = await open({ segmentBytes: 700 });
  for (const n of upTo(40)) await spool.append([record(n)]);
  expect(readdirSync(folder).length).toBeGreaterThan(5);
  expect(await numbers(spool)).toEqual(upTo(40));
  expect(await numbers(spool, 17)).toEqual(upTo(40, 18));
  expect((await spool.read(3, 1)).records.map(({ wire }) => wire)).toEqual([record(4).wire]);
  await spool.close();

  const again = await open({ segmentBytes: 700 });
  expect([again.epoch, again.status().lastSeq]).toEqual([spool.epoch, 40]);
  expect(again.positions().get("mx1/postfix-log")).toBe('{"offset":40}');
  expect(await numbers(again)).toEqual(upTo(40));
  await again.acknowledge(33);
  expect((await numbers(again)).at(-1)).toBe(40);
  expect(await numbers(again, 33)).toEqual(upTo(40, 34));
  await again.acknowledge(40);
  expect(readdirSync(folder)).toHaveLength(1);
  await again.close();
  const third = await open();
  expect([third.status().lastSeq, third.positions().size]).toEqual([40, 1]);
  await third.append([record(41)]);
  expect(await numbers(third, 40)).toEqual([41]);
  await third.close();
});

test("a crash at every byte of what is written keeps every whole record, and only those", async () => {
  const spool = await open({ segmentBytes: 700 });
  for (const n of upTo(9)) await spool.append([record(n)]);
  await spool.close();
  const newest = readdirSync(folder).sort().at(-1) ?? "";
  const bytes = readFileSync(join(folder, newest));
  const headEnd = bytes.indexOf(10) + 1;
  const first = Number(newest.slice(0, 16));
  for (let cut = headEnd; cut <= bytes.length; cut++) {
    writeFileSync(join(folder, newest), bytes.subarray(0, cut));
    const whole = bytes.subarray(headEnd, cut).filter((byte) => byte === 10).length;
    const again = await open();
    const last = first - 1 + whole;
    expect(again.status().lastSeq).toBe(last);
    expect(again.positions().get("mx1/postfix-log")).toBe(JSON.stringify({ offset: last }));
    if (cut % 17 === 0) {
      await again.append([record(last + 1)]);
      expect(await numbers(again)).toEqual(upTo(last + 1));
    }
    await again.close();
  }
});

test("a crash while a file begins leaves the one before it in charge", async () => {
  const spool = await open();
  await spool.append([record(1)]);
  await spool.close();
  const [name = ""] = readdirSync(folder);
  const head = readFileSync(join(folder, name));
  for (let cut = 0; cut < head.length; cut += 7) {
    writeFileSync(join(folder, "0000000000000002.spool.new"), head.subarray(0, cut));
    const again = await open();
    expect(again.status().lastSeq).toBe(1);
    expect(readdirSync(folder)).toEqual([name]);
    await again.close();
  }
});

test("beyond the bound the oldest go, their lines are counted, and a crash in between counts nothing twice", async () => {
  const spool = await open({ maxBytes: 8_000, segmentBytes: 1_000 });
  for (const n of upTo(20)) await spool.append([record(n, 500)]);
  const { bytes, lostLines } = spool.status();
  expect(bytes).toBeLessThanOrEqual(8_000);
  const kept = await numbers(spool);
  expect(kept.at(-1)).toBe(20);
  expect(kept).toEqual(upTo(20, kept[0]));
  expect(lostLines).toBe(2 * (20 - kept.length));
  // The file that was dropped comes back, as if the crash had come before its removal.
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  await spool.append([record(21, 500)]);
  await spool.append([record(22, 500)]);
  const after = spool.status().lostLines;
  expect(after).toBeGreaterThan(lostLines);
  await spool.close();
  for (const name of readdirSync(copy))
    if (!readdirSync(folder).includes(name)) cpSync(join(copy, name), join(folder, name));
  rmSync(copy, { recursive: true });
  const again = await open({ maxBytes: 8_000, segmentBytes: 1_000 });
  expect(again.status().lostLines).toBe(after);
  const left = await numbers(again);
  expect(left.length * 2 + after).toBe(44);
  await again.close();
});

test("a server that passed over what was dropped has nothing of another history", async () => {
  const spool = await open({ maxBytes: 3_000, segmentBytes: 1_000 });
  for (const n of upTo(9)) await spool.append([record(n, 500)]);
  expect(spool.firstSeq).toBeGreaterThan(2);
  expect(await spool.forkBefore(spool.firstSeq - 1)).toBe(false);
  expect(await spool.forkBefore(spool.firstSeq)).toBe(true);
  await spool.close();
});

test("lines that the server had already are not lost when their file is dropped", async () => {
  const spool = await open({ maxBytes: 3_000, segmentBytes: 100_000 });
  for (const n of upTo(4)) await spool.append([record(n, 500)]);
  await spool.acknowledge(3);
  await spool.append([record(5, 500)]);
  expect(spool.status().lostLines).toBe(2);
  await spool.close();
});

test("a damaged line costs itself, wherever it stands, and no number stands for two records", async () => {
  const spool = await open();
  for (const n of upTo(6)) await spool.append([record(n)]);
  expect(await numbers(spool)).toEqual(upTo(6));
  await spool.close();
  const [name = ""] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name));
  const headEnd = bytes.indexOf(10) + 1;
  for (let at = headEnd; at < bytes.length; at += 13) {
    for (const each of readdirSync(folder)) rmSync(join(folder, each));
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    writeFileSync(join(folder, name), flipped);
    const again = await open();
    const kept = await numbers(again);
    // A newline that is gone makes one line of two.
    expect(kept.length).toBeGreaterThanOrEqual(4);
    await again.append([record(7)]);
    const [last = 0, ...rest] = (await numbers(again)).toReversed();
    expect(rest.toReversed()).toEqual(kept);
    expect(last).toBeGreaterThan(kept.at(-1) === 6 ? 6 : 1_000);
    expect(again.positions().get("mx1/postfix-log")).toBe('{"offset":7}');
    await again.close();
  }
});

test("what was never sent is told apart from what the server has, over a restart and beside a copy", async () => {
  const spool = await open();
  await spool.append([record(1)]);
  await spool.append([record(2)]);
  expect(await numbers(spool)).toEqual([1, 2]);
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  await spool.append([record(3)]);
  await spool.append([record(4)]);
  expect(await numbers(spool, 2)).toEqual([3, 4]);
  expect(await spool.forkBefore(4)).toBe(false);
  await spool.close();

  // The snapshot: it collects what came meanwhile, and is started again before it reaches the server.
  const restored = await open({}, copy);
  for (const n of upTo(9, 5)) await restored.append([record(n)]);
  expect(await restored.oldestAtMs(2)).toBe(5);
  await restored.close();
  const again = await open({}, copy);
  expect(await again.forkBefore(2)).toBe(false);
  expect(await again.forkBefore(4)).toBe(true);
  expect(again.epoch).not.toBe(spool.epoch);
  expect(again.firstSeq).toBe(3);
  expect((await again.read(2, 10_000)).records.map(({ atMs }) => atMs)).toEqual(upTo(9, 5));
  await again.append([record(10)]);
  await again.close();
  const third = await open({}, copy);
  expect([third.epoch, third.firstSeq]).toEqual([again.epoch, 3]);
  expect(await third.forkBefore(7)).toBe(false);
  expect((await third.read(0, 10_000)).records.map(({ atMs }) => atMs)).toEqual(upTo(10, 5));
  await third.close();
  rmSync(copy, { recursive: true });
});

test("a spool that an earlier version wrote is believed to have been sent", async () => {
  const spool = await open();
  await spool.append([record(1)]);
  await spool.close();
  const [name = ""] = readdirSync(folder);
  const [head = "", ...rest] = readFileSync(join(folder, name), "utf8").split("\n");
  const { sent: _, ...older } = JSON.parse(head.split("\t")[2] ?? "") as SegmentHead;
  const mark = headLine(older).toString();
  writeFileSync(join(folder, name), `${mark}${rest.join("\n")}`);
  const again = await open();
  expect(await again.forkBefore(1)).toBe(false);
  expect(await again.forkBefore(2)).toBe(true);
  await again.close();
});

test("a head that cannot be read is said in words", async () => {
  await (await open()).close();
  const [name = ""] = readdirSync(folder);
  writeFileSync(join(folder, name), "nonsense\n");
  await expect(open()).rejects.toThrow(/damaged: move .*0001\.spool away/);
});

test("records that belong together come back together or not at all, at every byte", async () => {
  const spool = await open();
  await spool.append([record(1)]);
  const [name = ""] = readdirSync(folder);
  const before = readFileSync(join(folder, name)).length;
  await spool.append([{ ...record(2), position: "+" }, { ...record(3), position: "+" }, record(4)]);
  await spool.close();
  const bytes = readFileSync(join(folder, name));
  for (let cut = before; cut <= bytes.length; cut++) {
    writeFileSync(join(folder, name), bytes.subarray(0, cut));
    const again = await open();
    const whole = cut === bytes.length;
    expect([again.status().lastSeq, again.positions().get("mx1/postfix-log")]).toEqual(
      whole ? [4, '{"offset":4}'] : [1, '{"offset":1}'],
    );
    await again.close();
  }
});

test("a folder that cannot be made is told with the key that names another", async () => {
  const inTheWay = join(folder, "file");
  writeFileSync(inTheWay, "");
  await expect(open({}, join(inTheWay, "spool"))).rejects.toThrow(
    /^the spool .*\/file\/spool cannot be made: a file stands in its way; make it for the user .* by agent\.spool\.path$/,
  );
});
