import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { precisions } from "./influx-write/line-protocol.ts";
import { readableMtas } from "./readable.ts";
import { lineParser } from "./readers.ts";
import { table } from "./table.ts";

/** Words under which every ordinary object has something, though nobody put it there. */
const inherited = ["constructor", "toString", "valueOf", "__proto__"];

test("a table has what was put in, and nothing that was not", () => {
  const words = table<string>({ to: "RCPT" });
  expect(words["to"]).toBe("RCPT");
  for (const word of inherited) expect(words[word]).toBeUndefined();
  for (const word of inherited) expect(precisions[word]).toBeUndefined();
});

describe.each(readableMtas)("%s", (mta) => {
  const folder = join(import.meta.dirname, "mta", mta, "testcases");
  const inputs = existsSync(folder)
    ? readdirSync(folder).flatMap((one) => readFileSync(join(folder, one, "input"), "utf8").split("\n"))
    : [];

  test("such a word in place of any other is a word like any other", () => {
    const parse = lineParser(mta, { zone: "UTC", year: 2026 });
    if (parse === null) throw new Error(`${mta} has no parser`);
    for (const line of inputs.filter(({ length }) => length < 1_000))
      for (const { index, 0: word } of line.matchAll(/[A-Za-z_]{2,}/g)) {
        const text = `${line.slice(0, index)}constructor${line.slice(index + word.length)}`;
        if (!Object.values(parse(text)).every(isPlain)) expect.fail(text);
      }
  });
});

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("[native code]") && !value.includes("[NATIVE CODE]");
  return Array.isArray(value) ? value.every(isPlain) : ["number", "boolean"].includes(typeof value);
}
