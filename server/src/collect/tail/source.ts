import type { Stats } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { openLog } from "./log-file.ts";
import { refusePacked } from "./packed.ts";
import { openPlain } from "./plain-file.ts";
import { type FilePosition, recognised, type Traces } from "./position.ts";
import { FileReading } from "./reading.ts";
import type { LogPlace } from "./rotated.ts";
import { newestNumberOf, rotatedAfter, rotatedFileOf, rotatedInodes, rotatedSince, unreadCopy } from "./siblings.ts";

export interface LineSourceOptions extends LogPlace {
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
  readonly loss: FileLoss | null;
  /** Nothing more to read for now. */
  readonly atEnd: boolean;
}

/** How many lines it were nobody knows: `lines` or more. */
export interface FileLoss {
  readonly because: "rotated-away" | "truncated" | "unreadable";
  readonly lines: number;
  readonly isAtLeast: true;
  /** It stands behind so many of the lines that come with it. Default 0. */
  readonly afterLines?: number;
}

/**
 * Reads a growing log file line by line, each line once, through rotation by rename and by copy-truncate, from the exact
 * byte of a position, also where that is packed by now. Holds no clock: the caller decides when to look. `read` throws what
 * `open` throws while there is nothing that can be opened (ENOENT, EACCES).
 */
