import type { EpochMs } from "@mailtide/shared";
import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { Beginning } from "../../../quick/beginning.ts";
import { pastDigits, wholeOf } from "../../../quick/bytes.ts";
import { IsoBeginning } from "../../../quick/iso-beginning.ts";
import { Known } from "../../../quick/known.ts";
import type { LineHeader } from "../../../syslog/header.ts";
import { words } from "./seen.ts";

/**
 * Time, host and tag of a line that begins as the one before it, to the byte, or with a time that bears its zone. A clock says
 * the same of the same text, so whoever reads another beginning must say so, by `follow` or `forget`, before the next line.
 */
export class QuickHead {
  /** `undefined` at first, so that the engine keeps it as events do: all lines of a second have the same number, not each a copy. */
  atMs: EpochMs | undefined;
  host = "";
  process = "";
  pid = 0;
  /** Where the text begins. */
  bodyStart = 0;
  /** `Nov  3 01:02:03 mx1 `. */
  readonly #beginning = new Beginning();
  /** Never both are remembered. */
  readonly #iso = new IsoBeginning();
  /** Lately seen names of programs, by a part of them that tells them apart: the rest is compared. */
  readonly #tags: (Known | undefined)[] = Array.from({ length: 64 }, () => undefined);

  put(event: MailEvent): void {
    event.atMs = this.atMs as EpochMs;
    event.host = this.host;
    event.process = this.process;
    event.pid = this.pid;
  }

  /** False when the line begins otherwise, or not with a tag that is surely the mail system's. */
  read(block: LineBlock, start: number, end: number): boolean {
    let at = start + this.#beginning.length;
    if (!this.#beginning.stands(block, start, end)) {
      at = this.#iso.read(block, start, end);
      if (at < 0) return false;
      this.atMs = this.#iso.atMs;
    }
    const { bytes } = block;
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

  /** Reads what stands before `[`, and returns where that stands; -1 when it is for others to read. */
  #readTag(block: LineBlock, start: number, end: number): number {
    // What tells tags apart must lie within the line: behind the last one there may be no memory.
    const isLong = start + 13 <= end;
    const known = isLong ? this.#tags[tagPlace(block.view, start)] : undefined;
    if (known?.stands(block, start, end, openBracket) === true) {
      this.process = known.text;
      return start + known.length;
    }
    let at = start;
    while (at < end && block.bytes[at] !== openBracket) if (block.bytes[at++] === space) return -1;
    this.process = words.of(block, start, at);
    if (isLong && at - start >= 12 && at - start <= 64)
      this.#tags[tagPlace(block.view, start)] = new Known(block, start, at);
    return at;
  }

  /** A line was read the long way: what begins as it does may be read the short one. */
  follow(block: LineBlock, start: number, { atMs, host, tagStart }: LineHeader): void {
    this.host = host;
    this.atMs = atMs;
    if (this.#iso.remember(block, start, tagStart, atMs, host)) this.#beginning.length = 0;
    else {
      this.#iso.forget();
      this.#beginning.remember(block, start, tagStart);
    }
  }

  /** A line was read whose beginning cannot be compared with. */
  forget(): void {
    this.#beginning.length = 0;
    this.#iso.forget();
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
