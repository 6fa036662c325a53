import type { MailEvent } from "./event.ts";

/** Lines that were read together. Valid until the next block is asked for: its memory is used again. */
export interface LineBlock {
  /** All that was read; `view` is of the same memory and begins at the same place. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The bytes from `base` on, each one character, as far as the lines go. */
  readonly text: string;
  readonly base: number;
  /** No byte of the lines is above 127: then `text` is what they say. */
  readonly isAscii: boolean;
}

/** The same with its lines, `count` of them. */
export interface Lines extends LineBlock {
  readonly count: number;
  /** Where each begins and ends, without its end of line; behind the last one anything may stand. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Lines of one log, in their order, to events; never throws. */
export interface LineReader {
  (line: string): MailEvent;
  /** The same of the line between two places of a block, without its end of line: no text is made of what nobody keeps. */
  readonly inBlock?: (block: LineBlock, start: number, end: number) => MailEvent;
}
