import { setImmediate } from "node:timers/promises";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gunzipped } from "./gunzip.ts";

const text = Array.from({ length: 6_000 }, (_, at) => `${at} ${((at + 7) * 7_919).toString(36).repeat(3)}\n`).join("");
const packed = gzipSync(text);

/** In pieces of so many bytes; `onEnd` is called however that ends. */
async function* piecesOf(bytes: Buffer, size: number, onEnd: () => void = () => undefined): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  } finally {
    onEnd();
  }
}

/** All that came, and why no more did. A slow reader looks at other things between two pieces. */
async function read(pieces: AsyncIterable<Uint8Array>, isSlow = false): Promise<[string, string | null]> {
  const parts: Buffer[] = [];
  try {
    for await (const part of gunzipped(pieces)) {
      parts.push(part);
      for (let turns = isSlow ? 5 : 0; turns > 0; turns--) await setImmediate();
    }
  } catch (error) {
    return [Buffer.concat(parts).toString("latin1"), (error as Error).message];
  }
  return [Buffer.concat(parts).toString("latin1"), null];
}

test.each([1, 1_000, 1 << 20])("whole, in pieces of %i bytes, and of several members", async (size) => {
  expect(await read(piecesOf(packed, size))).toEqual([text, null]);
  expect(await read(piecesOf(Buffer.concat([packed, packed]), size))).toEqual([text + text, null]);
});

test.each([true, false])("what breaks off is given as far as it goes, and said; slowly read: %s", async (isSlow) => {
  const short = packed.length - 2_000;
  for (let cut = short; cut < packed.length; cut += 133)
    for (const size of [100, 4_000, 1 << 20]) {
      const there = gunzipSync(packed.subarray(0, cut), { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
      const [come, why] = await read(piecesOf(packed.subarray(0, cut), size), isSlow);
      expect([come.length, why]).toEqual([there.length, "unexpected end of file"]);
      expect(come === there).toBe(true);
    }
});

async function* failing(): AsyncGenerator<Buffer> {
  yield packed.subarray(0, 5_000);
  throw new Error("the disk fails");
}

test("what is none, or empty, and what cannot be read further", async () => {
  expect(await read(piecesOf(Buffer.from("no gzip at all"), 5))).toEqual(["", "incorrect header check"]);
  expect(await read(piecesOf(Buffer.alloc(0), 5))).toEqual(["", "unexpected end of file"]);
  expect((await read(failing()))[1]).toBe("the disk fails");
});

test("whoever stops reading ends what it comes from, wherever it stands", async () => {
  for (const wanted of [1, 2, 3]) {
    const ended = new Promise<void>((resolve) => {
      void (async () => {
        let seen = 0;
        for await (const _ of gunzipped(piecesOf(packed, 4_000, resolve), 16_384)) if (++seen === wanted) break;
      })();
    });
    await ended;
  }
});
