import { expect, test } from "vitest";
import { textLines } from "./text-lines.ts";

async function* piecesOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 2, 3, 100])("lines whose characters come in pieces of %i bytes", async (size) => {
  const text = "Grüße\r\n\n\u2028€\nunfinished 🐢";
  const lines: string[] = [];
  for await (const line of textLines(piecesOf(Buffer.from(text), size))) lines.push(line);
  expect(lines).toEqual(["Grüße\r", "", "\u2028€", "unfinished 🐢"]);
});
