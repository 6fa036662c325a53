import type { LineBlock } from "../../../../core/line-block.ts";
import { Beginning } from "../../../quick/beginning.ts";
import { ownText } from "../../../quick/own-text.ts";

/**
 * The id that a line of a message begins with. It stands in every line of the message, mostly in several side by side, and who follows
 * messages looks each up: so the same string is handed out, as long as no other takes its place. None is a part of a block.
 */
export class MessageIds {
  /** The last one, and where it ended. */
  text = "";
  /** The id of the line before, with the blank behind it. */
  readonly #last = new Beginning();
  readonly #texts: string[] = Array.from({ length: places }, () => "");
  /** What tells ids apart without a look at the ids, which are further away. */
  readonly #hashes = new Int32Array(places);
  readonly #words = new Int32Array(places * wordsEach);

  /** Reads one with a blank behind it, and more behind that, into `text`. Returns where it ends; 0 when none stands there. */
  read(block: LineBlock, start: number, end: number): number {
    if (this.#last.stands(block, start, end)) return start + this.#last.length - 1;
    const idEnd = pastMessageId(block.bytes, start, end);
    if (idEnd === 0) return 0;
    this.#last.remember(block, start, idEnd + 1 - start);
    this.text = this.of(block, start, idEnd);
    return idEnd;
  }

  /** What stands between the two places, of at least 4 bytes. */
  of(block: LineBlock, start: number, end: number): string {
    if (end - start > mostBytes || end - start < 4) return block.text.slice(start - block.base, end - block.base);
    const { view } = block;
    const last = view.getInt32(end - 4, true);
    let hash = last ^ (end - start);
    for (let at = start, stop = end - 4; at < stop; at += 4)
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e37_79b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
    hash ^= hash >>> 17;
    const place = hash & (places - 1);
    const words = this.#words;
    let index = place * wordsEach;
    if (this.#hashes[place] === hash) {
      let at = start;
      const stop = end - 4;
      while (at < stop && words[index] === view.getInt32(at, true)) {
        at += 4;
        index++;
      }
      const text = this.#texts[place] ?? "";
      if (at >= stop && words[index] === last && text.length === end - start) return text;
      index = place * wordsEach;
    }
    this.#hashes[place] = hash;
    for (let at = start, stop = end - 4; at < stop; at += 4) words[index++] = view.getInt32(at, true);
    words[index] = last;
    return (this.#texts[place] = textOf(block, start, end));
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

/** One of 6-6-2 without a detour: most are. */
function textOf(block: LineBlock, start: number, end: number): string {
  if (end - start !== 16) return ownText(block, start, end);
  const { bytes } = block;
  const code = (at: number): number => bytes[start + at] ?? 0;
  return String.fromCharCode(
    code(0),
    code(1),
    code(2),
    code(3),
    code(4),
    code(5),
    code(6),
    code(7),
    code(8),
    code(9),
    code(10),
    code(11),
    code(12),
    code(13),
    code(14),
    code(15),
  );
}

const places = 1_024;
const mostBytes = 32;
const wordsEach = mostBytes / 4;
const letters = new Uint8Array(256);
for (let code = 0; code < 256; code++) if (/[0-9A-Za-z]/.test(String.fromCharCode(code))) letters[code] = 1;
const space = 32;
const dash = 45;
