import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { randomOf, seedOr } from "../../test/fuzz/mangle.ts";
import { rename } from "../../test/mutate/rename.ts";
import { reheader, reorder } from "../../test/mutate/reshape.ts";
import { readableMtas } from "./readable.ts";
import { lineParser } from "./readers.ts";

/** Each line with other names, behind other headers and in another order; more with MAILTIDE_MUTATIONS. */
const rounds = Number(process.env["MAILTIDE_MUTATIONS"] ?? 6);
/** What a line says of its writer and of time is tested apart; the order in which keys came does not matter. */
const outside = new Set(["time", "truncated"]);

test.each(readableMtas)("%s: other names, headers and orders say the same", (mta) => {
  const folder = join(import.meta.dirname, "mta", mta, "testcases");
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name !== "hostile" && name !== "around-the-line")
    : [];
  const random = randomOf(seedOr(20_161_125));
  const wrong: unknown[] = [];
  let tried = 0;
  for (const name of names) {
    for (const line of readFileSync(join(folder, name, "input"), "utf8")
      .split("\n")
      .slice(0, -1)) {
      const said = parsed(mta, line);
      const atMs = typeof said["time"] === "string" ? Date.parse(said["time"]) : Date.UTC(2026, 10, 23);
      for (let round = 0; round < rounds; round += 1) {
        const other = rename(reorder(line, mta, random), said, mta, random);
        const outer = reheader(other.line, mta, atMs, random);
        const expected = { ...other.facts(said), ...outer.facts };
        const got = parsed(mta, outer.line);
        tried += 1;
        for (const key of new Set([...Object.keys(expected), ...Object.keys(got)]))
          if (!outside.has(key) && JSON.stringify(expected[key]) !== JSON.stringify(got[key]))
            wrong.push({ name, key, expected: expected[key], got: got[key], line: outer.line, from: line });
      }
    }
  }
  expect(tried).toBeGreaterThan(20);
  expect(wrong.slice(0, 5), `${wrong.length} of ${tried}`).toEqual([]);
});

/** A parser of its own for each line: what came before must not matter. */
function parsed(mta: string, line: string): Record<string, unknown> {
  const said = lineParser(mta, { zone: "UTC", year: 2026 })?.(line) ?? {};
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