export class LineSource {
  readonly #options: LineSourceOptions;
  readonly #path: string;
  #newestNumber: number | undefined;
  #file: FileReading | null = null;
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
    this.#resume = options.position;
    this.#newestNumber = options.position?.newestNumber;
  }

  async read(): Promise<SourceRead> {
    let loss = this.#file === null ? await this.#begin() : null;
    let file = await this.#notBeforeCopy();
    let lines = await file.read();
    if (lines === "emptied") {
      const unfinished = file.hasUnfinished ? 1 : 0;
      this.#resume = this.#position(file);
      await this.close();
      loss = await this.#begin();
      if (loss !== null) loss = { ...loss, because: "truncated", lines: Math.max(unfinished, loss.lines) };
      file = await this.#notBeforeCopy();
      lines = await file.read();
    }
    // Emptied once more: the next call looks again.
    if (lines === "emptied") return this.#result(file, [], loss, false);
    if (lines !== null) return this.#result(file, lines, loss, false);
    const turn = await this.#turn(file);
    if (turn?.next === undefined) return this.#result(file, [], loss, turn === null);
    if (turn.loss === null) return this.#result(turn.next, turn.rest, loss, false);
    // With what comes behind the gap, which tells how far it reaches.
    lines = await turn.next.read();
    const gap = loss === null ? { ...turn.loss, afterLines: turn.rest.length } : joined(loss, turn.loss);
    return this.#result(turn.next, [...turn.rest, ...(Array.isArray(lines) ? lines : [])], gap, false);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Opens the position's file wherever it is now, else what was written after that; says what may be lost by that. */
  async #begin(): Promise<FileLoss | null> {
    const resume = this.#resume;
    if (resume === undefined) await this.#openFirst();
    const isLog = resume === undefined || (await this.#openAt(await openOrNull(openPlain(this.#path)), resume));
    if (isLog) await this.#seeNumbers();
    const because = isLog ? null : await this.#beginElsewhere(resume);
    this.#resume = undefined;
    return because === null ? null : { because, lines: 1, isAtLeast: true };
  }

  /** While nothing has been rotated away since the last look: else the lowest number may be missing. */
  async #seeNumbers(): Promise<void> {
    const seen = (await newestNumberOf(this.#options)) ?? Infinity;
    const newest = Math.min(seen, this.#newestNumber ?? Infinity);
    if (Number.isFinite(newest)) this.#newestNumber = newest;
  }

  async #beginElsewhere(resume: FilePosition): Promise<FileLoss["because"] | null> {
    const rotated = await rotatedFileOf(this.#options, resume);
    if (rotated !== undefined) {
      const there = { ...resume, device: rotated.device, inode: rotated.inode };
      if (await this.#openAt(await openOrNull(openLog(rotated.path)), there)) return null;
    }
    const current = await openPlain(this.#path);
    const because = isFile(current.stats, resume) ? "truncated" : "rotated-away";
    const { modifiedMs } = resume;
    for (const next of await rotatedSince(this.#options, resume)) {
      const opened = await openOrNull(openLog(next.path));
      if (opened !== null && isFile(opened.stats, next)) {
        await current.handle.close();
        await this.#adopt(opened, { offset: 0, modifiedMs });
        return because;
      }
      await opened?.handle.close();
    }
    await this.#adopt(current, { offset: 0, modifiedMs });
    return because;
  }

  async #openFirst(): Promise<void> {
    const opened = await openPlain(this.#path).catch((error: NodeJS.ErrnoException) => {
      // A log that appears later is new as a whole.
      if (error.code === "ENOENT") this.#appeared = true;
      throw error;
    });
    const { handle, stats } = opened;
    await refusePacked(handle).catch(async (error: unknown) => {
      await handle.close();
      throw error;
    });
    const fromEnd = !this.#appeared && this.#options.from !== "start";
    const back = this.#options.lookbackBytes ?? 8 * 1024 * 1024;
    const offset = fromEnd ? await lineStart(handle, Math.max(0, stats.size - back), stats.size) : 0;
    await this.#adopt(opened, { offset, modifiedMs: undefined });
  }

  async #openAt(opened: Opened | null, position: FilePosition): Promise<boolean> {
    if (opened === null) return false;
    const traces = isFile(opened.stats, position) ? await recognised(opened.handle, position) : null;
    if (traces === null) await opened.handle.close();
    else await this.#adopt(opened, { modifiedMs: undefined, ...position, traces });
    return traces !== null;
  }

  async #adopt({ handle, stats }: Opened, start: Start): Promise<FileReading> {
    const { offset, beside } = start;
    // Before anything is looked at: what comes beside it from here on is new.
    const there = beside ?? (offset === 0 ? await rotatedInodes(this.#options) : []);
    const chunkBytes = this.#options.chunkBytes ?? 131_072;
    const file = await FileReading.begin({ ...start, handle, stats, chunkBytes });
    this.#file = file;
    this.#beside = file.isBlank ? there : [];
    this.#besideAtMs = beside === undefined ? stats.mtimeMs : 0;
    return file;
  }

  /**
   * A file of which nothing was known, as it was empty, may have been written to, copied and emptied since: nothing in it
   * tells, but there is a new copy beside it. Then that is read first.
   */
  async #notBeforeCopy(): Promise<FileReading> {
    const file = this.#file;
    if (file === null) throw new Error(`${this.#path} is not open`);
    if (!file.isBlank) return file;
    const { mtimeMs } = await file.handle.stat();
    if (mtimeMs === this.#besideAtMs) return file;
    // One that was renamed is read to its end before anything that came after it.
    const current = await stat(this.#path).catch(() => null);
    if (current === null || !isFile(current, file)) return file;
    const { modifiedMs } = file.position;
    const copy = await unreadCopy(this.#options, file.handle, this.#beside, modifiedMs ?? Infinity);
    this.#besideAtMs = mtimeMs;
    if (copy === undefined) return file;
    const opened = await openOrNull(openLog(copy.path));
    if (opened !== null && isFile(opened.stats, copy)) {
      await this.close();
      return this.#adopt(opened, { offset: 0, modifiedMs });
    }
    await opened?.handle.close();
    this.#besideAtMs = 0;
    return file;
  }

  /**
   * At the end of a file that has a successor: turns to that and gives the old one's unfinished line, if there is one.
   * null while there is none; no `next` when the old file has grown meanwhile.
   */
  async #turn(file: FileReading): Promise<Turn | null> {
    const successor = await this.#successor(file);
    if (successor === null) return null;
    const stats = await file.handle.stat();
    // Written between our last read and the moment at which the successor was seen.
    if (file.hasGrown(stats)) {
      await successor.handle.close();
      return { next: undefined };
    }
    const lines = successor.missing + (file.isDamaged ? 1 : 0);
    const because = file.isDamaged ? "unreadable" : "rotated-away";
    const rest = file.finish();
    await this.close();
    const next = await this.#adopt(successor, { offset: 0, modifiedMs: stats.mtimeMs });
    return { next, rest, loss: lines === 0 ? null : { because, lines, isAtLeast: true } };
  }

  async #successor(file: FileReading): Promise<(Opened & { readonly missing: number }) | null> {
    const current = await stat(this.#path).catch(() => null);
    if (current !== null && isFile(current, file)) return null;
    const position = this.#position(file);
    const after = await rotatedAfter(this.#options, position, await file.handle.stat(), file.packedInto);
    file.packedInto = after.left;
    const expected = after.file ?? (current === null ? undefined : { device: current.dev, inode: current.ino });
    // The writer holds the old file until it is told to reopen: it has turned once the new one has something in it.
    if (expected === undefined || (after.file === undefined && current?.size === 0)) return null;
    const opening = after.file === undefined ? openPlain(this.#path) : openLog(after.file.path);
    const next = await opening.catch((error: NodeJS.ErrnoException) => {
      // What stands there now cannot be read: that is to be said, not to be taken for silence.
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (next !== null && isFile(next.stats, expected)) {
      // On the way there the lowest number may be that of what follows one that is missing.
      if (after.file === undefined) this.#newestNumber = after.newestNumber ?? this.#newestNumber;
      return { ...next, missing: after.missing };
    }
    // Renamed between the look and the opening: the next call looks again.
    await next?.handle.close();
    return null;
  }

  #position(file: FileReading): FilePosition {
    const newest = this.#newestNumber === undefined ? {} : { newestNumber: this.#newestNumber };
    const beside = file.isBlank ? { beside: this.#beside } : {};
    return { ...file.position, ...beside, ...newest };
  }

  #result(file: FileReading, lines: readonly SourceLine[], loss: FileLoss | null, atEnd: boolean): SourceRead {
    return { lines, position: this.#position(file), loss, atEnd };
  }
}

type Opened = Awaited<ReturnType<typeof openLog>>;

interface Start {
  readonly offset: number;
  readonly modifiedMs: number | undefined;
  readonly traces?: Traces;
  readonly beside?: readonly number[];
}

type Turn =
  | { readonly next: undefined }
  | { readonly next: FileReading; readonly rest: readonly SourceLine[]; readonly loss: FileLoss | null };

/** Two of which nothing stands between. */
export function joined<Loss extends { readonly lines: number }>(first: Loss, second: Loss): Loss {
  return { ...first, lines: first.lines + second.lines };
}

/** null when it is gone, not readable, or no file. */
const openOrNull = (opening: Promise<Opened>): Promise<Opened | null> => opening.catch(() => null);

function isFile(stats: Stats, file: { readonly device: number; readonly inode: number }): boolean {
  return stats.ino === file.inode && stats.dev === file.device;
}

/** The first line that begins at `from` or later. */
async function lineStart(handle: FileHandle, from: number, size: number): Promise<number> {
  if (from === 0) return 0;
  const chunk = Buffer.alloc(131_072);
  let at = from - 1;
  while (at < size) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    const newline = chunk.subarray(0, bytesRead).indexOf(10);
    if (newline >= 0) return at + newline + 1;
    at += bytesRead;
  }
  return size;
}
