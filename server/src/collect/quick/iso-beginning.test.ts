import { expect, test } from "vitest";
import type { LineBlock } from "../../core/line-block.ts";
import { IsoBeginning } from "./iso-beginning.ts";

function blockOf(text: string): LineBlock {
  const bytes = new Uint8Array(Buffer.from(text));
  return { bytes, view: new DataView(bytes.buffer), text, base: 0, isAscii: true };
}

const tag = "postfix/qmgr[1]: x";

/** What is read of a line's beginning after a line that began otherwise; null when it is for others to read. */
function read(first: string, next: string): string | null {
  const beginning = new IsoBeginning();
  const atMs = Date.parse(first.split(" ")[0]?.replace(",", ".") ?? "");
  if (!beginning.remember(blockOf(first + tag), 0, first.length, atMs, first.split(" ")[1] ?? "")) return null;
  const end = beginning.read(blockOf(next + tag), 0, next.length + tag.length);
  if (end < 0) return null;
  expect(end).toBe(next.length);
  return new Date(beginning.atMs).toISOString();
}

test.each([
  ["2026-11-18T11:00:00.416254+01:00 mx1 ", "2026-11-18T11:00:59.999999999+01:00 mx1 ", "2026-11-18T10:00:59.999Z"],
  ["2026-11-18T11:00:07Z mail.example ", "2026-11-18T11:00:08.5Z mail.example ", "2026-11-18T11:00:08.500Z"],
  ["2026-11-18T11:00:07.25-03:30 MX01 ", "2026-11-18T11:00:60,07-03:30 MX01 ", "2026-11-18T14:31:00.070Z"],
])("behind %s%s is read", (first, next, expected) => expect(read(first, next)).toBe(expected));

test.each([
  "2026-11-18T11:01:00Z mx1 ",
  "2026-11-18T11:00:61Z mx1 ",
  "2026-11-18T11:00:07+01:00 mx1 ",
  "2026-11-18T11:00:07Z mx2 ",
  "2026-11-18T11:00:07 mx1 ",
])("%sis another minute, zone or host", (next) => expect(read("2026-11-18T11:00:07Z mx1 ", next)).toBeNull());

test.each(["2026-11-18T11:00:07 mx1.example ", "2026-11-18 11:00:07Z mx1.example ", "2026-11-18T11:00:07Z stdout "])(
  "%sis not remembered",
  (first) => expect(read(first, first)).toBeNull(),
);
