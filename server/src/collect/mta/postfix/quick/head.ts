import type { LineBlock } from "../../../../core/line-block.ts";
import { pastDigits, wholeOf } from "../../../quick/bytes.ts";
import type { LineHeader } from "../../../syslog/header.ts";
import { words } from "./seen.ts";

const longestPrefix = 64;

/**
 * Time, host and tag of a line that begins as the one before it, to the byte. A clock says the same of the same text, so
 * whoever reads another beginning must say so, by `follow` or `forget`, before the next line.
 */
export class QuickHead {
  atMs = 0;
  host = "";
  process = "";
  pid = 0;
  /** Where the text begins. */
  bodyStart = 0;
  /** `Nov  3 01:02:03 mx1 `, four bytes each; the last four may overlap. */
  readonly #prefix = new Int32Array(longestPrefix / 4);
  /** 0: nothing to compare with. */
  #length = 0;
  /** Lately seen names of programs, by a part of them that tells them apart: the rest is compared. */
  readonly #tags: (Tag | undefined)[] = Array.from({ length: 64 }, () => undefined);

  /** False when the line begins otherwise, or not with a tag that is surely the mail system's. */
  read(block: LineBlock, start: number, end: number): boolean {
    const { bytes, view } = block;
    const length = this.#length;
    if (length === 0 || start + length >= end || !this.#beginsSo(view, start)) return false;
    let at = start + length;
    if (notOurs[bytes[at] ?? 0] !== 0) return false;
    const tagEnd = this.#readTag(block, at, end);
    if (tagEnd < 0) return false;
    at = pastDigits(bytes, tagEnd + 1, end);
    const pid = wholeOf(bytes, tagEnd + 1, at);
    if (pid < 0 || at + 3 >= end) return false;
    if (bytes[at] !== closeBracket || bytes[at + 1] !== colon || bytes[at + 2] !== space) return false;
    // Another blank, or "message repeated".
    const first = bytes[at + 3];
    if (first === space || first === letterM) return false;
    this.pid = pid;
    this.bodyStart = at + 3;
    return true;
  }

  #beginsSo(view: DataView, start: number): boolean {
    const length = this.#length;
    const prefix = this.#prefix;
    let index = 0;
    // The seconds differ first: from behind.
    for (let at = start + length - 4; at > start; at -= 4)
      if (prefix[index++] !== view.getInt32(at, true)) return false;
    return prefix[index] === view.getInt32(start, true);
  }

  /** Reads what stands before `[`, and returns where that stands; -1 when it is for others to read. */
  #readTag(block: LineBlock, start: number, end: number): number {
    const known = start + 13 <= end ? this.#tags[tagPlace(block.view, start)] : undefined;
    if (known?.standsAt(block, start, end) === true) {
      this.process = known.text;
      return start + known.length;
    }
    let at = start;
    while (at < end && block.bytes[at] !== openBracket) if (block.bytes[at++] === space) return -1;
    this.process = words.of(block, start, at);
    if (at - start >= 12 && at - start <= 64) this.#tags[tagPlace(block.view, start)] = new Tag(block, start, at);
    return at;
  }

  /** A line was read the long way: what begins as it does may be read the short one. */
  follow(block: LineBlock, start: number, { atMs, host, tagStart }: LineHeader): void {
    this.forget();
    if (tagStart < 4 || tagStart > longestPrefix) return;
    const { view } = block;
    let index = 0;
    for (let at = start + tagStart - 4; at > start; at -= 4) this.#prefix[index++] = view.getInt32(at, true);
    this.#prefix[index] = view.getInt32(start, true);
    this.#length = tagStart;
    this.atMs = atMs;
    this.host = host;
  }

  /** A line was read whose beginning cannot be compared with. */
  forget(): void {
    this.#length = 0;
  }
}

/** `postfix/smtpd`: four bytes each, the last four may overlap. */
class Tag {
  readonly text: string;
  readonly length: number;
  readonly #words: readonly number[];

  constructor(block: LineBlock, start: number, end: number) {
    this.text = words.of(block, start, end);
    this.length = end - start;
    const { view } = block;
    const fours = Array.from({ length: this.length >> 2 }, (_, index) => view.getInt32(start + 4 * index, true));
    this.#words = [...fours, view.getInt32(end - 4, true)];
  }

  standsAt({ bytes, view }: LineBlock, start: number, end: number): boolean {
    const { length } = this;
    if (start + length >= end || bytes[start + length] !== openBracket) return false;
    const words = this.#words;
    let at = start + length - 4;
    for (let index = words.length - 1; index >= 0; index--) {
      if (words[index] !== view.getInt32(at, true)) return false;
      at = start + 4 * (index - 1);
    }
    return true;
  }
}

/** `postfix/` stands before what differs. */
const tagPlace = (view: DataView, start: number): number =>
  (Math.imul(view.getInt32(start + 9, true) ^ view.getInt32(start + 4, true), 0x9e37_79b1) >>> 26) & 63;

const space = 32;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
const letterM = 109;
/** With these begin the names of filters and of loggers that tell of lost lines. */
const notOurs = new Uint8Array(256);
for (const letter of "acsrj [") notOurs[letter.charCodeAt(0)] = 1;
