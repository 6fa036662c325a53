import { isAscii } from "node:buffer";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { unreadable } from "../config/unreadable.ts";
import type { Lines } from "../core/line-block.ts";
import { unpackZstd } from "../unpack/zstd.ts";
import { isZstd } from "../unpack/zstd-frames.ts";
import { type Source, streamSource, unpacked } from "./source.ts";

export interface Line {
  readonly text: string;
  readonly number: number;
  readonly truncated: boolean;
}

/** Consecutive lines. */
export interface LinesRead extends Lines {
  /** The first one's number, from 1. */
  readonly first: number;
  /** Which of them were cut, counted from 0. */
  readonly truncated: readonly number[];
}

/** What is longer is cut: a line without an end must not fill memory. */
const longestLine = 64 * 1024;
/** A text of 128 KiB or more is given memory of its own by the engine, and that costs as much as cutting it. */
const blockBytes = 96 * 1024;
/** Of who only wants to see how a file begins. */
export const headBlockBytes = 8 * 1024;
/** Read at once: each time costs as much as parsing a hundred lines. */
const readBytes = 256 * 1024;

/**
 * The lines of a file, unpacked when its name ends in `.gz` or it begins as zstd does, a block at a time. Ends of line are LF
 * or CR LF. Throws an Error that names the file when it cannot be read or unpacked; what was read before has been given out
 * by then.
 */
export async function* readBlocks(path: string, mostBytes = blockBytes): AsyncGenerator<LinesRead> {
  try {
    if (path.endsWith(".gz")) yield* blocksOf(streamSource(unpacked(path)), mostBytes);
    else {
      const file = await open(path);
      try {
        const { buffer: head } = await file.read(Buffer.alloc(4), 0, 4, 0);
        if (isZstd(head)) yield* blocksOf(streamSource(unpackZstd(createReadStream(path))), mostBytes);
        else yield* blocksOf(async (into, at) => (await file.read(into, at, readBytes, null)).bytesRead, mostBytes);
      } finally {
        await file.close();
      }
    }
  } catch (error) {
    throw new Error(`${path}: ${unreadable(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

/** The same, each line with its number, invalid UTF-8 as U+FFFD: for files of few lines. */
export async function* readLines(path: string, mostBytes = blockBytes): AsyncGenerator<readonly Line[]> {
  for await (const block of readBlocks(path, mostBytes))
    yield Array.from({ length: block.count }, (_, at) => ({
      text: lineText(block, at),
      number: block.first + at,
      truncated: block.truncated.includes(at),
    }));
}

/** The text of a line, by its place among those of the block. */
export function lineText(block: LinesRead, at: number): string {
  const { bytes, text, base } = block;
  const start = block.starts[at] ?? 0;
  const end = block.ends[at] ?? start;
  if (block.isAscii) return text.slice(start - base, end - base);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

/** The lines of whatever fills memory. The blocks lie in that memory: each is valid until the next is asked for. */
export async function* blocksOf(fill: Source, mostBytes = blockBytes): AsyncGenerator<LinesRead> {
  const buffer = Buffer.from(new ArrayBuffer(longestLine + readBytes));
  const cut = createCutter(buffer);
  let held = 0;
  let overLong = false;
  for (;;) {
    const read = await fill(buffer, held);
    let have = held + read;
    if (read === 0) {
      if (held > 0) yield cut(0, have, overLong);
      return;
    }
    if (overLong) {
      // The excess of a line goes, up to its end.
      const end = buffer.subarray(held, have).indexOf(newline);
      if (end < 0) continue;
      buffer.copyWithin(held, held + end, have);
      have -= end;
    }
    let from = 0;
    for (let to = blockEnd(buffer, from, have, mostBytes); to > from; to = blockEnd(buffer, from, have, mostBytes)) {
      yield cut(from, to, overLong);
      overLong = false;
      from = to;
    }
    held = Math.min(have - from, longestLine);
    overLong = have - from > longestLine;
    buffer.copyWithin(0, from, from + held);
  }
}

/** Behind the last end of line that a block has room for, or behind the first when that line is longer; `from` without any. */
function blockEnd(buffer: Buffer, from: number, have: number, mostBytes: number): number {
  const most = Math.min(from + mostBytes, have);
  const last = buffer.lastIndexOf(newline, most - 1);
  if (last >= from) return last + 1;
  const next = buffer.subarray(most, have).indexOf(newline);
  return next < 0 ? from : most + next + 1;
}

/** Cuts what lies between two places of the memory; the first line may be one of which the rest is gone. */
function createCutter(buffer: Buffer): (from: number, to: number, isFirstCut: boolean) => LinesRead {
  const bytes = new Uint8Array(buffer.buffer);
  const view = new DataView(buffer.buffer);
  let starts: Int32Array = new Int32Array(4_096);
  let ends: Int32Array = new Int32Array(4_096);
  let number = 1;
  return (from, to, isFirstCut) => {
    let count = 0;
    const truncated: number[] = isFirstCut ? [0] : [];
    // A character for each byte: engines look for one in a text without leaving compiled code, in bytes they call out.
    const text = buffer.toString("latin1", from, to);
    for (let start = from; start < to;) {
      const found = text.indexOf("\n", start - from);
      const next = found < 0 ? to : from + found;
      let end = next;
      if (end - start > longestLine) {
        end = start + longestLine;
        truncated.push(count);
      }
      if (end > start && bytes[end - 1] === carriageReturn) end--;
      if (count === starts.length) [starts, ends] = [grown(starts), grown(ends)];
      starts[count] = start;
      ends[count] = end;
      count++;
      start = next + 1;
    }
    const first = number;
    number += count;
    const isPlain = isAscii(buffer.subarray(from, to));
    return { bytes, view, text, base: from, isAscii: isPlain, count, starts, ends, first, truncated };
  };
}

function grown(places: Int32Array): Int32Array {
  const more = new Int32Array(2 * places.length);
  more.set(places);
  return more;
}

const newline = 10;
const carriageReturn = 13;
