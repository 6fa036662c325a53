import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mangle, randomOf, seedOr } from "../../test/fuzz/mangle.ts";
import { doubled, leastSeconds } from "../../test/processor-time.ts";
import type { ListedEntry } from "./queue/listing.ts";
import { readableMtas } from "./readable.ts";
import { lineParser } from "./readers.ts";
import { listingFormats } from "./listings.ts";

/** `npm run soak` asks for millions. */
const lines = Number(process.env["MAILTIDE_FUZZ_LINES"] ?? 200_000);
const listings = Number(process.env["MAILTIDE_FUZZ_LISTINGS"] ?? 4_000);
const seed = seedOr(20_161_124);
const patience = { timeout: 180_000 + lines };

const read = (folder: string, name: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((one) => readFileSync(join(folder, one, name), "utf8")) : [];
const folderOf = (mta: string, kind: string): string => join(import.meta.dirname, "mta", mta, kind);

/** Lines of content filters come in the log of any MTA. */
const neighbours = read(join(import.meta.dirname, "filter/testcases"), "input");

function parserOf(mta: string): (line: string) => Record<string, unknown> {
  const parse = lineParser(mta, { zone: "Europe/Berlin", year: 2026 });
  if (parse === null) throw new Error(`${mta} has no parser`);
  return parse;
}
/** The slowest of what is normal is thousands of times faster. */
const longestMs = 500;

describe.each(readableMtas)("%s", (mta) => {
  const share = Math.ceil(lines / readableMtas.length);
  const inputs = [...read(folderOf(mta, "testcases"), "input"), ...neighbours].flatMap((text) => text.split("\n"));

  test(`${share} mangled lines: each is one event of a known kind, in no time`, patience, () => {
    const parse = parserOf(mta);
    const random = randomOf(seed);
    for (let line = 0; line < share; line += 1) {
      const text = mangle(inputs, random);
      const startedMs = performance.now();
      const event = parse(text);
      // The machine may have stood still: what the line itself takes is another matter.
      if (performance.now() - startedMs > longestMs && leastSeconds(() => void parse(text)) * 1_000 > longestMs)
        expect.fail(`slow: ${JSON.stringify(text.slice(0, 2_000))}`);
      if (isSound(event)) continue;
      expect.fail(`${JSON.stringify(text.slice(0, 2_000))} is read as ${JSON.stringify(event)}`);
    }
  });

  test("a line twice as long takes no more than about twice as long", patience, () => {
    const parse = parserOf(mta);
    for (const input of inputs.filter((_, at) => at % 7 === 0))
      for (const filler of ["x", " ", "<", "(", "=", "a@", ", ", "[", ": ", "1.", "\\"]) {
        const cut = Math.floor(input.length / 2);
        const long = (length: number): string =>
          input.slice(0, cut) + filler.repeat(length / filler.length) + input.slice(cut);
        const [half, whole] = [long(32_500), long(65_000)];
        const cost = doubled(
          () => void parse(half),
          () => void parse(whole),
        );
        expect(cost, `${filler} in ${input.slice(0, 200)}`).toMatchObject({ isLinear: true });
      }
  });
});

const kinds = new Set(
  "connect disconnect client message queued delivery removed reject bounce-notice auth-failure warning other".split(
    " ",
  ),
);

function isSound(event: Record<string, unknown>): boolean {
  if (typeof event["event"] !== "string" || !kinds.has(event["event"])) return false;
  return Object.values(event).every((value) => typeof value !== "number" || Number.isFinite(value));
}

describe.each(listingFormats)("$name", (format) => {
  const share = Math.ceil(listings / listingFormats.length);
  const texts = readableMtas.flatMap((mta) => read(folderOf(mta, "listings"), "listing"));

  test(`${share} mangled listings: whole entries, and the rest is counted`, patience, () => {
    const random = randomOf(seed + 1);
    const nowMs = Date.UTC(2026, 10, 24);
    for (let one = 0; one < share; one += 1) {
      const text = mangle(texts, random);
      const entries: ListedEntry[] = [];
      const reader = format.read({ nowMs, zone: "UTC" }, (entry) => entries.push(entry));
      for (const piece of text.split(format.name === "showq" ? "\0" : "\n")) reader.piece(piece);
      reader.end();
      const isGood = entries.every(
        ({ queueId, arrivalMs, sizeBytes, messages, sender }) =>
          (queueId !== "" || messages !== undefined) &&
          // Of what could not be read, the id may be all that is told; and in the brief form the age stands in the id alone.
          (Number.isFinite(arrivalMs) || (arrivalMs === null && (sender === "" || format.name === "exiqgrep -b"))) &&
          !Number.isNaN(sizeBytes),
      );
      if (!isGood) expect.fail(`${JSON.stringify(text.slice(0, 2_000))} gives ${JSON.stringify(entries.slice(0, 3))}`);
    }
  });
});
