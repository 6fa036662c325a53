/** What a stream of zstd is made of, as far as it has to be known to hand a decoder one block at a time (RFC 8878, 3.1). */

/** One block of a frame: the first with the frame's header before it, the last with its checksum behind it. */
export interface Block {
  readonly bytes: Buffer;
  /** Where in the stream it begins, and where its frame does. */
  readonly at: number;
  readonly frameAt: number;
  /** How far back what comes of it may repeat what came before. */
  readonly windowBytes: number;
  /** Nothing comes of it: that is how a frame ends which was written as a stream. */
  readonly isEmpty: boolean;
}

/** What a decoder must keep of what it gave: KumoMTA's highest level asks for as much, the usual ones for 2 to 8 MiB. */
const largestWindowBytes = 64 * 1024 * 1024;

/** In words, why something cannot be unpacked. */
export class ZstdProblem extends Error {}

export function isZstd(head: Uint8Array): boolean {
  return magic.every((byte, at) => head[at] === byte);
}

/** So far as it goes: `head` may be shorter than what tells. */
export function mayBeZstd(head: Uint8Array): boolean {
  return magic.every((byte, at) => at >= head.length || head[at] === byte);
}

/** Cuts a stream that comes in any pieces into blocks. Holds one unfinished block, of at most 128 KiB. */
export class FrameCutter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** So much must be held before anything can be said. */
  #needBytes = 0;
  #at: number;
  #frame: Frame | null = null;
  #skipBytes = 0;

  /** `at`: where in the stream a frame begins that the first bytes belong to. */
  constructor(at = 0) {
    this.#at = at;
  }

  /** Behind the last whole block. */
  get at(): number {
    return this.#at;
  }

  get isBetweenFrames(): boolean {
    return this.#frame === null && this.#heldBytes === 0 && this.#skipBytes === 0;
  }

  /** Throws a ZstdProblem; whoever reads on after that gets nonsense. `chunk` must stay as it is until all are taken. */
  *push(chunk: Buffer): Generator<Block, void, void> {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#needBytes) {
      if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held)];
      for (let block = this.#next(); block !== null; block = this.#next()) yield block;
    }
    // The chunk's memory is the reader's and will be filled again.
    this.#held = this.#held.map((held) => (held.buffer === chunk.buffer ? Buffer.from(held) : held));
  }

  #next(): Block | null {
    for (;;) {
      if (this.#skipBytes > 0) {
        const bytes = Math.min(this.#skipBytes, this.#heldBytes);
        this.#take(bytes);
        this.#skipBytes -= bytes;
        if (this.#skipBytes > 0) return this.#wait(1);
      }
      if (this.#frame !== null) return this.#block(this.#frame);
      const begun = beginning(this.#bytes, this.#at);
      if (typeof begun === "number") return this.#wait(begun);
      if ("skipBytes" in begun) this.#skipBytes = begun.skipBytes;
      else this.#frame = begun;
    }
  }

  #block(frame: Frame): Block | null {
    const held = this.#bytes;
    const head = frame.unsentHeaderBytes;
    if (held.length < head + 3) return this.#wait(head + 3);
    const word = held.readUIntLE(head, 3);
    const isLast = (word & 1) === 1;
    const type = (word >> 1) & 3;
    const size = word >> 3;
    if (type === reservedType || size > largestBlockBytes)
      throw new ZstdProblem(`the block at byte ${this.#at + head} is damaged`);
    const bytes = head + 3 + (type === repeatedByteType ? 1 : size) + (isLast ? frame.checksumBytes : 0);
    if (held.length < bytes) return this.#wait(bytes);
    const { at: frameAt, windowBytes } = frame;
    const block = { bytes: held.subarray(0, bytes), at: this.#at, frameAt, windowBytes, isEmpty: size === 0 };
    this.#take(bytes);
    this.#frame = isLast ? null : { ...frame, unsentHeaderBytes: 0 };
    return block;
  }

  get #bytes(): Buffer {
    return this.#held[0] ?? Buffer.alloc(0);
  }

  #take(bytes: number): void {
    const rest = this.#bytes.subarray(bytes);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes -= bytes;
    this.#at += bytes;
  }

  #wait(bytes: number): null {
    this.#needBytes = bytes;
    return null;
  }
}

interface Frame {
  readonly at: number;
  readonly windowBytes: number;
  /** Of the header that stands before the next block; 0 once that was given. */
  readonly unsentHeaderBytes: number;
  readonly checksumBytes: number;
}

/** A frame's header, how many bytes to skip, or how many bytes are needed to tell. */
function beginning(bytes: Buffer, at: number): Frame | { readonly skipBytes: number } | number {
  if (bytes.length < 5) return 5;
  const isSkippable = bytes.readUInt32LE(0) >>> 4 === skippableMagic;
  if (isSkippable) return bytes.length < 8 ? 8 : { skipBytes: 8 + bytes.readUInt32LE(4) };
  if (!isZstd(bytes)) throw new ZstdProblem(`at byte ${at} no zstd frame begins`);
  const flags = bytes.readUInt8(4);
  const isSingleSegment = (flags & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const idAt = isSingleSegment ? 5 : 6;
  const headerBytes = idAt + idBytes + sizeBytes;
  if (bytes.length < headerBytes) return headerBytes;
  if (idBytes > 0 && bytes.readUIntLE(idAt, idBytes) !== 0)
    throw new ZstdProblem("it was packed with a dictionary: unpack it first, with zstd -d -D DICTIONARY");
  const windowBytes = isSingleSegment
    ? contentSize(bytes.subarray(headerBytes - sizeBytes, headerBytes))
    : windowSize(bytes.readUInt8(5));
  if (windowBytes > largestWindowBytes) {
    const mebibytes = Math.ceil(windowBytes / 1024 / 1024);
    throw new ZstdProblem(
      `to unpack it takes a window of ${mebibytes} MiB, over 64 MiB: unpack it first, with zstd -d`,
    );
  }
  return { at, windowBytes, unsentHeaderBytes: headerBytes, checksumBytes: (flags & 4) === 0 ? 0 : 4 };
}

/** RFC 8878, 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878, 3.1.1.1.4. */
function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

const magic = [0x28, 0xb5, 0x2f, 0xfd];
/** Of a frame that is not ours to read: 0x184D2A50 to 0x184D2A5F. */
const skippableMagic = 0x184_d2a5;
const largestBlockBytes = 128 * 1024;
const repeatedByteType = 1;
const reservedType = 3;
