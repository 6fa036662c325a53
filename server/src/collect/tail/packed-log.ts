import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { environment, noProgram } from "../../host/program.ts";
import { gunzipped } from "../../unpack/gunzip.ts";
import { unpackZstd } from "../../unpack/zstd.ts";

/** By the end of a file's name: what logrotate(8) is told to pack with (`compresscmd`, `compressext`). */
export type Packing = keyof typeof unpackers;

export function packingOf(path: string): Packing | undefined {
  const end = path.slice(path.lastIndexOf(".") + 1);
  return Object.hasOwn(unpackers, end) ? (end as Packing) : undefined;
}

/** A rotated file that was packed. Nobody writes to it any more; it is unpacked as it is read on. */
export class PackedLog {
  readonly #handle: FileHandle;
  readonly #packing: Packing;
  #pieces: AsyncIterator<Buffer> | null = null;
  /** What was unpacked and not read yet, and where that begins. */
  #piece: Buffer = nothing;
  #at = 0;
  #problem: string | null = null;

  constructor(handle: FileHandle, packing: Packing) {
    this.#handle = handle;
    this.#packing = packing;
  }

  /** Why what follows the last byte that could be read cannot be. */
  get problem(): string | null {
    return this.#problem;
  }

  /** What lies before the last read costs unpacking it again from the beginning. */
  async read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }> {
    if (position < this.#at) await this.#rewind();
    let bytesRead = 0;
    while (bytesRead < length) {
      if (this.#piece.length === 0 && !(await this.#unpack())) break;
      const before = Math.min(Math.max(position - this.#at, 0), this.#piece.length);
      const taken = this.#piece.copy(buffer, offset + bytesRead, before, before + length - bytesRead);
      this.#piece = this.#piece.subarray(before + taken);
      this.#at += before + taken;
      bytesRead += taken;
    }
    return { bytesRead };
  }

  stat(): Promise<Stats> {
    return this.#handle.stat();
  }

  async close(): Promise<void> {
    await this.#rewind();
    await this.#handle.close();
  }

  async #unpack(): Promise<boolean> {
    if (this.#problem !== null) return false;
    this.#pieces ??= this.#begun();
    try {
      const { value, done } = await this.#pieces.next();
      if (done !== true) this.#piece = value;
      return done !== true;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  #begun(): AsyncIterator<Buffer> {
    return unpackers[this.#packing](bytesOf(this.#handle))[Symbol.asyncIterator]();
  }

  async #rewind(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = null;
    this.#piece = nothing;
    this.#at = 0;
    this.#problem = null;
    // One that has failed has ended.
    await pieces?.return?.().catch(() => undefined);
  }
}

type Packed = AsyncGenerator<Buffer, void, void>;

const unpackers = {
  gz: (packed: Packed): AsyncIterable<Buffer> => gunzipped(packed, pieceBytes),
  zst: (packed: Packed): AsyncIterable<Buffer> => unpackZstd(packed),
  xz: (packed: Packed) => unpackedBy("xz", packed),
  bz2: (packed: Packed) => unpackedBy("bzip2", packed),
};

/** A stream of the handle would close it. */
async function* bytesOf(handle: FileHandle): Packed {
  for (let at = 0; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** What Node cannot unpack, the program does that packed it. */
async function* unpackedBy(program: string, packed: Packed): Packed {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "ignore"], env: environment() });
  const ended = once(child, "close") as Promise<[number | null]>;
  ended.catch(() => undefined);
  try {
    pipeline(Readable.from(packed), child.stdin, () => undefined);
    for await (const piece of child.stdout as AsyncIterable<Buffer>) yield piece;
    const [code] = await ended.catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new Error(noProgram(program), { cause: error }) : error;
    });
    if (code !== 0) throw new Error(`${program} cannot unpack all of it`);
  } finally {
    child.kill("SIGKILL");
  }
}

const pieceBytes = 128 << 10;
const nothing = Buffer.alloc(0);
