import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { need } from "../../test/real/process.ts";
import { pack } from "../../test/real/zstd.ts";
import { unpackZstd, zstdUnpacker } from "./zstd.ts";

const lines = Array.from({ length: 9_000 }, (_, at) => `{"type":"Reception","id":"${at * 7919}","size":${at}}\n`).join(
  "",
);

async function unpacked(packed: Buffer, chunkBytes = 65_536): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of unpackZstd(chunksOf(packed, chunkBytes))) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function* chunksOf(packed: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  // One memory for all, as readers of files have it.
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = 0; at < packed.length; at += chunkBytes)
    yield await Promise.resolve(chunk.subarray(0, packed.copy(chunk, 0, at, at + chunkBytes)));
}

test.each([
  ["text, fast", lines, ["-1"]],
  ["text, as shipped", lines, ["-3"]],
  ["text, hard", lines, ["-19", "--no-check"]],
  ["as hard as KumoMTA can be set", lines, ["--ultra", "-21"]],
  ["one byte again and again", "\n".repeat(700_000), []],
  ["what cannot be packed", randomBytes(300_000), []],
  ["one line", "{}\n", ["--no-check"]],
  ["nothing", "", []],
] as const)("%s comes out as it went in, whatever pieces it comes in", async (_, plain, args) => {
  const packed = pack(plain, ...args);
  for (const chunkBytes of packed.length < 5_000 ? [1, 2, 65_536] : [977, 65_536])
    expect((await unpacked(packed, chunkBytes)).equals(Buffer.from(plain))).toBe(true);
});

test("frames behind one another, and between them one that is not for us", async () => {
  const foreign = Buffer.from("5b2a4d18050000006261722121", "hex");
  const packed = Buffer.concat([pack("a\n"), foreign, pack(lines), pack("c\n")]);
  for (const chunkBytes of [11, 65_536]) expect((await unpacked(packed, chunkBytes)).toString()).toBe(`a\n${lines}c\n`);
});

test("what is not zstd is left as it is, even when it begins like it", async () => {
  for (const plain of ["(", "(\n", "{}\n", ""]) expect((await unpacked(Buffer.from(plain), 1)).toString()).toBe(plain);
});

test("each part says where it stands, and reading can begin at any frame", async () => {
  const first = pack(lines);
  const packed = Buffer.concat([first, pack(lines)]);
  const unpacker = await zstdUnpacker();
  const frames = [...unpacker.push(packed)].map(({ frameAt, from, bytes }) => [frameAt, from, bytes.length] as const);
  unpacker.close();
  expect(frames.map(([frameAt]) => frameAt)).toContain(first.length);
  for (const frame of [0, first.length]) {
    const parts = frames.filter(([frameAt]) => frameAt === frame);
    expect(parts.map(([, from]) => from)).toEqual(
      parts.map((_, at) => parts.slice(0, at).reduce((sum, [, , bytes]) => sum + bytes, 0)),
    );
  }
  const later = await zstdUnpacker(first.length);
  expect(Buffer.concat([...later.push(packed.subarray(first.length))].map(({ bytes }) => bytes)).toString()).toBe(
    lines,
  );
  expect([later.at, later.isBetweenFrames]).toEqual([packed.length, true]);
  later.close();
});

test("a frame without its end gives what is there, and says so", async () => {
  const packed = pack(lines, "--no-check");
  const given: Buffer[] = [];
  const cut = async (): Promise<void> => {
    for await (const part of unpackZstd(chunksOf(packed.subarray(0, packed.length - 1), 65_536)))
      given.push(Buffer.from(part));
  };
  await expect(cut()).rejects.toThrow(/ends within a zstd frame/);
  expect(given.length).toBeGreaterThan(0);
  expect(lines.startsWith(Buffer.concat(given).toString())).toBe(true);
});

test("a quarter of a gigabyte that was packed to next to nothing comes in small parts", async () => {
  const shell = `head -c 256M /dev/zero | ${need("zstd", "zstd")} -q -c`;
  const bomb = execFileSync("/bin/sh", ["-c", shell], { maxBuffer: 64 << 20 });
  expect(bomb.length).toBeLessThan(100_000);
  const unpacker = await zstdUnpacker();
  let [bytes, largest] = [0, 0];
  for (const part of unpacker.push(bomb)) {
    bytes += part.bytes.length;
    largest = Math.max(largest, part.bytes.length);
  }
  unpacker.close();
  expect([bytes, largest]).toEqual([2 ** 28, 128 * 1024]);
});

test("what asks for too much memory, or for a dictionary, is refused", async () => {
  await expect(unpacked(pack(lines, "--ultra", "--long=27"))).rejects.toThrow(/window of 128 MiB, over 64 MiB/);
  // A whole frame of two bytes that says its content has 2^62.
  await expect(unpacked(Buffer.from("28b52ffde000000000000000401100006162", "hex"))).rejects.toThrow(/over 64 MiB/);
  await expect(unpacked(Buffer.from("28b52ffd2107021100006162", "hex"))).rejects.toThrow(/dictionary/);
});

test("damage is said, and is never taken for what was written", async () => {
  const packed = pack(lines, "--check");
  let damaged = 0;
  for (let at = 6; at < packed.length; at += Math.ceil(packed.length / 60)) {
    const bent = Buffer.from(packed);
    bent.writeUInt8(bent.readUInt8(at) ^ 0x41, at);
    const result = await unpacked(bent).catch((error: Error) => error.message);
    if (typeof result === "string")
      expect(result).toMatch(/damaged|no zstd frame|within a zstd frame|window|dictionary/);
    else expect(result.toString()).toBe(lines);
    if (typeof result === "string") damaged++;
  }
  expect(damaged).toBeGreaterThan(50);
  // A table with one symbol that takes no bits: simple readers go round in it for ever.
  const endless = Buffer.from("28b52ffd200475000042800205f0030000010000008000", "hex");
  await expect(unpacked(endless)).rejects.toThrow(/damaged/);
  await expect(unpacked(Buffer.from("28b52ffd20040700006162", "hex"))).rejects.toThrow(/damaged/);
});

test("what damage costs has an end", async () => {
  const bent = Buffer.from("28b52ffd00581d0000616161", "hex");
  for (let tries = 0; ; tries++) {
    const problem = await unpacked(bent).catch((error: Error) => error.message);
    if (/too many damaged/.test(String(problem))) break;
    expect(problem).toMatch(/damaged/);
    expect(tries).toBeLessThan(1_000);
  }
  await expect(unpacked(pack("a\n"))).rejects.toThrow(/until the next start/);
});
