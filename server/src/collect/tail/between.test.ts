import { expect, test } from "vitest";
import { anotherStoodBetween } from "./between.ts";

const hourMs = 3_600_000;
/** Rotated at midnight, written until then. */
const left = { isPacked: false, bornMs: -24 * hourMs, modifiedMs: -400, changedMs: 0 };
const packed = { ...left, isPacked: true, bornMs: 900, changedMs: 900 };
/** What came to be a day later, with the rotation of the file that is gone. */
const next = { isPacked: false, bornMs: 24 * hourMs, modifiedMs: 48 * hourMs };

test.each([
  ["the next is of another day", left, next, true],
  ["it was packed as soon as it was left", packed, next, true],
  ["the next came at once", left, { ...next, bornMs: 3 }, false],
  ["a writer made the next with its first line, hours later", left, { ...next, bornMs: 7 * hourMs }, false],
  ["nobody had written to it for long when it was left", { ...left, modifiedMs: -hourMs }, next, false],
  ["it was changed later, so when it was left is not known", { ...left, changedMs: 6 * hourMs }, next, false],
  ["it was packed a day later", { ...packed, bornMs: 24 * hourMs }, next, false],
  ["of a packed one nothing tells when it began", left, { ...next, isPacked: true }, false],
  ["the next is a copy, made in a moment", left, { ...next, modifiedMs: 24 * hourMs + 50 }, false],
  ["the file system does not tell when a file came to be", left, { ...next, bornMs: 0 }, false],
])("whether another file stood between: %s", (_, before, after, is) => {
  expect(anotherStoodBetween(before, after)).toBe(is);
});
