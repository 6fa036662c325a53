import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn, pastDigits, wholeOf } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";

/** `from=<a>, size=1, nrcpt=1 (queue active)`. */
export function readQuickFrom(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  // Within quotation marks anything may stand.
  if (!stands(view, start, end, from) || bytes[start + 6] === quote) return false;
  const close = indexIn(view, greater, start + 6, end);
  if (close < 0 || !stands(view, close, end, size)) return false;
  const sizeStart = close + 8;
  const sizeEnd = pastDigits(bytes, sizeStart, end);
  const bytesSaid = wholeOf(bytes, sizeStart, sizeEnd);
  if (bytesSaid < 0 || !stands(view, sizeEnd, end, recipients)) return false;
  const count = wholeOf(bytes, sizeEnd + 8, pastDigits(bytes, sizeEnd + 8, end));
  if (count < 0) return false;
  event.event = "message";
  event.from = cut(block, start + 6, close);
  event.size = bytesSaid;
  event.nrcpt = count;
  return true;
}

/** `message-id=<a@b>`; without its brackets, when it has both. */
export function readQuickMessageId(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, text, base } = block;
  if (!stands(block.view, start, end, messageId)) return false;
  const angled = end - start > 12 && bytes[start + 11] === less && bytes[end - 1] === greater;
  event.event = "queued";
  event.messageId = angled ? text.slice(start + 12 - base, end - 1 - base) : text.slice(start + 11 - base, end - base);
  return true;
}

/** `removed`; what postsuper removes was no delivery. */
export function readQuickRemoved(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  if (!stands(block.view, start, end, removed) || event.process?.endsWith("super") !== false) return false;
  event.event = "removed";
  return true;
}

const from = phrase("from=<");
const size = phrase(">, size=");
const recipients = phrase(", nrcpt=");
const messageId = phrase("message-id=");
const removed = phrase("removed");
const quote = 34;
const less = 60;
const greater = 62;
