import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn, pastDigits, wholeOf } from "../../../quick/bytes.ts";
import { cut } from "../../../quick/texts.ts";
import { readQuickHost } from "./host.ts";
import { plainEnd, type Run, SeenRuns, valueEnds } from "./run.ts";
import { quotedEnd } from "./scan.ts";
import { words } from "./seen.ts";

/** The fields that were read last. Where a value begins is 0 when the field does not stand there. */
export const field = {
  hasHost: false,
  /** What the reading ended at. */
  end: 0,
  /** S=; -1 without. */
  size: -1,
  /** P=, T= and X=. */
  proto: undefined as string | undefined,
  transport: undefined as string | undefined,
  tls: undefined as string | undefined,
  /** R=. */
  hasRouter: false,
  /** F=, without its brackets. */
  senderStart: 0,
  senderEnd: 0,
  /** C=, without its quotes. */
  answerStart: 0,
  answerEnd: 0,
  /** A=. */
  loginStart: 0,
  loginEnd: 0,
  /** QT=. */
  timeStart: 0,
  timeEnd: 0,
};

/** A bit for each letter that stands there, but for those of runs. */
let letters = 0;

/** `X=cipher A=authenticator:id`. */
export function putQuickSecurity(event: MailEvent, block: LineBlock): void {
  if (field.tls !== undefined) event.tls = field.tls;
  const { loginStart: start, loginEnd: end } = field;
  if (start === 0) return;
  const colonAt = indexIn(block.view, colon, start, end);
  const methodEnd = colonAt < 0 ? end : colonAt;
  if (methodEnd > start) event.saslMethod = words.of(block, start, methodEnd);
  if (colonAt >= 0) event.saslUsername = cut(block, colonAt + 1, end);
}

const bitOf = (letter: number): number => 1 << (letter - 65);

/** Of deliveries, of arrivals, and what stands behind a host. */
const routes = new SeenRuns();
const protocols = new SeenRuns();
const ciphers = new SeenRuns();

/**
 * Reads `H=host [ip] P=esmtps S=12 ...` from the blank at `start` on, up to the end, to a colon or to something in small letters,
 * such as `id=` and `rejected`. False when it is for others to read: a key that comes twice, a backslash in a quoted value.
 */
export function readQuickFields(block: LineBlock, start: number, end: number): boolean {
  const { bytes } = block;
  field.hasHost = false;
  field.size = -1;
  field.proto = undefined;
  field.transport = undefined;
  field.tls = undefined;
  field.hasRouter = false;
  field.senderStart = 0;
  field.answerStart = 0;
  field.loginStart = 0;
  field.timeStart = 0;
  letters = 0;
  let at = start;
  for (let fields = 0; fields < mostFields; fields++) {
    if (at === end || bytes[at] === colon) break;
    if (bytes[at] !== space || at + 1 >= end) return false;
    const first = bytes[at + 1] ?? 0;
    if (first >= 97 && first <= 122) {
      at++;
      break;
    }
    if (first < 65 || first > 90) return false;
    if (bytes[at + 2] !== equalsCode || at + 2 >= end) at = readOther(block, at + 1, end);
    else if (first === letterH) {
      at = field.hasHost ? -1 : readQuickHost(block, at + 3, end);
      field.hasHost = true;
    } else if (first === letterR || first === letterT || first === letterP || first === letterX) {
      const seen = first === letterX ? ciphers : first === letterP ? protocols : routes;
      const run = seen.at(block, at, end);
      if (run === null || !take(run)) return false;
      fields += run.fields - 1;
      at += run.length;
    } else if (first === letterS) at = readSize(bytes, at + 3, end);
    else at = readValue(block, first, at + 3, end);
    if (at < 0) return false;
  }
  field.end = at;
  return true;
}

/** False when what it states was stated before. */
function take({ proto, transport, tls, hasRouter }: Run): boolean {
  if (proto !== undefined) {
    if (field.proto !== undefined) return false;
    field.proto = proto;
  }
  if (transport !== undefined) {
    if (field.transport !== undefined) return false;
    field.transport = transport;
  }
  if (tls !== undefined) {
    if (field.tls !== undefined) return false;
    field.tls = tls;
  }
  if (hasRouter) {
    if (field.hasRouter) return false;
    field.hasRouter = true;
  }
  return true;
}

function readSize(bytes: Uint8Array, start: number, end: number): number {
  const at = pastDigits(bytes, start, end);
  const size = wholeOf(bytes, start, at);
  if (size < 0 || field.size >= 0 || !valueEnds(bytes, at, end)) return -1;
  field.size = size;
  return at;
}

/** A flag, or a key of several letters, of which only QT= counts. */
function readOther(block: LineBlock, start: number, end: number): number {
  const { bytes } = block;
  const first = bytes[start] ?? 0;
  const isFlag = first === letterK || first === letterL;
  if (isFlag && (start + 1 === end || bytes[start + 1] === space)) return start + 1;
  let equals = start + 1;
  while (equals < end && equals - start < 4 && isKey(bytes[equals] ?? 0)) equals++;
  if (bytes[equals] !== equalsCode || equals >= end) return -1;
  if (first === letterQ && bytes[start + 1] === letterT && equals === start + 2)
    return readTimeOnQueue(block, equals + 1, end);
  return bytes[equals + 1] === quote ? quotedEnd(block.view, equals + 1, end) : plainEnd(block, equals + 1, end);
}

function readTimeOnQueue(block: LineBlock, start: number, end: number): number {
  const at = plainEnd(block, start, end);
  if (at < 0 || block.bytes[start] === quote || field.timeStart !== 0) return -1;
  field.timeStart = start;
  field.timeEnd = at;
  return at;
}

/** Of a key of one letter. */
function readValue(block: LineBlock, key: number, start: number, end: number): number {
  const { bytes, view } = block;
  if ((letters & bitOf(key)) !== 0) return -1;
  letters |= bitOf(key);
  const isQuoted = bytes[start] === quote;
  const at = isQuoted ? quotedEnd(view, start, end) : plainEnd(block, start, end);
  if (at < 0) return -1;
  const from = isQuoted ? start + 1 : start;
  const to = isQuoted ? at - 1 : at;
  if (key === letterC) {
    field.answerStart = from;
    field.answerEnd = to;
  } else if (key === letterF) {
    if (!isAngled(block, start, at)) return -1;
    field.senderStart = start + 1;
    field.senderEnd = at - 1;
  } else if (key === letterA) {
    field.loginStart = from;
    field.loginEnd = to;
  }
  return at;
}

/** In brackets, without another within; a quoted local part may hold one. */
function isAngled({ bytes, view }: LineBlock, start: number, end: number): boolean {
  return bytes[start] === less && bytes[start + 1] !== quote && indexIn(view, greater, start, end) === end - 1;
}

const isKey = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === underscore;

/** Fewer than the whole reader takes: what has more is for that. */
const mostFields = 24;
const space = 32;
const quote = 34;
const colon = 58;
const less = 60;
const equalsCode = 61;
const greater = 62;
const letterA = 65;
const letterC = 67;
const letterF = 70;
const letterH = 72;
const letterK = 75;
const letterL = 76;
const letterP = 80;
const letterQ = 81;
const letterR = 82;
const letterS = 83;
const letterT = 84;
const letterX = 88;
const underscore = 95;
