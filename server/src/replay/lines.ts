import { isAscii } from "node:buffer";
import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";

export interface Line {
  readonly text: string;
  readonly number: number;
  readonly truncated: boolean;
}

/** What is longer is cut: a line without an end must not fill memory. */
const longestLine = 64 * 1024;

/** A text of 128 KiB or more is given memory of its own by the engine, and that costs as much as cutting it. */
const chunkBytes = 96 * 1024;

/** Consecutive lines. */
export interface Texts {
  readonly texts: readonly string[];
  /** The first one's number, from 1. */
  readonly first: number;
  /** Places of those that were cut. */
  readonly truncated: readonly number[];
}

/**
 * The lines of a file, unpacked when its name ends in `.gz`, a portion at a time. Ends of line are LF or CR LF; invalid
 * UTF-8 becomes U+FFFD. Throws an Error that names the file when it cannot be read or unpacked; what was read before
 * has been given out by then.
 */
export async function* readTexts(path: string): AsyncGenerator<Texts> {
  const decode = createDecoder();
  const split = createSplitter();
  try {
    for await (const chunk of open(path)) {
      const lines = split(decode(chunk as Buffer));
      if (lines.texts.length > 0) yield lines;
    }
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const rest = split(decode(null), true);
  if (rest.texts.length > 0) yield rest;
}

/** The same, each line with its number: for files of few lines. */
export async function* readLines(path: string): AsyncGenerator<readonly Line[]> {
  for await (const { texts, first, truncated } of readTexts(path))
    yield texts.map((text, at) => ({ text, number: first + at, truncated: truncated.includes(at) }));
}

function open(path: string): AsyncIterable<unknown> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  if (!path.endsWith(".gz")) return file;
  const plain = createGunzip({ chunkSize: chunkBytes });
  file.on("error", (error) => plain.destroy(error));
  plain.on("close", () => file.destroy());
  return file.pipe(plain);
}

/** UTF-8; null is the end. Nearly all of a log is ASCII, which has a shorter way. */
function createDecoder(): (chunk: Buffer | null) => string {
  const decoder = new StringDecoder("utf8");
  let isWhole = true;
  return (chunk) => {
    if (chunk === null) return decoder.end();
    if (isWhole && isAscii(chunk)) return chunk.toString("latin1");
    const text = decoder.write(chunk);
    // The last byte of a character that goes on in the next chunk is never ASCII.
    isWhole = (chunk.at(-1) ?? 0) < 0x80;
    return text;
  };
}

function createSplitter() {
  let begun = "";
  let overLong = false;
  let number = 0;
  return (text: string, last = false): Texts => {
    const texts: string[] = [];
    const truncated: number[] = [];
    let from = 0;
    const finish = (end: number) => {
      const whole = overLong ? begun : begun + text.slice(from, end);
      const cut = overLong || whole.length > longestLine;
      if (cut) truncated.push(texts.length);
      const line = cut ? whole.slice(0, longestLine) : whole;
      texts.push(line.charCodeAt(line.length - 1) === carriageReturn ? line.slice(0, -1) : line);
      begun = "";
      overLong = false;
    };
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      finish(end);
      from = end + 1;
    }
    if (last) {
      if (begun !== "" || overLong || from < text.length) finish(text.length);
    } else if (!overLong) {
      begun += text.slice(from);
      if (begun.length > longestLine) {
        begun = begun.slice(0, longestLine);
        overLong = true;
      }
    }
    const first = number + 1;
    number += texts.length;
    return { texts, first, truncated };
  };
}

const carriageReturn = 13;
