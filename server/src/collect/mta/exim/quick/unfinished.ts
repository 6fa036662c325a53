import type { DeliveryStatus, MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn, pastDigits } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { dsnEnd, replyCode } from "../../../quick/reply.ts";
import { cut } from "../../../quick/texts.ts";
import { timeTaken } from "../flagged.ts";
import { putHostOfReason } from "../host.ts";
import { field } from "./fields.ts";
import { putQuickRelay, readQuickHost } from "./host.ts";
import { putQuickRoute, readQuickRoute } from "./route.ts";
import { words } from "./seen.ts";

/** `address R=router T=transport H=host [ip]: reason`, behind `** `. */
export function readQuickFailure(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  if (!readQuickRoute(block, start, end) || !isSaid(block.bytes, field.end, end)) return false;
  put(event, block, "bounced", field.end + 2, end, field.hasHost);
  return true;
}

/** `address R=router T=transport defer (-44) H=host [ip]: reason`, behind `== `; the host may stand before the word too. */
export function readQuickDeferral(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  if (!readQuickRoute(block, start, end)) return false;
  const { bytes, view } = block;
  const numberStart = field.end + 7;
  if (!stands(view, field.end, end, deferOpen)) return false;
  const digits = bytes[numberStart] === dash ? numberStart + 1 : numberStart;
  const close = pastDigits(bytes, digits, end);
  if (close === digits || close > digits + 9 || bytes[close] !== closeParenthesis) return false;
  let at = close + 1;
  let hasRelay = field.hasHost;
  if (stands(view, at - 1, end, hostKey)) {
    if (hasRelay) return false;
    at = readQuickHost(block, at + 3, end);
    hasRelay = true;
  }
  if (at < 0 || !isSaid(bytes, at, end) || isField(view, at + 2, end)) return false;
  event.action = `defer ${cut(block, numberStart, close)}`;
  put(event, block, "deferred", at + 2, end, hasRelay);
  return true;
}

function put(
  event: MailEvent,
  block: LineBlock,
  status: DeliveryStatus,
  start: number,
  end: number,
  hasRelay: boolean,
): void {
  event.event = "delivery";
  event.status = status;
  putQuickRoute(event, block);
  const whole = cut(block, start, end);
  const reason = status === "bounced" ? whole.replace(timeTaken, "") : whole;
  event.reason = reason;
  if (!hasRelay) putHostOfReason(event, reason);
  else if (!field.hasHost) putQuickRelay(event, block);
  const { bytes } = block;
  const reply = replyAt(block, start, end);
  if (reply < 0) return;
  event.code = replyCode(bytes, reply, end);
  const stop = dsnEnd(bytes, reply + 4, end);
  if (stop > reply + 4) event.dsn = words.of(block, reply + 4, stop);
}

/** `: reason`, to which nothing more of that kind belongs. */
function isSaid(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at + 2];
  return at + 2 < end && bytes[at] === colon && bytes[at + 1] === space && first !== colon && first !== space;
}

/** `Connection timed out H=host [ip]: reason`: what the system said stands before fields. */
function isField(view: DataView, start: number, end: number): boolean {
  const stop = indexIn(view, colon, start, end);
  return indexIn(view, equals, start, stop < 0 ? end : stop) >= 0;
}

/** Where the first `: 450 ` of a reason has its code; -1 without. */
function replyAt({ bytes, view }: LineBlock, start: number, end: number): number {
  for (let at = indexIn(view, colon, start, end - 4); at >= 0; at = indexIn(view, colon, at + 1, end - 4)) {
    if (bytes[at + 1] !== space) continue;
    const first = bytes[at + 2];
    if ((first === 50 || first === 52 || first === 53) && replyCode(bytes, at + 2, end) > 0) return at + 2;
  }
  return -1;
}

const deferOpen = phrase("defer (");
const hostKey = phrase(") H=");
const space = 32;
const closeParenthesis = 41;
const dash = 45;
const colon = 58;
const equals = 61;
