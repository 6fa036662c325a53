import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { readPeerIn } from "../../../quick/peer.ts";
import { words } from "./seen.ts";
import { putQuickClient } from "./session.ts";

/** `RCPT from host[ip]: 554 5.7.1 text; from=<a> to=<b> proto=ESMTP helo=<c>`, behind `reject: `. */
export function readQuickRejection(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view, text, base } = block;
  let at = start;
  while (at < end && isUpper(bytes[at])) at++;
  if (at === start || !stands(view, at, end, from)) return false;
  const stageEnd = at;
  at = readPeerIn(block, stageEnd + 6, end);
  if (at < 0 || bytes[at] !== colon || bytes[at + 1] !== space) return false;
  const reply = at + 2;
  const code = codeAt(bytes, reply, end);
  const dsnEnd = code === 0 ? 0 : dsnEndAt(bytes, reply + 4, end);
  const session = dsnEnd === 0 ? 0 : sessionAt(bytes, dsnEnd + 1, end);
  if (session === 0 || !stands(view, session, end, sender)) return false;
  const fromEnd = addressEnd(block, session + 8, end);
  if (fromEnd < 0 || !stands(view, fromEnd, end, recipient)) return false;
  const toEnd = addressEnd(block, fromEnd + 6, end);
  if (toEnd < 0 || !stands(view, toEnd, end, protocol)) return false;
  let protoEnd = toEnd + 8;
  while (protoEnd < end && isUpper(bytes[protoEnd])) protoEnd++;
  if (!stands(view, protoEnd, end, greeting) || addressEnd(block, protoEnd + 7, end) !== end - 1) return false;
  event.event = "reject";
  event.stage = words.of(block, start, stageEnd);
  putQuickClient(event, block, stageEnd + 6);
  event.action = "reject";
  event.reject = true;
  event.code = code;
  event.dsn = words.of(block, reply + 4, dsnEnd);
  event.reason = text.slice(dsnEnd + 1 - base, session - base);
  event.from = cut(block, session + 8, fromEnd);
  event.to = cut(block, fromEnd + 6, toEnd);
  event.proto = words.of(block, toEnd + 8, protoEnd);
  event.helo = cut(block, protoEnd + 7, end - 1);
  return true;
}

/** `554 `; 0 when none stands there. */
function codeAt(bytes: Uint8Array, at: number, end: number): number {
  const first = (bytes[at] ?? 0) - 48;
  const second = (bytes[at + 1] ?? 0) - 48;
  const third = (bytes[at + 2] ?? 0) - 48;
  if (at + 3 >= end || bytes[at + 3] !== space) return 0;
  if (!(first >= 2 && first <= 5 && second >= 0 && second <= 9 && third >= 0 && third <= 9)) return 0;
  return first * 100 + second * 10 + third;
}

/** Behind `5.7.1`, when a blank follows; else 0. */
function dsnEndAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if ((first !== 50 && first !== 52 && first !== 53) || bytes[at + 1] !== dot || !isDigit(bytes[at + 2])) return 0;
  if (bytes[at + 3] !== dot || !isDigit(bytes[at + 4])) return 0;
  const last = isDigit(bytes[at + 5]) ? at + 6 : at + 5;
  return last < end && bytes[last] === space ? last : 0;
}

/** The first `; ` with a letter that a session's facts begin with behind it; 0 without. */
function sessionAt(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + 2 < end; at++) {
    if (bytes[at] !== semicolon || bytes[at + 1] !== space) continue;
    const code = bytes[at + 2];
    // from=, to=, proto=, helo=: which of them, is the caller's to see.
    if (code === 102 || code === 116 || code === 112 || code === 104) return at > start ? at : 0;
  }
  return 0;
}

/** Where the first `>` stands; -1 when a quoted local part may hold one. */
function addressEnd({ bytes, view }: LineBlock, start: number, end: number): number {
  return bytes[start] === quote ? -1 : indexIn(view, greater, start, end);
}

const isUpper = (code: number | undefined): boolean => code !== undefined && code >= 65 && code <= 90;
const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 48 && code <= 57;

const from = phrase(" from ");
const sender = phrase("; from=<");
const recipient = phrase("> to=<");
const protocol = phrase("> proto=");
const greeting = phrase(" helo=<");
const space = 32;
const quote = 34;
const dot = 46;
const colon = 58;
const semicolon = 59;
const greater = 62;
