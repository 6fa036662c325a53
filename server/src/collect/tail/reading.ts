import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { FileMemory } from "./memory.ts";
import { PackedLog } from "./packed-log.ts";
import { type FilePosition, longestTraceBytes, type Traces, tracesAt } from "./position.ts";
import type { RotatedFile } from "./rotated.ts";
import { type CutLine, LineSplitter } from "./split.ts";

/** One file while it is read on from a byte of it. */
export class FileReading {
  readonly handle: FileHandle | PackedLog;
  readonly device: number;
  readonly inode: number;
  readonly #chunkBytes: number;
  readonly #chunk: Buffer;
  readonly #splitter = new LineSplitter();
  readonly #memory: FileMemory;
  /** Behind the last whole line. */
  #offset: number;
  #modifiedMs: number | undefined;
  /** What it was packed into meanwhile, while its bytes are still read here. */
  packedInto: RotatedFile | undefined;

  private constructor({ handle, stats, offset, modifiedMs, chunkBytes }: ReadingStart, traces: Traces) {
    this.handle = handle;
    this.device = stats.dev;
    this.inode = stats.ino;
    this.#chunkBytes = chunkBytes;
    this.#chunk = Buffer.alloc(longestTraceBytes + chunkBytes);
    this.#memory = new FileMemory(traces);
    this.#offset = offset;
    this.#modifiedMs = modifiedMs;
  }

  static async begin(start: ReadingStart): Promise<FileReading> {
    return new FileReading(start, start.traces ?? (await tracesAt(start.handle, start.offset)));
  }

  get position(): FilePosition {
    const { device, inode } = this;
    const modified = this.#modifiedMs === undefined ? {} : { modifiedMs: this.#modifiedMs };
    return { device, inode, offset: this.#offset, fingerprint: this.#memory.fingerprint, ...modified };
  }

  /** Nothing was read of it, and nothing is known of what is in it. */
  get isBlank(): boolean {
    return this.#offset === 0 && this.#memory.head.length === 0 && !this.hasUnfinished;
  }

  get hasUnfinished(): boolean {
    return this.#splitter.pendingBytes > 0;
  }

  get isDamaged(): boolean {
    return this.handle instanceof PackedLog && this.handle.problem !== null;
  }

  /** There is more in it than was read. */
  hasGrown({ size }: Stats): boolean {
    return !(this.handle instanceof PackedLog) && size > this.#readTo;
  }

  /** Lines, valid until the next call; null at its end; "emptied": it was cut short, or filled anew, in place. */
  async read(): Promise<CutLine[] | null | "emptied"> {
    const data = this.handle instanceof PackedLog ? await this.#unpacked(this.handle) : await this.#fresh(this.handle);
    if (data === null) return "emptied";
    if (data.length === 0) return null;
    const from = this.#readTo;
    const lines: CutLine[] = [];
    for (const line of this.#splitter.push(data)) {
      lines.push(line);
      this.#offset += line.length;
    }
    this.#memory.readOn(data, Math.max(0, this.#offset - from));
    return lines;
  }

  /** The unfinished line, once nothing can come any more. */
  finish(): CutLine[] {
    const rest = this.#splitter.finish();
    return rest === undefined ? [] : [rest];
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  get #readTo(): number {
    return this.#offset + this.#splitter.pendingBytes;
  }

  /** What stands behind what was read, in one piece with the end of that; null when that is not there any more. */
  async #fresh(handle: FileHandle): Promise<Buffer | null> {
    const { head, before } = this.#memory;
    const start = this.#readTo - before.length;
    if (start > 0 && !(await tracesAt(handle, 0)).head.subarray(0, head.length).equals(head)) return null;
    // Before it is read: what is written later is newer than what was read.
    const { mtimeMs } = await handle.stat();
    const asked = before.length + this.#chunkBytes;
    const { bytesRead } = await handle.read(this.#chunk, 0, asked, start);
    const bytes = this.#chunk.subarray(0, bytesRead);
    if (!this.#memory.isOf(bytes, start, asked)) return null;
    this.#modifiedMs = mtimeMs;
    if (start === 0) this.#memory.learnHead(bytes);
    return bytes.subarray(before.length);
  }

  async #unpacked(handle: PackedLog): Promise<Buffer> {
    const { bytesRead } = await handle.read(this.#chunk, 0, this.#chunkBytes, this.#readTo);
    return this.#chunk.subarray(0, bytesRead);
  }
}

export interface ReadingStart {
  readonly handle: FileHandle | PackedLog;
  readonly stats: Stats;
  readonly offset: number;
  /** Where they are known. */
  readonly traces?: Traces;
  /** When what was read before it was last written to. */
  readonly modifiedMs: number | undefined;
  readonly chunkBytes: number;
}
