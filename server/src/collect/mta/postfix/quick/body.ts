import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { pastQueueId } from "../queue-id.ts";
import { readQuickDelivery } from "./delivery.ts";
import { readQuickFrom, readQuickMessageId, readQuickRemoved } from "./message.ts";
import { readQuickRejection } from "./rejection.ts";
import { queueIds } from "./seen.ts";
import { readQuickClient, readQuickSession } from "./session.ts";

/**
 * The commonest kinds of line, read from the bytes, each only in exactly the form that Postfix gives it. False when it is
 * anything else: then the event may be half filled, and `readBody` reads the text, which it would read just the same.
 */
export function readQuickBody(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  // Some loggers leave a blank there.
  if (bytes[end - 1] === space) return false;
  const colon = pastQueueId(bytes, start, end);
  if (colon === 0) {
    if (stands(view, start, end, connected)) return readQuickSession(event, block, "connect", start + 13, end);
    if (stands(view, start, end, disconnected)) return readQuickSession(event, block, "disconnect", start + 16, end);
    if (!stands(view, start, end, refused) || bytes[start + 16] !== space) return false;
    event.queueId = "NOQUEUE";
    return readQuickRejection(event, block, start + 17, end);
  }
  event.queueId = queueIds.of(block, start, colon);
  const at = colon + 2;
  switch (bytes[at] ?? 0) {
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
      return stands(view, at, end, rejected) && readQuickRejection(event, block, at + 8, end);
    default:
      return false;
  }
}

const connected = phrase("connect from ");
const disconnected = phrase("disconnect from ");
const refused = phrase("NOQUEUE: reject:");
const rejected = phrase("reject: ");
const space = 32;
const letter = { c: 99, f: 102, m: 109, r: 114, t: 116 };
