import type { Stats } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { refusePacked } from "./packed.ts";
import { openPlain } from "./plain-file.ts";
import { type FilePosition, fingerprintAt, matches, noFingerprint } from "./position.ts";
import { openFile, rotatedAfter, rotatedFileOf, rotatedInodes, unreadCopy } from "./siblings.ts";
import { LineSplitter } from "./split.ts";

export interface LineSourceOptions {
  readonly path: string;
  /** Where an earlier run stood; undefined at the first start. */
  readonly position?: FilePosition | undefined;
  /** Where to begin at the first start: at the end less `lookbackBytes`, or at the start. Default "end". */
  readonly from?: "end" | "start";
  /** Read back at the first start, from the first whole line. Default 8 MiB. */
  readonly lookbackBytes?: number;
  /** Read at once, which bounds what one `read` returns. Default 128 KiB. */
  readonly chunkBytes?: number;
}

export interface SourceLine {
  /** Without its newline. Valid until the next `read`. */
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

export interface SourceRead {
  readonly lines: readonly SourceLine[];
  /** Behind the last line read. */
  readonly position: FilePosition;
  /** Lines may have been destroyed before they could be read; at least `lines`. */
  readonly loss: { readonly because: "rotated-away" | "truncated"; readonly lines: number } | null;
  /** Nothing more to read for now. */
  readonly atEnd: boolean;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly device: number;
  readonly inode: number;
}

/**
 * Reads a growing log file line by line, each line once, through rotation by rename and by copy-truncate, from the exact
 * byte of a position. Holds no clock: the caller decides when to look. `read` throws what `open` throws while there is
 * nothing that can be opened (ENOENT, EACCES).
 */
export class LineSource {
  readonly #options: LineSourceOptions;
  readonly #path: string;
  readonly #chunk: Buffer;
  #file: OpenFile | null = null;
  #splitter = new LineSplitter();
  /** Behind the last whole line. */
  #offset = 0;
  #fingerprint = noFingerprint;
  /** Where to go on as soon as it can be opened. */
  #resume: FilePosition | undefined;
  #appeared = false;
  /** While nothing is known of the open file, as it was empty: what lay beside it by then. */
  #beside: readonly number[] = [];
  /** When that was looked at last. */
  #besideAtMs = 0;

  constructor(options: LineSourceOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#chunk = Buffer.alloc(options.chunkBytes ?? 131_072);
    this.#resume = options.position;
  }

