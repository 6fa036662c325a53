import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lineReader } from "./readers.ts";

test.each(["postfix", "exim"])("%s: no line takes a key away from its event", (mta) => {
  const folder = join(import.meta.dirname, "mta", mta, "testcases");
  const read = lineReader(mta, { zone: "UTC", year: 2026 });
  const blank = Object.keys(read?.("") ?? {});
  for (const name of readdirSync(folder))
    for (const line of readFileSync(join(folder, name, "input"), "utf8").split("\n"))
      expect(Object.keys(read?.(line) ?? {}), line).toEqual(expect.arrayContaining(blank));
});
