import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { openPlain } from "../tail/plain-file.ts";
import type { SourceLine } from "../tail/source.ts";
import { LineSplitter } from "../tail/split.ts";
import { type Part, type ZstdUnpacker, zstdUnpacker } from "../../unpack/zstd.ts";
import type { SegmentPosition } from "./position.ts";

export interface SegmentRead {
  readonly lines: readonly SourceLine[];
  /** `more`: ask again at once; `waits`: all that is there; `done`: and nothing will come any more. */
  readonly state: "more" | "waits" | "done";
}

/** One segment, zstd, that is read as it grows, from where an earlier run stood. */
export class Segment {
  readonly #handle: FileHandle;
  readonly #unpacker: ZstdUnpacker;
  readonly #start: SegmentPosition;
  readonly #wantedFrom: number;
  readonly #splitter = new LineSplitter();
  readonly #chunk = Buffer.alloc(chunkBytes);
  #readTo: number;
  #parts: Iterator<Part, void> | null = null;
  #position: SegmentPosition;
  /** Why it cannot be read on, once the lines before that are given. */
  #problem: unknown = null;

  private constructor(handle: FileHandle, unpacker: ZstdUnpacker, start: SegmentPosition, wantedFrom: number) {
    this.#handle = handle;
    this.#unpacker = unpacker;
    this.#start = start;
    this.#position = start;
    this.#readTo = start.frameAt;
    this.#wantedFrom = wantedFrom;
  }

  /**
   * Lines that begin before the byte `wantedFrom` of the packed file are passed over, about. Throws what `openPlain` throws, a
   * ZstdProblem, or null for a file that is shorter than it was.
   */
  static async open(folder: string, start: SegmentPosition, wantedFrom = 0): Promise<Segment | null> {
    const { handle, stats } = await openPlain(join(folder, start.name));
    try {
      if (stats.size >= start.frameAt) return new Segment(handle, await zstdUnpacker(start.frameAt), start, wantedFrom);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return null;
  }

  get name(): string {
    return this.#start.name;
  }

  /** Behind the last line given. */
  get position(): SegmentPosition {
    // What is over need not be unpacked again.
    const isOver = this.isWhole && this.#splitter.pendingBytes === 0;
    return isOver ? { name: this.name, frameAt: this.#unpacker.at, skipBytes: 0 } : this.#position;
  }

  /** As far as it was read, it ends where a frame ends. */
  get isWhole(): boolean {
    return this.#unpacker.isBetweenFrames;
  }

  /** Nothing of it has been there yet. */
  get isEmpty(): boolean {
    return this.#readTo === 0;
  }

  /** Throws a ZstdProblem, or what `read` throws. */
  async read(): Promise<SegmentRead> {
    const lines: SourceLine[] = [];
    for (let given = 0; given < mostBytes;) {
      const part = this.#nextPart();
      if (this.#problem !== null) {
        if (lines.length > 0) break;
        throw this.#problem;
      }
      if (part !== undefined) {
        this.#take(part, lines);
        given += part.bytes.length;
        continue;
      }
      // Looked at before reading: when it is closed by now, what is read behind that is all there is.
      const { mode } = await this.#handle.stat();
      const { bytesRead } = await this.#handle.read(this.#chunk, 0, chunkBytes, this.#readTo);
      if (bytesRead === 0) return { lines, state: (mode & anybodyMayWrite) === 0 ? "done" : "waits" };
      this.#readTo += bytesRead;
      this.#parts = this.#unpacker.push(this.#chunk.subarray(0, bytesRead));
    }
    return { lines, state: "more" };
  }

  /** The unfinished line, when nothing can come any more. */
  finish(): readonly SourceLine[] {
    const rest = this.#splitter.finish();
    return rest === undefined ? [] : [rest];
  }

  async close(): Promise<void> {
    this.#unpacker.close();
    await this.#handle.close();
  }

  #nextPart(): Part | undefined {
    if (this.#problem !== null) return undefined;
    try {
      return this.#parts?.next().value ?? undefined;
    } catch (error) {
      this.#problem = error;
      return undefined;
    }
  }

  #take(part: Part, lines: SourceLine[]): void {
    const { frameAt, skipBytes } = this.#start;
    const known = part.frameAt === frameAt ? Math.max(0, skipBytes - part.from) : 0;
    const bytes = part.bytes.subarray(known);
    if (bytes.length === 0) return;
    for (const line of this.#splitter.push(bytes)) if (part.at >= this.#wantedFrom) lines.push(line);
    const newline = part.bytes.lastIndexOf(newlineByte);
    if (newline >= known)
      this.#position = { name: this.name, frameAt: part.frameAt, skipBytes: part.from + newline + 1 };
  }
}

const chunkBytes = 64 * 1024;
/** Given at once, unpacked: as much again may come of the last block. */
const mostBytes = 256 * 1024;
const anybodyMayWrite = 0o222;
const newlineByte = 10;
