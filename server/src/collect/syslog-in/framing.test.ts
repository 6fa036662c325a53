import * as fc from "fast-check";
import { expect, test } from "vitest";
import { processorSeconds } from "../../../test/processor-time.ts";
import { BadFraming, SyslogFraming } from "./framing.ts";

function read(chunks: readonly Buffer[]): string[] {
  const framing = new SyslogFraming();
  return chunks.flatMap((chunk) =>
    [...framing.push(chunk)].map(({ bytes, truncated }) => `${bytes.toString()}${truncated ? "…" : ""}`),
  );
}
/** What a stream of these pieces leaves when it ends. */
function left(...texts: string[]): string[] {
  const framing = new SyslogFraming();
  for (const text of texts) Array.from(framing.push(Buffer.from(text)));
  return [...framing.finish(), ...framing.finish()].map(
    ({ bytes, truncated }) => `${bytes.toString()}${truncated ? "…" : ""}`,
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

test("bytes that come one by one cost no more than in one piece", () => {
  const long = "x".repeat(60_000);
  for (const framed of [counted(long), `${long}\n`]) {
    const bytes = [...Buffer.from(framed)].map((byte) => Buffer.from([byte]));
    expect(processorSeconds(() => expect(read(bytes)).toEqual([long]))).toBeLessThan(0.8);
  }
});

test("a chunk of nothing but short messages costs in proportion to its length, whatever ends them", () => {
  for (const end of ["\n", "\0"]) {
    const seconds = processorSeconds(() => {
      expect(read([Buffer.from(`a${end}`.repeat(300_000))])).toHaveLength(300_000);
      expect(read([Buffer.from(`${end.repeat(1_000_000)}<22>a`), Buffer.from(end)])).toEqual(["<22>a"]);
    });
    expect(seconds).toBeLessThan(2);
  }
});

test("at the end of a stream the last line needs no trailer, and a message that breaks off is marked", () => {
  expect(left("<22>one\n<22>two")).toEqual(["<22>two"]);
  expect(left("40 <22>one", " and")).toEqual(["<22>one and…"]);
  expect(left("40")).toEqual([]);
  expect(left("5 <22>a<22>b\n")).toEqual([]);
  expect(left("200000 ", "x".repeat(66_000))).toEqual([]);
});

test("a count that nobody means ends the connection", () => {
  expect(() => read([Buffer.from("99999999 ")])).toThrow(BadFraming);
  expect(() => read([Buffer.from("1234567890123")])).toThrow(BadFraming);
});
