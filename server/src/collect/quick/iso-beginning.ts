import type { LineBlock } from "../../core/line-block.ts";
import { Known } from "./known.ts";

/**
 * `2026-11-23T20:19:21.123456+01:00 mx1 `, as rsyslog writes it to files, and the journal's lines: with a fraction hardly two
 * lines begin alike. Minute, zone and host are those of a line that was read the long way, seconds and their fraction are
 * read. A time with a zone asks no clock, so that nobody need be told of what was read here.
 */
export class IsoBeginning {
  atMs = 0;
  /** `2026-11-23T20:19`, four bytes each. */
  readonly #minute = new Int32Array(minuteLength / 4);
  #minuteMs = 0;
  /** `+01:00 mx1`. */
  #rest: Known | null = null;

  /** Behind the blank that follows the host; -1 when the line begins otherwise. */
  read(block: LineBlock, start: number, end: number): number {
    const rest = this.#rest;
    const { bytes, view } = block;
    if (rest === null || start + shortest > end) return -1;
    const minute = this.#minute;
    if (view.getInt32(start + 12, true) !== minute[3] || view.getInt32(start + 8, true) !== minute[2]) return -1;
    if (view.getInt32(start + 4, true) !== minute[1] || view.getInt32(start, true) !== minute[0]) return -1;
    const tens = (bytes[start + 17] ?? 0) - zero;
    const ones = (bytes[start + 18] ?? 0) - zero;
    // A second 60 is a leap second.
    if (bytes[start + 16] !== colon || !(tens >= 0 && tens <= 6 && ones >= 0 && ones <= (tens === 6 ? 0 : 9)))
      return -1;
    let at = start + 19;
    let fractionMs = 0;
    if (bytes[at] === dot || bytes[at] === comma) {
      // What is less than a millisecond is passed over.
      let weight = 100;
      for (at++; at < end; at++) {
        const digit = (bytes[at] ?? 0) - zero;
        if (!(digit >= 0 && digit <= 9)) break;
        fractionMs += weight * digit;
        weight = weight > 1 ? weight / 10 : 0;
      }
    }
    if (!rest.stands(block, at, end, space)) return -1;
    this.atMs = this.#minuteMs + (tens * 10 + ones) * 1_000 + fractionMs;
    return at + rest.length + 1;
  }

  /** Of a line that was read the long way, with what stands before its tag. False when that is no such time and host. */
  remember(block: LineBlock, start: number, length: number, atMs: number, host: string): boolean {
    if (length < shortest || block.bytes[start + minuteLength] !== colon) return false;
    if (this.read(block, start, start + length) === start + length) return true;
    const { text, base, view } = block;
    const found = beginning.exec(text.slice(start - base, start - base + length));
    if (found === null || found[4] !== host) return false;
    const [, second = "", fraction = "", zone = ""] = found;
    for (let word = 0; word < minuteLength / 4; word++) this.#minute[word] = view.getInt32(start + 4 * word, true);
    this.#minuteMs = atMs - Number(second) * 1_000 - Number(fraction.slice(0, 3).padEnd(3, "0"));
    this.#rest = new Known(block, start + length - 1 - zone.length - 1 - host.length, start + length - 1);
    return true;
  }

  forget(): void {
    this.#rest = null;
  }
}

/** No host that could be the begin of another time, or name the stream of a container's logger. */
const beginning =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d)(?:[.,](\d*))?(Z|[+-]\d\d:?\d\d) (?!std(?:out|err) )([a-z][\w.-]+|[A-Z][\w.-]{3,}) $/;
const minuteLength = 16;
/** `2026-11-23T20:19:21Z mx `. */
const shortest = 24;
const space = 32;
const comma = 44;
const dot = 46;
const zero = 48;
const colon = 58;
