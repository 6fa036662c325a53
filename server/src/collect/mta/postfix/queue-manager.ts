import type { MailEvent } from "../../../core/event.ts";
import { addressAt, digitsEnd, wholeAt } from "./text.ts";

/** qmgr, pickup, cleanup's message-id, postsuper: the milestones of a message's life. */
export function readQueueManager(event: MailEvent, text: string): boolean {
  switch (text.charCodeAt(0)) {
    case letter.f:
      return text.startsWith("from=") && readFrom(event, text);
    case letter.m:
      return text.startsWith("message-id=") && readMessageId(event, text);
    case letter.r:
      return readRemoved(event, text);
    case letter.u:
      return text.startsWith("uid=") && readPickup(event, text);
    case letter.s:
      return readLeft(event, text) || readNotice(event, text);
    case letter.p:
      return readPassed(event, text) || readNotice(event, text);
    case letter.e:
      return readNotice(event, text);
    default:
      return false;
  }
}

const less = 60;
const greater = 62;
const letter = { e: 101, f: 102, m: 109, p: 112, r: 114, s: 115, u: 117 };

/** `from=<a>, size=1, nrcpt=1 (queue active)`, or the end: `from=<a>, status=expired, returned to sender`. */
function readFrom(event: MailEvent, text: string): boolean {
  const from = addressAt(text, 5);
  const size = text.indexOf(", size=", from.end);
  const status = size < 0 && text.startsWith(", status=", from.end) ? from.end : -1;
  if (size < 0 && status < 0) return false;
  event.from = from.value;
  if (status >= 0) {
    event.event = "delivery";
    const word = /^[a-z-]+/.exec(text.slice(status + 9))?.[0] ?? "";
    // "force-expired" is an operator's postsuper -e: as final as the other.
    if (word === "expired" || word === "force-expired") event.status = "expired";
    if (word === "force-expired") event.action = word;
    const reason = text.indexOf(", ", status + 9);
    if (reason > 0) event.reason = text.slice(reason + 2);
    return true;
  }
  event.event = "message";
  const sizeEnd = digitsEnd(text, size + 7);
  if (sizeEnd > size + 7) event.size = wholeAt(text, size + 7, sizeEnd);
  if (text.startsWith(", nrcpt=", sizeEnd)) {
    const end = digitsEnd(text, sizeEnd + 8);
    if (end > sizeEnd + 8) event.nrcpt = wholeAt(text, sizeEnd + 8, end);
  }
  return true;
}

function readMessageId(event: MailEvent, text: string): boolean {
  event.event = "queued";
  const end = text.length - 1;
  const angled = end > 11 && text.charCodeAt(11) === less && text.charCodeAt(end) === greater;
  event.messageId = angled ? text.slice(12, end) : text.slice(11);
  return true;
}

function readRemoved(event: MailEvent, text: string): boolean {
  if (text === "removed") {
    event.event = "removed";
    // An operator's deletion is no delivery.
    if (event.process?.endsWith("postsuper") === true) event.action = "delete";
    return true;
  }
  const word = operatorWords.get(text);
  if (word === undefined) return readResent(event, text);
  event.action = word;
  return true;
}

/** `resent-message-id=<a>`: the message's own id follows, or came before. */
function readResent(event: MailEvent, text: string): boolean {
  if (!text.startsWith("resent-message-id=")) return false;
  event.messageId = text.slice(18).replace(/^<(.*)>$/, "$1");
  return true;
}

/** `uid=0 from=<a>`, or with `orig_id=` after a re-queue. */
function readPickup(event: MailEvent, text: string): boolean {
  const from = text.indexOf(" from=");
  if (from < 0) return false;
  event.event = "message";
  const original = /> orig_id=([0-9A-Za-z]{5,24})$/.exec(text);
  event.from = addressAt(original === null ? text : text.slice(0, original.index + 1), from + 6).value;
  if (original?.[1] !== undefined) event.origQueueId = original[1];
  event.action = "pickup";
  return true;
}

/** `status=deferred (bounce failed)`: the recipient stays, because nobody would take what was to be said of it. */
function readLeft(event: MailEvent, text: string): boolean {
  if (!text.startsWith("status=deferred (")) return false;
  event.event = "delivery";
  event.status = "deferred";
  event.reason = text.slice(17).replace(/\)$/, "");
  return true;
}

/** local(8) hands a recipient to another delivery agent, whose line follows: `passing <a> to transport=lmtp`. */
function readPassed(event: MailEvent, text: string): boolean {
  const to = /^passing <([^]*)> to transport=[^\s=]{1,64}$/.exec(text)?.[1];
  if (to === undefined) return false;
  event.action = "passing";
  event.to = to;
  return true;
}

/** `sender non-delivery notification: ID` and its kin, and what postsuper says of a message. */
function readNotice(event: MailEvent, text: string): boolean {
  const word = operatorWords.get(text);
  if (word !== undefined) {
    event.action = word;
    return true;
  }
  const at = text.indexOf(" notification: ");
  if (at < 0 || at > 40) return false;
  event.event = "bounce-notice";
  event.bounceQueueId = text.slice(at + 15).trimEnd();
  event.action = text.slice(0, at);
  return true;
}

const operatorWords = new Map([
  ["placed on hold", "hold"],
  ["released from hold", "release"],
  ["requeued", "requeue"],
  ["expired", "expire"],
  ["skipped, still being delivered", "skipped"],
]);
