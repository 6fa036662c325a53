import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readableMtas } from "../readable.ts";
import { lineParser } from "../readers.ts";

/** Each folder: `input`, lines of filters in a mail log that begins in 2026, and `expected.json`, one object a line. */
const folder = join(import.meta.dirname, "testcases");
const cases = readdirSync(folder);
/** KumoMTA's log and rspamd's own hold no other program's lines. */
const mtas = readableMtas.filter((mta) => mta !== "kumomta" && mta !== "rspamd");

test.each(mtas.flatMap((mta) => cases.map((name) => ({ mta, name }))))("$name under $mta", ({ mta, name }) => {
  const parse = lineParser(mta, { zone: "UTC", year: 2026 });
  const lines = readFileSync(join(folder, name, "input"), "utf8")
    .split("\n")
    .slice(0, -1);
  const expected = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8")) as unknown;
  expect(lines.map((line) => parse?.(line))).toEqual(expected);
});
