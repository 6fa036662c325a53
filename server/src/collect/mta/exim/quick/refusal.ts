import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { field, putQuickSecurity, readQuickFields } from "./fields.ts";
import { putQuickClient } from "./host.ts";

/** `H=host [ip] F=<sender> rejected RCPT <recipient>: reason`, from the blank before `H=` on. */
export function readQuickRejection(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  if (!readQuickFields(block, start, end) || !field.hasHost || !stands(view, field.end, end, rejected)) return false;
  const recipient = field.end + 15;
  if (!stands(view, recipient - 6, end, toWhom) || bytes[recipient] === quote) return false;
  const close = indexIn(view, greater, recipient, end);
  if (close <= recipient || bytes[close - 1] === colon || !isSaid(bytes, close + 1, end)) return false;
  putQuickClient(event, block);
  event.event = "reject";
  event.reject = true;
  if (field.senderStart !== 0) event.from = cut(block, field.senderStart, field.senderEnd);
  if (field.proto !== undefined) event.proto = field.proto;
  putQuickSecurity(event, block);
  event.stage = "RCPT";
  event.to = cut(block, recipient, close);
  event.reason = cut(block, close + 3, end);
  return true;
}

/** `: reason`, no code at its beginning and no white space around it. */
function isSaid(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at + 2] ?? 0;
  if (at + 2 >= end || bytes[at] !== colon || bytes[at + 1] !== space) return false;
  return first > space && !(first >= 48 && first <= 57) && (bytes[end - 1] ?? 0) > space;
}

const rejected = phrase("rejected ");
const toWhom = phrase("RCPT <");
const space = 32;
const quote = 34;
const colon = 58;
const greater = 62;
