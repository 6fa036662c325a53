import { expect, test } from "vitest";
import { distinct } from "./distinct.ts";
import { dependency, type Finding, ok } from "./finding.ts";

const missing = (id: string, path: string): Finding => {
  const mend = dependency({ id, type: "disk", path });
  return { verdict: "missing", what: "mx1 spool", says: path, mend };
};

test("what several looks propose can be pasted together: the same once, another under an id that is free", () => {
  const found = [missing("disk", "/a"), ok("mx1", "well"), missing("disk", "/b"), missing("disk", "/a")];
  expect(distinct(found).map(({ says, mend }) => mend?.lines[0] ?? says)).toEqual([
    "- { id: disk, type: disk, path: /a }",
    "well",
    "- { id: disk-2, type: disk, path: /b }",
  ]);
  expect(distinct([missing("disk-2", "/c"), ...found]).map(({ mend }) => mend?.lines[0]?.slice(0, 14))).toEqual([
    "- { id: disk-2",
    "- { id: disk, ",
    undefined,
    "- { id: disk-3",
  ]);
});
