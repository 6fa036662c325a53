import { expect, test } from "vitest";
import { leastSeconds } from "../../../../test/processor-time.ts";
import { isDdl } from "./metadata.ts";

test("a statement that wants a table for itself is known by its first word, behind comments of any kind", () => {
  const comments = ["", "/* push 4711 */ ", "/**/", " /***/\n/* a * b / c */ ", "/*+ hint */".repeat(30)];
  for (const comment of comments) {
    expect(isDdl(`${comment}DROP TABLE mailbox`), comment).toBe(true);
    expect(isDdl(`${comment}SELECT 1`), comment).toBe(false);
  }
  expect(isDdl("/* DROP TABLE mailbox */ SELECT 1")).toBe(false);
  expect(isDdl("/* never ends DROP TABLE mailbox")).toBe(false);
});

test("comments without end, one behind the other, hold nobody up", () => {
  // Each more doubled what it cost.
  expect(leastSeconds(() => isDdl(`${"/**/".repeat(24)}SELECT 1`))).toBeLessThan(0.05);
});
