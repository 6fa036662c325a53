import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { Known } from "../../../quick/known.ts";
import { cut } from "../../../quick/texts.ts";
import { readQuickHost } from "./host.ts";
import { words } from "./seen.ts";

/** Where the values of a line's fields begin and end, by their letter. */
const starts = new Int32Array(128);
const ends = new Int32Array(128);

/** The fields that were read last. */
export const field = {
  hasHost: false,
  /** What the reading ended at. */
  end: 0,
  /** A bit for each letter that stands there. */
  letters: 0,
  /** 0 when none stands there. */
  startOf: (letter: number): number => ((field.letters & bitOf(letter)) === 0 ? 0 : (starts[letter] ?? 0)),
  endOf: (letter: number): number => ends[letter] ?? 0,
  /** What X= says, or undefined. */
  tls: (block: LineBlock): string | undefined => {
    const start = field.startOf(letterX);
    if (start === 0) return undefined;
    const end = ends[letterX] ?? 0;
    return cipher?.length === end - start && cipherAt === start ? cipher.text : cut(block, start, end);
  },
};

/** `X=cipher A=authenticator:id`. */
export function putQuickSecurity(event: MailEvent, block: LineBlock): void {
  const tls = field.tls(block);
  if (tls !== undefined) event.tls = tls;
  const start = field.startOf(letterA);
  if (start === 0) return;
  const end = field.endOf(letterA);
  const colonAt = indexIn(block.view, colon, start, end);
  const methodEnd = colonAt < 0 ? end : colonAt;
  if (methodEnd > start) event.saslMethod = words.of(block, start, methodEnd);
  if (colonAt >= 0) event.saslUsername = cut(block, colonAt + 1, end);
}

/** The cipher that was seen last: sixty letters, and nearly always the same. */
let cipher: Known | undefined;
/** Where it stands in the line that is being read; 0 when it does not. */
let cipherAt = 0;

const bitOf = (letter: number): number => 1 << (letter - 65);

/**
 * Reads `H=host [ip] P=esmtps S=12 ...` from the blank at `start` on, up to the end, to a colon or to something in small letters,
 * such as `id=` and `rejected`. False when it is for others to read: a key that comes twice, a backslash in a quoted value.
 */
export function readQuickFields(block: LineBlock, start: number, end: number): boolean {
  const { bytes } = block;
  let letters = 0;
  cipherAt = 0;
  field.hasHost = false;
  let at = start;
  for (let fields = 0; fields < mostFields; fields++) {
    if (at === end || bytes[at] === colon) break;
    if (bytes[at] !== space || ++at >= end) return false;
    const first = bytes[at] ?? 0;
    if (first >= 97 && first <= 122) break;
    if (first < 65 || first > 90) return false;
    const isFlag = first === letterK || first === letterL;
    if (isFlag && (at + 1 === end || bytes[at + 1] === space)) {
      at++;
      continue;
    }
    let equals = at + 1;
    while (equals < end && equals - at < 4 && isKey(bytes[equals] ?? 0)) equals++;
    if (bytes[equals] !== equalsCode || equals >= end) return false;
    const value = equals + 1;
    if (first === letterH && equals === at + 1) {
      at = readQuickHost(block, value, end);
      if (at < 0 || field.hasHost) return false;
      field.hasHost = true;
      continue;
    }
    let key = 0;
    // QT= has the place of its first letter: a key of that letter alone is for others.
    if (equals === at + 1) key = first;
    else if (first === letterQ && bytes[at + 1] === letterT && equals === at + 2) key = first;
    if (key === letterQ && equals === at + 1) return false;
    const isQuoted = bytes[value] === quote;
    at = isQuoted
      ? quotedEnd(bytes, value, end)
      : key === letterX
        ? cipherEnd(block, value, end)
        : plainEnd(block, value, end);
    if (at < 0) return false;
    if (key === 0) continue;
    if ((letters & bitOf(key)) !== 0) return false;
    if (key === letterP && bytes[value] === less) return false;
    const isAddress = key === letterF;
    if (isAddress && !isAngled(block, value, at)) return false;
    starts[key] = isQuoted || isAddress ? value + 1 : value;
    ends[key] = isQuoted || isAddress ? at - 1 : at;
    letters |= bitOf(key);
  }
  field.end = at;
  field.letters = letters;
  return true;
}

function plainEnd({ bytes, view }: LineBlock, start: number, end: number): number {
  const blank = indexIn(view, space, start, end);
  const at = blank < 0 ? end : blank;
  if (bytes[at - 1] !== colon) return at;
  // A colon at the very end is no part of it.
  return at - 1 > start ? at - 1 : -1;
}

function cipherEnd(block: LineBlock, start: number, end: number): number {
  if (cipher?.stands(block, start, end, space) !== true) {
    const found = plainEnd(block, start, end);
    if (found < start + 4 || found > start + longestCipher) return found;
    cipher = new Known(block, start, found);
  }
  cipherAt = start;
  return start + cipher.length;
}

/** Behind the closing quote. */
function quotedEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === backslash) return -1;
    if (bytes[at] === quote) return at + 1;
  }
  return -1;
}

/** In brackets, without another within; a quoted local part may hold one. */
function isAngled({ bytes, view }: LineBlock, start: number, end: number): boolean {
  return bytes[start] === less && bytes[start + 1] !== quote && indexIn(view, greater, start, end) === end - 1;
}

const isKey = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === underscore;

/** Fewer than the whole reader takes: what has more is for that. */
const mostFields = 24;
const longestCipher = 128;
const space = 32;
const quote = 34;
const colon = 58;
const less = 60;
const equalsCode = 61;
const greater = 62;
const letterA = 65;
const letterF = 70;
const letterH = 72;
const letterK = 75;
const letterL = 76;
const letterP = 80;
const letterQ = 81;
const letterT = 84;
const letterX = 88;
const backslash = 92;
const underscore = 95;
