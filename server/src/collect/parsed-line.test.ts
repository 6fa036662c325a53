import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MailEvent } from "../core/event.ts";
import { readableMtas } from "./readable.ts";
import { lineReader } from "./readers.ts";
import { parsedLine, printedLine } from "./parsed-line.ts";

const expectSame = (event: MailEvent): void =>
  expect(printedLine(event), JSON.stringify(event)).toBe(JSON.stringify(parsedLine(event)));

test.each(readableMtas)("%s: the printed text is that of the object, to the letter", (mta) => {
  const folder = join(import.meta.dirname, "mta", mta, "testcases");
  const read = lineReader(mta, { zone: "UTC", year: 2026 });
  const inputs = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, "input")) : [];
  expect(read !== null && inputs.length > 1).toBe(true);
  for (const input of inputs)
    for (const line of readFileSync(input, "utf8").split("\n")) if (read !== null) expectSame(read(line));
});

test("whatever a text holds, and numbers of every size", () => {
  const texts = Array.from({ length: 0x300 }, (_, code) => `a${String.fromCharCode(code)}b`);
  for (const reason of [...texts, "", "\ud800", "\u2028", '"', "\\", "😀"]) expectSame({ event: "other", reason });
  for (const delay of [0, -0, 0.1, 1e21, 1e-7, -1, Number.NaN, Infinity]) expectSame({ event: "delivery", delay });
  for (const atMs of [0, -1, 8.64e15, Number.NaN, 1_764_000_000_123]) expectSame({ event: "other", atMs });
  expectSame({ event: "delivery", delays: [0, 0.5, 1, 2], recipients: ["a@b", 'c"d'], reject: true, lostLines: 3 });
});
