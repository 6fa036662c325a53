import { ZSTDDecoder } from "zstddec/stream";
import { FrameCutter, isZstd, mayBeZstd, ZstdProblem } from "./zstd-frames.ts";

/** What came of one block: at most 128 KiB. */
export interface Part {
  readonly bytes: Buffer;
  /** Where in the packed stream its block begins, and where its frame does. */
  readonly at: number;
  readonly frameAt: number;
  /** How much of the frame was given before it, in unpacked bytes. */
  readonly from: number;
}

/**
 * Unpacks a stream that may still grow, a block at a time, so that memory stays bounded whatever comes of it: the frame's
 * window, and what one block holds. Call `close` in the end: the memory is the decoder's.
 */
export class ZstdUnpacker {
  readonly #cutter: FrameCutter;
  readonly #decoded: Generator<Uint8Array, void, void>;
  /** The block that the decoder takes next. It goes on to the next one when it has used this up, and ends without one. */
  #block: Buffer | null = null;
  #isDamaged = false;
  #frameAt = -1;
  #given = 0;

  constructor(decoder: ZSTDDecoder, at: number) {
    this.#cutter = new FrameCutter(at);
    this.#decoded = decoder.decodeStreaming(this.#blocks());
  }

  /** Behind the last whole block. */
  get at(): number {
    return this.#cutter.at;
  }

  /** All that came was whole frames. */
  get isBetweenFrames(): boolean {
    return this.#cutter.isBetweenFrames;
  }

  /** Throws a ZstdProblem; nothing can be read on after that. `chunk` must stay as it is until all parts are taken. */
  *push(chunk: Buffer): Generator<Part, void, void> {
    for (const { bytes, at, frameAt, windowBytes, isEmpty } of this.#cutter.push(chunk)) {
      if (frameAt !== this.#frameAt) this.#given = 0;
      this.#frameAt = frameAt;
      const part = this.#decode(bytes);
      if (part.length === 0 && !isEmpty) throw this.#damage(at, windowBytes);
      if (part.length > 0) yield { bytes: part, at, frameAt, from: this.#given };
      this.#given += part.length;
    }
  }

  close(): void {
    if (this.#isDamaged) return;
    try {
      this.#block = null;
      this.#decoded.next();
    } catch {
      // Says that it ended within a frame, after giving its memory back.
    }
  }

  #decode(block: Buffer): Buffer {
    this.#block = block;
    const { value } = this.#decoded.next();
    // It did not come so far as to ask for this block: it is stuck at the one before.
    if (this.#block !== null || value === undefined) return Buffer.alloc(0);
    return Buffer.from(value.buffer, value.byteOffset, value.length);
  }

  *#blocks(): Generator<Uint8Array, void, void> {
    for (let block = this.#block; block !== null; block = this.#block) {
      this.#block = null;
      yield block;
    }
  }

  #damage(at: number, windowBytes: number): ZstdProblem {
    this.#isDamaged = true;
    lostBytes += windowBytes + decoderBytes;
    return new ZstdProblem(`the block at byte ${at} is damaged`);
  }
}

/** Throws a ZstdProblem when too much was damaged before. `at`: where in the stream a frame begins to be read. */
export async function zstdUnpacker(at = 0): Promise<ZstdUnpacker> {
  if (lostBytes > mostLostBytes)
    throw new ZstdProblem("too many damaged zstd streams were met: no more are taken until the next start");
  decoder ??= (async () => {
    const loading = new ZSTDDecoder();
    await loading.init();
    return loading;
  })();
  return new ZstdUnpacker(await decoder, at);
}

/** What chunks hold: unpacked when they begin as zstd does, else as they are. Throws a ZstdProblem. */
export async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let head: Buffer | null = Buffer.alloc(0);
  let unpacker: ZstdUnpacker | null = null;
  try {
    for await (const chunk of chunks) {
      let next: Buffer = chunk;
      if (head !== null) {
        next = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
        head = null;
        if (isZstd(next)) unpacker = await zstdUnpacker();
        else if (mayBeZstd(next)) head = Buffer.from(next);
      }
      if (unpacker !== null) for (const { bytes } of unpacker.push(next)) yield bytes;
      else if (head === null) yield next;
    }
    if (head !== null && head.length > 0) yield head;
    if (unpacker?.isBetweenFrames === false)
      throw new ZstdProblem("it ends within a zstd frame: it was cut short, or is still being written");
  } finally {
    unpacker?.close();
  }
}

let decoder: Promise<ZSTDDecoder> | undefined;
/** The decoder does not come back from a damaged block, nor does the memory that it took. */
let lostBytes = 0;
const mostLostBytes = 256 * 1024 * 1024;
/** What it takes beside the window, about. */
const decoderBytes = 768 * 1024;
