import type { LineBlock } from "../../../../core/line-block.ts";
import { Beginning } from "../../../quick/beginning.ts";
import { SeenTexts } from "../../../quick/texts.ts";

/**
 * The id that a line of a message begins with. It stands in every line of the message, mostly in several side by side, and who follows
 * messages looks each up: so the same string is handed out, as long as no other takes its place. None is a part of a block.
 */
export class MessageIds {
  /** The last one, and where it ended. */
  text = "";
  /** The id of the line before, with the blank behind it. */
  readonly #last = new Beginning();
  readonly #seen = new SeenTexts(1_024);

  /** Reads one with a blank behind it, and more behind that, into `text`. Returns where it ends; 0 when none stands there. */
  read(block: LineBlock, start: number, end: number): number {
    if (this.#last.stands(block, start, end)) return start + this.#last.length - 1;
    const idEnd = pastMessageId(block.bytes, start, end);
    if (idEnd === 0) return 0;
    this.#last.remember(block, start, idEnd + 1 - start);
    this.text = this.of(block, start, idEnd);
    return idEnd;
  }

  /** What stands between the two places. */
  of(block: LineBlock, start: number, end: number): string {
    return this.#seen.of(block, start, end);
  }
}

/** Behind an id of 6-6-2, or since Exim 4.97 6-11-4, when a blank follows; else 0. */
function pastMessageId(bytes: Uint8Array, start: number, end: number): number {
  const second = start + 7;
  const dashAt = bytes[second + 6] === dash ? second + 6 : second + 11;
  const idEnd = dashAt === second + 6 ? dashAt + 3 : dashAt + 5;
  if (idEnd + 1 >= end || bytes[idEnd] !== space || bytes[dashAt] !== dash) return 0;
  for (let at = start; at < idEnd; at++)
    if (at !== start + 6 && at !== dashAt && letters[bytes[at] ?? 0] !== 1) return 0;
  return idEnd;
}

const letters = new Uint8Array(256);
for (let code = 0; code < 256; code++) if (/[0-9A-Za-z]/.test(String.fromCharCode(code))) letters[code] = 1;
const space = 32;
const dash = 45;
