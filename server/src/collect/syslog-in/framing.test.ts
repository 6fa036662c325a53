import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BadFraming, SyslogFraming } from "./framing.ts";

function read(chunks: readonly Buffer[]): string[] {
  const framing = new SyslogFraming();
  return chunks.flatMap((chunk) =>
    [...framing.push(chunk)].map(({ bytes, truncated }) => `${bytes.toString()}${truncated ? "…" : ""}`),
  );
}
const counted = (text: string): string => `${Buffer.byteLength(text)} ${text}`;

test("both framings of RFC 6587 may follow each other, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.stringMatching(/^<[1-9]\d?>[a-z ]{1,30}$/)), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (messages, sizes) => {
        const all = Buffer.from(messages.map(([octets, text]) => (octets ? counted(text) : `${text}\n`)).join(""));
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < all.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(all.subarray(at, at + size));
          at += size;
        }
        expect(read(chunks)).toEqual(messages.map(([, text]) => text));
      },
    ),
  );
});

test("a message that holds newlines is one by its count; a line that begins with a year is no count", () => {
  expect(read([Buffer.from(counted("<22>a\nb"))])).toEqual(["<22>a\nb"]);
  expect(read([Buffer.from("2026-11-24T10:00:00Z mx a: b\n")])).toEqual(["2026-11-24T10:00:00Z mx a: b"]);
});

test("what is over-long is cut and marked, and what follows is still read", () => {
  const long = `<22>${"x".repeat(70_000)}`;
  for (const framed of [counted(long), `${long}\n`]) {
    const lines = read([Buffer.from(framed), Buffer.from(counted("<22>next"))]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toHaveLength(65_537);
    expect(lines[1]).toBe("<22>next");
  }
});

test("a count that nobody means ends the connection", () => {
  expect(() => read([Buffer.from("99999999 ")])).toThrow(BadFraming);
  expect(() => read([Buffer.from("1234567890123")])).toThrow(BadFraming);
});
