import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { cut } from "../../../quick/texts.ts";
import { bareAddress } from "../../../queue/listing.ts";
import { seconds } from "../fields.ts";
import { field, readQuickFields } from "./fields.ts";
import { putQuickRelay } from "./host.ts";

/** Where the parts stand of whoever was read last. `original` is 0 when only one address stands there. */
const recipient = { start: 0, end: 0, original: 0, originalEnd: 0 };

/**
 * Reads `address R=router T=transport H=host [ip]` or `user <address> R= T=`, up to the end or to what is no field, which is at
 * `field.end`. False when it is for others to read.
 */
export function readQuickRoute(block: LineBlock, start: number, end: number): boolean {
  const at = readRecipient(block, start, end);
  // P= names the sender in another way.
  return at >= 0 && readQuickFields(block, at, end) && field.proto === undefined;
}

/** Returns where the fields begin, or -1. */
function readRecipient({ bytes, view }: LineBlock, start: number, end: number): number {
  const first = bytes[start] ?? 0;
  if (!(first > quote) || first === slash || first === colon || first === less || first === pipe || first === greater)
    return -1;
  const firstEnd = indexIn(view, space, start, end);
  if (firstEnd < 0) return -1;
  recipient.start = start;
  recipient.end = firstEnd;
  recipient.original = 0;
  const next = bytes[firstEnd + 1];
  if (bytes[firstEnd - 1] === colon) {
    // What follows is no field but the reason.
    const isReason = firstEnd + 1 < end && next !== less && next !== openParenthesis && next !== space;
    return isReason ? (recipient.end = firstEnd - 1) : -1;
  }
  if (next !== less) return firstEnd;
  recipient.original = firstEnd + 2;
  recipient.originalEnd = indexIn(view, greater, recipient.original, end);
  return recipient.originalEnd < recipient.original || bytes[recipient.original] === quote
    ? -1
    : recipient.originalEnd + 1;
}

/** What `readQuickRoute` read. */
export function putQuickRoute(event: MailEvent, block: LineBlock): void {
  putRecipient(event, block);
  if (field.transport !== undefined) event.transport = field.transport;
  if (field.hasHost) putQuickRelay(event, block);
  if (field.senderStart !== 0) event.from = bareAddress(cut(block, field.senderStart, field.senderEnd));
  if (field.tls !== undefined) event.tls = field.tls;
  const waited = field.timeStart === 0 ? undefined : seconds(cut(block, field.timeStart, field.timeEnd));
  if (waited !== undefined) event.delay = waited;
  if (field.size >= 0) event.size = field.size;
}

/** The final address, and what it was before; of a local one only that is whole. */
function putRecipient(event: MailEvent, block: LineBlock): void {
  const { start, end, original, originalEnd } = recipient;
  event.to = cut(block, start, end);
  if (original === 0) return;
  const before = cut(block, original, originalEnd);
  if (indexIn(block.view, atSign, start, end) < 0) event.to = before;
  else if (before !== event.to) event.origTo = before;
}

const space = 32;
const quote = 34;
const openParenthesis = 40;
const slash = 47;
const colon = 58;
const less = 60;
const greater = 62;
const atSign = 64;
const pipe = 124;
