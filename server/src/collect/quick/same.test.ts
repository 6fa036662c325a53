import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mangle, randomOf, seedOr } from "../../../test/fuzz/mangle.ts";
import type { MailEvent } from "../../core/event.ts";
import type { LineBlock, LineReader } from "../../core/line-block.ts";
import { lineReader } from "../readers.ts";
import { commonLines } from "./common-lines.ts";

/** The quick way gives the same as the long one, line by line: on lines as programs write them, and on what is made of those. */

const rounds = Number(process.env["MAILTIDE_FUZZ_LINES"] ?? 40_000);
const seed = seedOr(20_161_128);
const patience = { timeout: 180_000 + rounds };

const others = Array.from(" :;,<>[]()=\"'\\@/.0aZé");

function readerOf(mta: string): LineReader {
  const reader = lineReader(mta, { zone: "Europe/Berlin", year: 2026 });
  if (reader === null) throw new Error(`${mta} has no reader`);
  return reader;
}

function blockOf(lines: readonly string[]): { block: LineBlock; places: readonly (readonly [number, number])[] } {
  const bytes = Buffer.from(lines.join("\n"));
  const memory = new Uint8Array(bytes);
  let start = 0;
  const places = lines.map((line): [number, number] => {
    const from = start;
    start += Buffer.byteLength(line) + 1;
    return [from, start - 1];
  });
  const isAscii = memory.every((byte) => byte < 0x80);
  return {
    block: { bytes: memory, view: new DataView(memory.buffer), text: bytes.toString("latin1"), base: 0, isAscii },
    places,
  };
}

/** Both ways take all lines in their order: what they remember of those before counts too. */
function expectSame(quick: LineReader, long: LineReader, lines: readonly string[]): void {
  const { block, places } = blockOf(lines);
  for (const [at, line] of lines.entries()) {
    const [start, end] = places[at] ?? [0, 0];
    const read: MailEvent | undefined = quick.inBlock?.(block, start, end);
    const expected = long(line);
    if (JSON.stringify(read) !== JSON.stringify(expected)) expect(read, line.slice(0, 2_000)).toEqual(expected);
  }
}

const isoZones = ["Z", "Z", "+01:00", "+01:00", "-0330", "+14:00", "+99:99", "+1:00", "z", " +01:00", ""];
const isoHosts = (
  "mx1.shop.example|mx1.shop.example|mx1.shop.example|mx|m|MX01|Mar|Nov  3 01:02:03 mx|1795462865|stdout|stdout F|" +
  "2001:db8::1|<mail.info> mx|mx mail.info|10.0.0.1|2026-10-25T00:58:59Z"
).split("|");

const withoutEnds = (text: string): string => Buffer.from(text.replaceAll(/[\n\r]/g, " ")).toString();

describe.each(Object.keys(commonLines))("%s", (mta) => {
  const folder = join(import.meta.dirname, "../mta", mta, "testcases");
  const cases = existsSync(folder) ? readdirSync(folder) : [];
  const recorded = cases.flatMap((name) => readFileSync(join(folder, name, "input"), "utf8").split("\n"));
  const common = commonLines[mta as keyof typeof commonLines];
  const lines = [...common, ...recorded].map(withoutEnds);

  test("lines as they are written, in any neighbourhood", patience, () => {
    const [quick, long] = [readerOf(mta), readerOf(mta)];
    expectSame(quick, long, lines);
    for (const line of lines) expectSame(quick, long, [line, line, ...lines.slice(0, 3)]);
  });

  test("every beginning of a common line, and every one with a character less, more or another", patience, () => {
    const [quick, long] = [readerOf(mta), readerOf(mta)];
    for (const line of common)
      for (let at = 0; at <= line.length; at++) {
        const [before, after] = [line.slice(0, at), line.slice(at)];
        const made = ["", ...others].map((put) => before + put + after.slice(1));
        const grown = others.slice(0, 5).map((put) => before + put + after);
        expectSame(quick, long, [line, before, ...made, line, ...grown]);
        // Where the memory ends with the line.
        expectSame(quick, long, [line, before]);
      }
  });

  test(`${rounds} mangled lines, each behind one of the same beginning`, patience, () => {
    const [quick, long] = [readerOf(mta), readerOf(mta)];
    const random = randomOf(seed);
    for (let round = 0; round < rounds; round += 100) {
      const mixed = Array.from({ length: 100 }, () => {
        const pool = random() < 0.6 ? common : lines;
        return [pool[Math.floor(random() * pool.length)] ?? "", withoutEnds(mangle(pool, random)).slice(0, 60_000)];
      });
      expectSame(quick, long, mixed.flat());
    }
  });

  test("lines of any ISO time and zone, of one host and another", patience, () => {
    const [quick, long] = [readerOf(mta), readerOf(mta)];
    const random = randomOf(seed);
    const one = (of: readonly string[]): string => of[Math.floor(random() * of.length)] ?? "";
    const texts = common.map((line) => line.slice(Math.max(line.indexOf("postfix"), 20)));
    const next = (): string => {
      const second = String(Math.floor(random() * 64)).padStart(2, "0");
      const digits = String(random()).slice(2, 2 + Math.floor(random() * 10));
      const time = `2026-10-25${one(["T", "T", "T", " "])}02:${one(["58", "59"])}:${second}`;
      const fraction = random() < 0.8 ? `${one([".", ".", ","])}${digits}` : "";
      // Without a zone it is a doubtful hour, which every line before counts for.
      return `${time}${fraction}${one(isoZones)}${one([" ", " ", " ", "  "])}${one(isoHosts)} ${one(texts)}`;
    };
    for (let round = 0; round < rounds; round += 100) {
      const lines = Array.from({ length: 50 }, next);
      // Half of them differ from the line before in the fraction alone.
      expectSame(
        quick,
        long,
        lines.flatMap((line) => [line, line.replace(/[.,]\d/, ".7")]),
      );
    }
  });

  test("a single line is read as one of a block is, whatever memory it lies in", () => {
    const [single, long] = [readerOf(mta), readerOf(mta)] as unknown as ((line: string | Buffer) => MailEvent)[];
    for (const line of [...lines, ...lines.map((one) => `${one}\r`)])
      expect(single?.(Buffer.from(line)), line).toEqual(long?.(line));
  });
});
