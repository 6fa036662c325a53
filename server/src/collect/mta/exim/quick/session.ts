import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn, pastDigits } from "../../../quick/bytes.ts";
import { LongPhrase, phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { canonicalIpAt } from "../../../syslog/ip.ts";
import { hasBlankInHelo, hasHelo, putQuickClient, putQuickRelay, readQuickHost } from "./host.ts";
import { words } from "./seen.ts";

/** `SMTP connection from name (helo) [ip]:port I=[ip]:25 (TCP/IP connection count = 7)`, or `... closed by QUIT`. */
export function readQuickConnection(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { view } = block;
  if (!stands(view, start, end, connection) || !stands(view, start + 16, end, from)) return false;
  const at = pastInterface(block, readQuickHost(block, start + 21, end), end);
  if (at < 0) return false;
  if (isCounted(block, at, end)) event.event = "connect";
  else {
    // What a client calls itself could say how the connection ended.
    if (!stands(view, at, end, closedByQuit) || at + closedByQuit.length !== end || hasBlankInHelo(block)) return false;
    event.event = "disconnect";
    event.reason = cut(block, start, end);
  }
  putQuickClient(event, block);
  return true;
}

function isCounted({ bytes, view }: LineBlock, at: number, end: number): boolean {
  if (!counted.stands(view, at, end)) return false;
  const digits = at + counted.length;
  const close = pastDigits(bytes, digits, end);
  return close > digits && close === end - 1 && bytes[close] === closeParenthesis;
}

/** Behind the address of ours that the client came to, when that stands at `at` (log selector `incoming_interface`). */
function pastInterface({ view }: LineBlock, at: number, end: number): number {
  if (at < 0 || !stands(view, at, end, interfaceKey)) return at;
  return indexIn(view, space, at + 1, end);
}

/** `login authenticator failed for name (helo) [ip]:port: 535 Incorrect authentication data (set_id=user)`. */
export function readQuickLogin(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  const methodEnd = indexIn(view, space, start, Math.min(end, start + longestMethod));
  // "stdout " and "stderr " are what a container's runtime puts before a line.
  if (methodEnd <= start || (methodEnd === start + 6 && bytes[start] === letter.s)) return false;
  if (!failed.stands(view, methodEnd, end) || !isOneWord(bytes, start, methodEnd)) return false;
  const hostStart = methodEnd + failed.length;
  const at = readQuickHost(block, hostStart, end);
  if (at < 0 || (bytes[hostStart] === letter.H && bytes[hostStart + 1] === equals)) return false;
  const user = at + incorrect.length;
  if (user >= end || !incorrect.stands(view, at, end) || bytes[end - 1] !== closeParenthesis) return false;
  for (let place = user; place < end; place++) if ((bytes[place] ?? 0) < space) return false;
  event.event = "auth-failure";
  event.saslMethod = words.of(block, start, methodEnd);
  putQuickClient(event, block);
  event.saslUsername = cut(block, user, end - 1);
  event.reason = cut(block, at + 2, end);
  event.code = 535;
  return true;
}

/** Of ASCII without a blank of any kind. */
function isOneWord(bytes: Uint8Array, start: number, end: number): boolean {
  for (let place = start; place < end; place++) {
    const byte = bytes[place] ?? 0;
    if (byte <= space || byte >= 127) return false;
  }
  return true;
}

/** `no host name found for IP address 192.0.2.1`. */
export function readQuickNameless(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view, text, base } = block;
  const at = start + nameless.length;
  if (end > at + longestIp || !nameless.stands(view, start, end)) return false;
  for (let place = at; place < end; place++) if (hexes[bytes[place] ?? 0] !== 1) return false;
  const ip = canonicalIpAt(text, at - base, end - base);
  if (ip === undefined) return false;
  event.clientIp = ip;
  event.reason = cut(block, start, end);
  return true;
}

/** `H=name [ip] Connection timed out`, behind a message's id: a next hop that does not answer. */
export function readQuickSilence(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const at = readQuickHost(block, start + 2, end);
  if (at < 0 || hasHelo() || !silences.some((one) => at + one.length === end && one.stands(block.view, at, end)))
    return false;
  putQuickRelay(event, block);
  event.reason = words.of(block, at + 1, end);
  return true;
}

const connection = phrase("SMTP connection ");
const from = phrase("from ");
const counted = new LongPhrase(" (TCP/IP connection count = ");
const closedByQuit = phrase(" closed by QUIT");
const interfaceKey = phrase(" I=[");
const failed = new LongPhrase(" authenticator failed for ");
const incorrect = new LongPhrase(": 535 Incorrect authentication data (set_id=");
const nameless = new LongPhrase("no host name found for IP address ");
const silences = [" Connection timed out", " Connection refused"].map((text) => new LongPhrase(text));
const hexes = new Uint8Array(256);
for (const code of Buffer.from("0123456789abcdefABCDEF.:")) hexes[code] = 1;
const longestIp = 45;
const longestMethod = 64;
const space = 32;
const closeParenthesis = 41;
const equals = 61;
const letter = { H: 72, s: 115 };
