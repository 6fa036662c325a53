import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listingFormats, tables } from "../listings.ts";
import type { ListedEntry, ListingFormat } from "./listing.ts";

/** Each folder: `listing`, as a program printed it at `now`, and `expected.json`: what stands in it. */
const mtas = join(import.meta.dirname, "../mta");
const nowMs = Date.parse("2026-11-23T12:00:00Z");

const cases = readdirSync(mtas).flatMap((mta) => {
  const folder = join(mtas, mta, "listings");
  return existsSync(folder) ? readdirSync(folder).map((name) => ({ mta, name, folder: join(folder, name) })) : [];
});

test.each(cases)("$mta/listings/$name", ({ mta, folder }) => {
  const text = readFileSync(join(folder, "listing"), "utf8");
  const format = listingFormats.find((one) => one.mta === mta && one.detects(text));
  const read = format === undefined ? undefined : readAll(format, text);
  const path = join(folder, "expected.json");
  expect({ format: format?.name, ...read }).toEqual(JSON.parse(readFileSync(path, "utf8")));
});

function readAll(format: ListingFormat, text: string): { entries: unknown[]; garbled: number } {
  const entries: unknown[] = [];
  const reader = format.read({ nowMs, zone: "UTC" }, (entry) => entries.push(shown(entry)));
  for (const piece of text.split(format.name === "showq" ? "\0" : "\n").slice(0, -1)) reader.piece(piece);
  reader.end();
  return { entries, garbled: reader.garbled };
}

const shown = ({ arrivalMs, ...rest }: ListedEntry) => ({
  arrival: arrivalMs === null ? null : new Date(arrivalMs).toISOString(),
  ...rest,
});

test("no listing is taken for another MTA's", () => {
  for (const { mta, name, folder } of cases) {
    const text = readFileSync(join(folder, "listing"), "utf8");
    for (const format of listingFormats)
      if (format.mta !== mta && !name.includes("hostile")) expect(format.detects(text), format.name).toBe(false);
  }
});

test("a table by domain is none", () => {
  const printed: Record<string, string> = {
    exiqsumm:
      "\nCount  Volume  Oldest  Newest  Domain\n-----  ------  ------  ------  ------\n\n    2    2950      3d     12m  own.test\n",
    qshape:
      "              T  5 10 20 40 80 160 320 640 1280 1280+\n     TOTAL  1  0  1  0  0  0   0   0   0    0     0\n",
  };
  for (const table of tables) {
    expect(table.detects(printed[table.name] ?? "")).toBe(true);
    expect(
      listingFormats.find((one) => one.mta === table.mta && one.detects(printed[table.name] ?? "")),
    ).toBeUndefined();
  }
  for (const { folder } of cases) {
    const text = readFileSync(join(folder, "listing"), "utf8");
    expect(tables.find((one) => one.detects(text))).toBeUndefined();
  }
});
