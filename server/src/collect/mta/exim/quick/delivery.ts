import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn, pastDigits, wholeOf } from "../../../quick/bytes.ts";
import { cut } from "../../../quick/texts.ts";
import { bareAddress } from "../../../queue/listing.ts";
import { nextQueueId } from "../../postfix/delivery.ts";
import { readQueuedAs } from "../../postfix/quick/queued-as.ts";
import { readDsnEnd } from "../../postfix/text.ts";
import { seconds } from "../fields.ts";
import { field, readQuickFields } from "./fields.ts";
import { putQuickRelay } from "./host.ts";
import { messageIds, words } from "./seen.ts";

/** `address R=router T=transport H=host [ip] C="250 OK"` or `user <address> R= T=`, behind `=> ` and its kin. */
export function readQuickDelivery(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes } = block;
  const first = bytes[start] ?? 0;
  if (!(first > quote) || first === slash || first === colon || first === less || first === pipe) return false;
  const firstEnd = indexIn(bytes, space, start, end);
  if (firstEnd < 0 || bytes[firstEnd - 1] === colon) return false;
  let at = firstEnd;
  let original = 0;
  if (bytes[at + 1] === less) {
    original = at + 2;
    at = indexIn(bytes, greater, original, end) + 1;
    if (at <= original || bytes[original] === quote) return false;
  }
  if (!readQuickFields(block, at, end) || field.end !== end) return false;
  // What names the sender in another way.
  if (field.startOf(letter.P) !== 0) return false;
  const sizeStart = field.startOf(letter.S);
  const sizeEnd = field.endOf(letter.S);
  const size = sizeStart === 0 ? -1 : wholeOf(bytes, sizeStart, sizeEnd);
  if (sizeStart !== 0 && (size < 0 || pastDigits(bytes, sizeStart, sizeEnd) !== sizeEnd)) return false;
  event.event = "delivery";
  event.status = "sent";
  putRecipient(event, block, start, firstEnd, original, at - 1);
  putRoute(event, block);
  if (size >= 0) event.size = size;
  putAnswer(event, block);
  return true;
}

/** The final address, and what it was before; of a local one only that is whole. */
function putRecipient(
  event: MailEvent,
  block: LineBlock,
  start: number,
  end: number,
  original: number,
  originalEnd: number,
): void {
  event.to = cut(block, start, end);
  if (original === 0) return;
  const before = cut(block, original, originalEnd);
  if (indexIn(block.bytes, atSign, start, end) < 0) event.to = before;
  else if (before !== event.to) event.origTo = before;
}

function putRoute(event: MailEvent, block: LineBlock): void {
  const transport = field.startOf(letter.T);
  if (transport !== 0) event.transport = words.of(block, transport, field.endOf(letter.T));
  if (field.hasHost) putQuickRelay(event, block);
  const sender = field.startOf(letter.F);
  if (sender !== 0) event.from = bareAddress(cut(block, sender, field.endOf(letter.F)));
  const tls = field.tls(block);
  if (tls !== undefined) event.tls = tls;
  const onQueue = field.startOf(letter.Q);
  const waited = onQueue === 0 ? undefined : seconds(cut(block, onQueue, field.endOf(letter.Q)));
  if (waited !== undefined) event.delay = waited;
}

/** `C="250 2.0.0 Ok: queued as ID"`. */
function putAnswer(event: MailEvent, block: LineBlock): void {
  const start = field.startOf(letter.C);
  if (start === 0) return;
  const end = field.endOf(letter.C);
  const { bytes } = block;
  const reason = cut(block, start, end);
  event.reason = reason;
  const code = wholeOf(bytes, start, start + 3);
  const next = bytes[start + 3];
  const isCode = pastDigits(bytes, start, Math.min(end, start + 3)) === start + 3 && code >= 200 && code < 600;
  if (isCode && (start + 3 === end || next === space || next === dash)) event.code = code;
  const dsnEnd = readDsnEnd(reason, 4);
  if (dsnEnd > 4) event.dsn = words.of(block, start + 4, start + dsnEnd);
  const queued = readQueuedAs(block, start, end);
  const id = queued > 0 ? messageIds.of(block, queued, end) : nextQueueId(reason);
  if (id !== undefined) event.nextQueueId = id;
}

const space = 32;
const quote = 34;
const dash = 45;
const slash = 47;
const colon = 58;
const less = 60;
const greater = 62;
const atSign = 64;
const pipe = 124;
const letter = { C: 67, F: 70, P: 80, Q: 81, S: 83, T: 84 };
