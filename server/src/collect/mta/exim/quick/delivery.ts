import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { dsnEnd, replyCode } from "../../../quick/reply.ts";
import { cut } from "../../../quick/texts.ts";
import { isIdCharacter, longestId, nextQueueId } from "../../postfix/delivery.ts";
import { readQueuedAs } from "../../postfix/quick/queued-as.ts";
import { field } from "./fields.ts";
import { putQuickRoute, readQuickRoute } from "./route.ts";
import { messageIds, words } from "./seen.ts";

/** `address R=router T=transport H=host [ip] C="250 OK"` or `user <address> R= T=`, behind `=> ` and its kin. */
export function readQuickDelivery(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  if (stands(block.view, start, end, discarded)) return false;
  if (!readQuickRoute(block, start, end) || field.end !== end) return false;
  event.event = "delivery";
  event.status = "sent";
  putQuickRoute(event, block);
  putAnswer(event, block);
  return true;
}

/** `C="250 2.0.0 Ok: queued as ID"`. */
function putAnswer(event: MailEvent, block: LineBlock): void {
  const { answerStart: start, answerEnd: end } = field;
  if (start === 0) return;
  const { bytes } = block;
  const reason = cut(block, start, end);
  event.reason = reason;
  if (stands(block.view, start, end, taken)) {
    event.code = 250;
    event.dsn = "2.0.0";
  } else {
    const code = replyCode(bytes, start, end);
    if (code >= 0) event.code = code;
    const stop = dsnEnd(bytes, start + 4, end);
    if (stop > start + 4) event.dsn = words.of(block, start + 4, stop);
  }
  const next = nextId(block, start, end) ?? nextQueueId(reason);
  if (next !== undefined) event.nextQueueId = next;
}

/** Of the answers that most hops give. */
function nextId(block: LineBlock, start: number, end: number): string | undefined {
  // Another MTA's id stands in no other line of this log.
  const queued = readQueuedAs(block, start, end);
  if (queued > 0) return cut(block, queued, end);
  const id = start + 10;
  if (!stands(block.view, start + 3, end, okId)) return undefined;
  let at = id;
  while (at < end && isIdCharacter(block.bytes[at] ?? 0)) at++;
  return at === end && at > id && at - id <= longestId ? messageIds.of(block, id, end) : undefined;
}

const discarded = phrase("discarded <");
/** As most hops answer. */
const taken = phrase("250 2.0.0 ");
const okId = phrase(" OK id=");
