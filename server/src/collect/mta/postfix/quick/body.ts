import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { blankDelivery, blankMilestone, blankRejection } from "../../../blank-event.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { pastQueueId } from "../queue-id.ts";
import { readQuickDelivery } from "./delivery.ts";
import type { QuickHead } from "./head.ts";
import { readQuickFrom, readQuickMessageId, readQuickRemoved } from "./message.ts";
import { readQuickRejection } from "./rejection.ts";
import { queueIds } from "./seen.ts";
import { readQuickClient, readQuickSession } from "./session.ts";

/**
 * The commonest kinds of line, read from the bytes behind the head, each only in exactly the form that Postfix gives it. Null
 * when it is anything else: then `readBody` reads the text, which it would read just the same.
 */
export function readQuickLine(head: QuickHead, block: LineBlock, end: number): MailEvent | null {
  const { bytes } = block;
  const start = head.bodyStart;
  // Some loggers leave a blank there.
  if (bytes[end - 1] === space) return null;
  const colon = pastQueueId(bytes, start, end);
  if (colon === 0) return readQueueless(head, block, start, end);
  const at = colon + 2;
  const first = bytes[at];
  const isRejection = first === letter.r && end - at !== 7;
  const event = first === letter.t ? blankDelivery() : isRejection ? blankRejection() : blankMilestone();
  head.put(event);
  event.queueId = queueIds.of(block, start, colon);
  return readOfMessage(event, block, at, end) ? event : null;
}

function readOfMessage(event: MailEvent, block: LineBlock, at: number, end: number): boolean {
  switch (block.bytes[at] ?? 0) {
    case letter.t:
      return readQuickDelivery(event, block, at, end);
    case letter.f:
      return readQuickFrom(event, block, at, end);
    case letter.m:
      return readQuickMessageId(event, block, at, end);
    case letter.c:
      return readQuickClient(event, block, at, end);
    case letter.r:
      if (end - at === 7) return readQuickRemoved(event, block, at, end);
      return stands(block.view, at, end, rejected) && readQuickRejection(event, block, at + 8, end);
    default:
      return false;
  }
}

function readQueueless(head: QuickHead, block: LineBlock, start: number, end: number): MailEvent | null {
  const { bytes, view } = block;
  const kind = stands(view, start, end, connected)
    ? "connect"
    : stands(view, start, end, disconnected)
      ? "disconnect"
      : null;
  if (kind !== null) {
    // What it calls so is no client's coming or going.
    if (head.process.endsWith("tlsproxy")) return null;
    const event = blankMilestone();
    head.put(event);
    return readQuickSession(event, block, kind, start + kind.length + 6, end) ? event : null;
  }
  if (!stands(view, start, end, refused) || bytes[start + 16] !== space) return null;
  const event = blankRejection();
  head.put(event);
  event.queueId = "NOQUEUE";
  return readQuickRejection(event, block, start + 17, end) ? event : null;
}

const connected = phrase("connect from ");
const disconnected = phrase("disconnect from ");
const refused = phrase("NOQUEUE: reject:");
const rejected = phrase("reject: ");
const space = 32;
const letter = { c: 99, f: 102, m: 109, r: 114, t: 116 };
