import type { DeliveryStatus, MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { decimal, indexIn, pastDigits, readDecimal } from "../../../quick/bytes.ts";
import { peer, readPeerIn } from "../../../quick/peer.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { nextQueueId } from "../delivery.ts";
import { readQueuedAs } from "./queued-as.ts";
import { queueIds, words } from "./seen.ts";

/** `to=<a>, orig_to=<b>, relay=host[ip]:port, conn_use=2, delay=1, delays=a/b/c/d, tls=may, dsn=2.0.0, status=sent (text)`. */
export function readQuickDelivery(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  // Within quotation marks anything may stand.
  if (!stands(view, start, end, to) || bytes[start + 4] === quote) return false;
  let close = indexIn(view, greater, start + 4, end);
  if (close < 0) return false;
  event.event = "delivery";
  event.to = cut(block, start + 4, close);
  if (stands(view, close, end, originally)) {
    const from = close + 12;
    if (bytes[from] === quote) return false;
    close = indexIn(view, greater, from, end);
    if (close < 0) return false;
    event.origTo = cut(block, from, close);
  }
  if (!stands(view, close, end, relay)) return false;
  let at = readRelay(event, block, close + 9, end);
  if (at < 0) return false;
  if (stands(view, at, end, reused)) at = pastDigits(bytes, at + 11, end);
  if (!stands(view, at, end, delay) || !readDecimal(bytes, at + 8, end)) return false;
  event.delay = decimal.value;
  at = decimal.end;
  if (!stands(view, at, end, delays)) return false;
  at = readDelays(event, bytes, at + 9, end);
  if (at >= 0 && stands(view, at, end, tls)) at = readTls(event, block, at + 6, end);
  if (at < 0 || !stands(view, at, end, dsn)) return false;
  const dsnEnd = indexIn(view, comma, at + 6, end);
  if (dsnEnd <= at + 6 || !stands(view, dsnEnd, end, status)) return false;
  event.dsn = words.of(block, at + 6, dsnEnd);
  return readQuickStatus(event, block, dsnEnd + 9, end);
}

/** Behind the relay, or -1. */
function readRelay(event: MailEvent, block: LineBlock, start: number, end: number): number {
  const { bytes } = block;
  let at = start;
  for (; at < end; at++) {
    const code = bytes[at];
    if (code === comma) {
      // A name alone: none, local, virtual.
      event.relay = words.of(block, start, at);
      return at > start ? at : -1;
    }
    if (code === openBracket) break;
    if (code === space || code === closeBracket) return -1;
  }
  at = readPeerIn(block, start, end);
  if (at < 0 || bytes[at] !== comma) return -1;
  if (peer.nameEnd > start) event.relay = words.of(block, start, peer.nameEnd);
  if (peer.ip !== undefined) event.relayIp = peer.ip;
  if (peer.port >= 0) event.relayPort = peer.port;
  return at;
}

/** Behind the four, or -1. */
function readDelays(event: MailEvent, bytes: Uint8Array, start: number, end: number): number {
  if (!readDecimal(bytes, start, end) || bytes[decimal.end] !== slash) return -1;
  const first = decimal.value;
  if (!readDecimal(bytes, decimal.end + 1, end) || bytes[decimal.end] !== slash) return -1;
  const second = decimal.value;
  if (!readDecimal(bytes, decimal.end + 1, end) || bytes[decimal.end] !== slash) return -1;
  const third = decimal.value;
  if (!readDecimal(bytes, decimal.end + 1, end)) return -1;
  event.delays = [first, second, third, decimal.value];
  return decimal.end;
}

/** `may`, `dane`: how safely it went, since Postfix 3.11. Behind it, or -1. */
function readTls(event: MailEvent, block: LineBlock, start: number, end: number): number {
  const stop = indexIn(block.view, comma, start, end);
  if (stop > start) event.tls = words.of(block, start, stop);
  return stop;
}

function readQuickStatus(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view, text, base } = block;
  const word: DeliveryStatus | null = stands(view, start, end, sent)
    ? "sent"
    : stands(view, start, end, deferred)
      ? "deferred"
      : stands(view, start, end, bounced)
        ? "bounced"
        : null;
  if (word === null || bytes[end - 1] !== closeParenthesis) return false;
  const open = start + word.length + 2;
  if (open >= end) return false;
  event.status = word;
  event.reason = text.slice(open - base, end - 1 - base);
  if (word !== "sent") return true;
  const queued = readQueuedAs(block, open, end - 1);
  const next = queued > 0 ? queueIds.of(block, queued, end - 1) : nextQueueId(event.reason);
  if (next !== undefined) event.nextQueueId = next;
  return true;
}

const to = phrase("to=<");
const originally = phrase(">, orig_to=<");
const relay = phrase(">, relay=");
const reused = phrase(", conn_use=");
const delay = phrase(", delay=");
const delays = phrase(", delays=");
const tls = phrase(", tls=");
const dsn = phrase(", dsn=");
const status = phrase(", status=");
const sent = phrase("sent (");
const deferred = phrase("deferred (");
const bounced = phrase("bounced (");
const space = 32;
const quote = 34;
const closeParenthesis = 41;
const comma = 44;
const slash = 47;
const greater = 62;
const openBracket = 91;
const closeBracket = 93;