  async read(): Promise<SourceRead> {
    let loss: SourceRead["loss"] = null;
    if (this.#file === null) loss = await this.#begin();
    else if (await this.#wasEmptied(this.#file)) {
      const unfinished = this.#splitter.pendingBytes > 0 ? 1 : 0;
      this.#resume = this.#position();
      await this.close();
      loss = await this.#begin();
      if (loss !== null) loss = { because: "truncated", lines: Math.max(unfinished, loss.lines) };
    }
    await this.#goBackToCopy();
    const file = this.#file;
    if (file === null) throw new Error(`${this.#path} is not open`);
    const lines = await this.#readChunk(file);
    if (lines.read) return this.#result(lines.lines, loss, false);
    const rest = await this.#turn(file);
    return this.#result(rest ?? [], loss, rest === null);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.handle.close();
  }

  /** Opens the position's file wherever it is now, else the path; says what may be lost by that. */
  async #begin(): Promise<SourceRead["loss"]> {
    const resume = this.#resume;
    if (resume === undefined) {
      await this.#openFirst();
      return null;
    }
    if (!(await this.#openAt(this.#path, resume))) {
      const rotated = await rotatedFileOf(this.#path, resume);
      const there = rotated !== undefined && { ...resume, device: rotated.device, inode: rotated.inode };
      if (!there || !(await this.#openAt(rotated.path, there))) {
        const { stats, handle } = await openPlain(this.#path);
        await this.#adopt(handle, stats, 0);
        this.#resume = undefined;
        const emptied = stats.ino === resume.inode && stats.dev === resume.device;
        return { because: emptied ? "truncated" : "rotated-away", lines: 1 };
      }
    }
    this.#resume = undefined;
    return null;
  }

  async #openFirst(): Promise<void> {
    const { stats, handle } = await openPlain(this.#path).catch((error: NodeJS.ErrnoException) => {
      // A log that appears later is new as a whole.
      if (error.code === "ENOENT") this.#appeared = true;
      throw error;
    });
    await refusePacked(handle).catch(async (error: unknown) => {
      await handle.close();
      throw error;
    });
    const fromEnd = !this.#appeared && this.#options.from !== "start";
    const back = this.#options.lookbackBytes ?? 8 * 1024 * 1024;
    const start = fromEnd ? await this.#lineStart(handle, Math.max(0, stats.size - back), stats.size) : 0;
    await this.#adopt(handle, stats, start);
  }

  async #openAt(path: string, position: FilePosition): Promise<boolean> {
    const handle = await openFile(path);
    if (handle === undefined) return false;
    const stats = await handle.stat();
    const same = stats.ino === position.inode && stats.dev === position.device && stats.size >= position.offset;
    if (!same || !(await matches(handle, position.offset, position.fingerprint))) {
      await handle.close();
      return false;
    }
    await this.#adopt(handle, stats, position.offset, position.beside);
    return true;
  }

  async #adopt(handle: FileHandle, stats: Stats, offset: number, beside?: readonly number[]): Promise<void> {
    // Before anything is looked at: what comes beside it from here on is new.
    const there = beside ?? (offset === 0 ? await rotatedInodes(this.#path) : []);
    this.#file = { handle, device: stats.dev, inode: stats.ino };
    this.#offset = offset;
    this.#splitter = new LineSplitter();
    this.#fingerprint = await fingerprintAt(handle, offset);
    this.#beside = this.#isBlank() ? there : [];
    this.#besideAtMs = beside === undefined ? stats.mtimeMs : 0;
  }

  /** The first line that begins at `from` or later. */
  async #lineStart(handle: FileHandle, from: number, size: number): Promise<number> {
    if (from === 0) return 0;
    let at = from - 1;
    while (at < size) {
      const { bytesRead } = await handle.read(this.#chunk, 0, this.#chunk.length, at);
      if (bytesRead === 0) break;
      const newline = this.#chunk.subarray(0, bytesRead).indexOf(10);
      if (newline >= 0) return at + newline + 1;
      at += bytesRead;
    }
    return size;
  }

  /** The open file was cut short, or filled anew, in place. */
  async #wasEmptied(file: OpenFile): Promise<boolean> {
    const { size } = await file.handle.stat();
    if (size < this.#offset + this.#splitter.pendingBytes) return true;
    return !(await matches(file.handle, this.#offset, this.#fingerprint));
  }

  /**
   * A file of which nothing was known, as it was empty, may have been written to, copied and emptied since: nothing in it
   * tells, but there is a new copy beside it.
   */
  async #goBackToCopy(): Promise<void> {
    const file = this.#file;
    if (file === null || !this.#isBlank()) return;
    const { mtimeMs } = await file.handle.stat();
    if (mtimeMs === this.#besideAtMs) return;
    // One that was renamed is read to its end before anything that came after it.
    const current = await stat(this.#path).catch(() => null);
    if (current === null || !isFile(current, file)) return;
    const copy = await unreadCopy(this.#path, file.handle, this.#beside);
    this.#besideAtMs = mtimeMs;
    if (copy === undefined) return;
    const next = await openPlain(copy.path).catch(() => null);
    if (next === null || !isFile(next.stats, copy)) {
      await next?.handle.close();
      this.#besideAtMs = 0;
      return;
    }
    await this.close();
    await this.#adopt(next.handle, next.stats, 0);
  }

  #isBlank(): boolean {
    return this.#offset === 0 && this.#fingerprint.headBytes === 0 && this.#splitter.pendingBytes === 0;
  }

  async #readChunk(file: OpenFile): Promise<{ read: boolean; lines: SourceLine[] }> {
    const at = this.#offset + this.#splitter.pendingBytes;
    const { bytesRead } = await file.handle.read(this.#chunk, 0, this.#chunk.length, at);
    const lines: SourceLine[] = [];
    if (bytesRead === 0) return { read: false, lines };
    for (const line of this.#splitter.push(this.#chunk.subarray(0, bytesRead))) {
      lines.push(line);
      this.#offset += line.length;
    }
    // Of a file that was empty, the first piece of a line is the first that is known of it.
    if (lines.length > 0 || this.#fingerprint.headBytes === 0)
      this.#fingerprint = await fingerprintAt(file.handle, this.#offset);
    return { read: true, lines };
  }

  /**
   * At the end of a file that has a successor: turns to that and gives the old one's unfinished line, if there is one.
   * null while there is none, or when the old file has grown meanwhile.
   */
  async #turn(file: OpenFile): Promise<SourceLine[] | null> {
    const next = await this.#successor(file);
    if (next === null) return null;
    // Written between our last read and the moment at which the successor was seen.
    const { size } = await file.handle.stat();
    if (size > this.#offset + this.#splitter.pendingBytes) {
      await next.handle.close();
      return [];
    }
    const rest = this.#splitter.finish();
    await this.close();
    await this.#adopt(next.handle, next.stats, 0);
    return rest === undefined ? [] : [rest];
  }

  async #successor(file: OpenFile): Promise<{ handle: FileHandle; stats: Stats } | null> {
    const current = await stat(this.#path).catch(() => null);
    if (current !== null && isFile(current, file)) return null;
    const { mtimeMs } = await file.handle.stat();
    const rotated = await rotatedAfter(this.#path, { ...file, modifiedMs: mtimeMs });
    const expected = rotated ?? (current === null ? undefined : { device: current.dev, inode: current.ino });
    // The writer holds the old file until it is told to reopen: it has turned once the new one has something in it.
    if (expected === undefined || (rotated === undefined && current?.size === 0)) return null;
    const next = await openPlain(rotated?.path ?? this.#path).catch((error: NodeJS.ErrnoException) => {
      // What stands there now cannot be read: that is to be said, not to be taken for silence.
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (next === null || isFile(next.stats, expected)) return next;
    // Renamed between the look and the opening: the next call looks again.
    await next.handle.close();
    return null;
  }

  #position(): FilePosition {
    const { device, inode } = this.#file ?? { device: 0, inode: 0 };
    const beside = this.#isBlank() ? { beside: this.#beside } : {};
    return { device, inode, offset: this.#offset, fingerprint: this.#fingerprint, ...beside };
  }

  #result(lines: readonly SourceLine[], loss: SourceRead["loss"], atEnd: boolean): SourceRead {
    return { lines, position: this.#position(), loss, atEnd };
  }
}

function isFile(stats: Stats, file: { readonly device: number; readonly inode: number }): boolean {
  return stats.ino === file.inode && stats.dev === file.device;
}
