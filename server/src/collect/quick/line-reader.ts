import { isAscii } from "node:buffer";
import type { MailEvent } from "../../core/event.ts";
import type { LineBlock, LineReader } from "../../core/line-block.ts";
import { longestLineBytes } from "../tail/split.ts";

/** A reader of single lines too, as they come from a file that grows, the journal or the network. */
export interface AnyLineReader extends LineReader {
  (line: string | Buffer): MailEvent;
  readonly inBlock: (block: LineBlock, start: number, end: number) => MailEvent;
}

/**
 * Makes one of two ways to read, of texts and of bytes. Cuts what is over-long; invalid UTF-8 becomes U+FFFD; a carriage
 * return before the newline is no part of the line.
 */
export function lineReader(
  readText: (text: string) => MailEvent,
  inBlock: (block: LineBlock, start: number, end: number) => MailEvent,
): AnyLineReader {
  const one = new OneLine();
  const read = (given: string | Buffer): MailEvent => {
    const over = given.length > longestLineBytes;
    const line = over ? given.slice(0, longestLineBytes) : given;
    const event = typeof line === "string" ? readText(withoutReturn(line)) : inBlock(one.of(line), one.base, one.end);
    if (over) event.truncated = true;
    return event;
  };
  return Object.assign(read, { inBlock });
}

/** The text of a line of a block. */
export function textIn(block: LineBlock, start: number, end: number): string {
  if (isPlain(block, start, end)) return block.text.slice(start - block.base, end - block.base);
  return Buffer.from(block.bytes.buffer, block.bytes.byteOffset + start, end - start).toString("utf8");
}

/** Whether its text is what its bytes say. */
export function isPlain({ bytes, isAscii: all }: LineBlock, start: number, end: number): boolean {
  return all || isAscii(bytes.subarray(start, end));
}

/** A line alone as a block: the memory around it, which is mostly that of the line before. */
class OneLine implements LineBlock {
  bytes = new Uint8Array(0) as Uint8Array;
  view = new DataView(this.bytes.buffer);
  text = "";
  base = 0;
  end = 0;
  isAscii = true;

  of(line: Buffer): this {
    if (line.buffer !== this.bytes.buffer) {
      this.bytes = new Uint8Array(line.buffer);
      this.view = new DataView(line.buffer);
    }
    this.base = line.byteOffset;
    const ends = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
    this.end = this.base + ends;
    this.isAscii = isAscii(line);
    this.text = line.toString("latin1", 0, ends);
    return this;
  }
}

const withoutReturn = (text: string): string => (text.endsWith("\r") ? text.slice(0, -1) : text);
const carriageReturn = 13;
