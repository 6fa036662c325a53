import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { field, putQuickSecurity, readQuickFields } from "./fields.ts";
import { putQuickClient } from "./host.ts";
import { wordEnd } from "./scan.ts";

/** `sender H=host [ip] P=esmtps X=cipher A=authenticator:id S=size id=message-id for a b`, behind `<= `. */
export function readQuickArrival(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  const isNull = bytes[start] === less;
  const senderEnd = indexIn(view, space, start, end);
  if (senderEnd <= start || bytes[start] === quote) return false;
  if (isNull && (bytes[start + 1] !== greater || senderEnd !== start + 2)) return false;
  if (!readQuickFields(block, senderEnd, end)) return false;
  // A bounce of Exim's own; a subject.
  if (field.hasRouter || field.transport !== undefined) return false;
  const chosen = field.end;
  if (chosen < end && !readChosen(event, block, chosen, end)) return false;
  event.event = "message";
  event.from = isNull ? "" : cut(block, start, senderEnd);
  if (field.hasHost) putQuickClient(event, block);
  if (field.proto !== undefined) event.proto = field.proto;
  if (field.size >= 0) event.size = field.size;
  putQuickSecurity(event, block);
  return true;
}

/** `id=`: the Message-ID, to the end or to the recipients; what else a sender may have written is for others to read. */
function readChosen(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes } = block;
  if (bytes[start] !== letter.i || bytes[start + 1] !== letter.d || bytes[start + 2] !== equals) return false;
  if (start + 3 > end) return false;
  const at = wordEnd(block.view, start + 3, end);
  if (at < end && !readRecipients(event, block, at, end)) return false;
  event.messageId = cut(block, start + 3, at);
  return true;
}

/** ` for a@b c@d`. */
function readRecipients(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes } = block;
  if (!stands(block.view, start, end, forKey)) return false;
  const recipients: string[] = [];
  for (let at = start + 5; at < end; at++) {
    const begin = at;
    let hasAt = false;
    for (; at < end && bytes[at] !== space; at++) {
      const code = bytes[at] ?? 0;
      // A quoted address may hold blanks.
      if (code < space || code === quote) return false;
      if (code === atSign && at > begin) hasAt = true;
    }
    if (!hasAt || recipients.length === mostRecipients) return false;
    recipients.push(cut(block, begin, at));
  }
  if (recipients.length === 0 || bytes[end - 1] === space) return false;
  event.recipients = recipients;
  event.to = recipients[0] ?? "";
  event.nrcpt = recipients.length;
  return true;
}

const forKey = phrase(" for ");
const mostRecipients = 100;
const space = 32;
const quote = 34;
const less = 60;
const equals = 61;
const greater = 62;
const atSign = 64;
const letter = { d: 100, i: 105 };
