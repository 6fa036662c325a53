import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readableMtas } from "../readable.ts";
import { lineParser } from "../readers.ts";

/** Each folder: `input`, lines of a log that begins in 2026, and `expected.json`, one object a line. */
const linesOf = (folder: string, name: string) =>
  readFileSync(join(folder, name, "input"), "utf8")
    .split("\n")
    .slice(0, -1);

describe.each(readableMtas)("%s", (mta) => {
  const folder = join(import.meta.dirname, mta, "testcases");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const parser = () => {
    const parse = lineParser(mta, { zone: "UTC", year: 2026 });
    if (parse === null) throw new Error(`${mta} has no parser`);
    return parse;
  };

  test("has test cases", () => expect(names.length).toBeGreaterThan(1));

  test.each(names)("testcases/%s", (name) => {
    const expected = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8")) as unknown;
    expect(linesOf(folder, name).map(parser())).toEqual(expected);
  });

  test("no line makes it throw, whatever it holds", () => {
    const parse = parser();
    const inputs = names.flatMap((name) => linesOf(folder, name));
    const mangled = fc
      .tuple(fc.constantFrom(...inputs), fc.nat(400), fc.nat(400), fc.string({ maxLength: 20 }))
      .map(([line, from, length, text]) => line.slice(0, from) + text + line.slice(from + length));
    fc.assert(
      fc.property(mangled, (line) => {
        for (const value of Object.values(parse(line)))
          expect(typeof value === "number" && !Number.isFinite(value)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});
