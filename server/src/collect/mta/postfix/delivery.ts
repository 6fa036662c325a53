import { deliveryStatuses, type DeliveryStatus, type MailEvent } from "../../../core/event.ts";
import { addressAt, numberAt, putRelay, readPeer } from "./text.ts";

/**
 * What every delivery agent says of one recipient:
 * `to=<a>, orig_to=<b>, relay=host[ip]:port, conn_use=2, delay=1, delays=a/b/c/d, tls=may, dsn=2.0.0, status=sent (text)`.
 */
export function readDelivery(event: MailEvent, text: string): boolean {
  if (!text.startsWith("to=")) return false;
  const to = addressAt(text, 3);
  event.event = "delivery";
  event.to = to.value;
  let at = to.end;
  for (;;) {
    if (text.charCodeAt(at) !== comma) return true;
    const start = at + 2;
    const equals = text.indexOf("=", start);
    if (equals < 0) return true;
    const key = text.slice(start, equals);
    if (key.length === 6 && key === "status") {
      readStatus(event, text, equals + 1);
      return true;
    }
    if (key.length === 7 && key === "orig_to") {
      const original = addressAt(text, equals + 1);
      event.origTo = original.value;
      at = original.end;
      continue;
    }
    const stop = text.indexOf(", ", equals);
    at = stop < 0 ? text.length : stop;
    put(event, key, text, equals + 1, at);
  }
}

function put(event: MailEvent, key: string, text: string, start: number, end: number): void {
  if (start === end) return;
  // The length tells most of them apart.
  switch (key.length) {
    case 3:
      if (key === "dsn") event.dsn = text.slice(start, end);
      else if (key === "tls") event.tls = text.slice(start, end);
      return;
    case 5:
      if (key === "delay") {
        const delay = numberAt(text, start, end);
        if (delay !== undefined) event.delay = delay;
      } else if (key === "relay") putRelayValue(event, text.slice(start, end));
      return;
    case 6:
      if (key === "delays") putDelays(event, text, start, end);
      return;
    default:
  }
}

function putRelayValue(event: MailEvent, value: string): void {
  const peer = value.includes("]:") || value.endsWith("]") ? readPeer(value, 0) : undefined;
  if (peer === undefined) event.relay = value;
  else putRelay(event, peer);
}

function putDelays(event: MailEvent, text: string, start: number, end: number): void {
  const a = text.indexOf("/", start);
  const b = text.indexOf("/", a + 1);
  const c = text.indexOf("/", b + 1);
  // Without three of them the search begins again, or ends in front.
  if (!(a > 0 && b > a && c > b && c < end)) return;
  const first = numberAt(text, start, a);
  const second = numberAt(text, a + 1, b);
  const third = numberAt(text, b + 1, c);
  const fourth = numberAt(text, c + 1, end);
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return;
  event.delays = [first, second, third, fourth];
}

function readStatus(event: MailEvent, text: string, start: number): void {
  const blank = text.indexOf(" ", start);
  const written = text.slice(start, blank < 0 ? text.length : blank);
  const word = written === "sent" ? written : written.toLowerCase();
  if (word === "sent" || statuses.has(word)) event.status = word as DeliveryStatus;
  else if (word !== "") event.action = word;
  // What would have been bounced stays (soft_bounce).
  if (word === "softbounce") event.status = "deferred";
  if (blank < 0) return;
  const open = text.charCodeAt(blank + 1) === openParenthesis ? blank + 2 : blank + 1;
  const end = text.endsWith(")") && open === blank + 2 ? text.length - 1 : text.length;
  event.reason = text.slice(open, end);
  if (event.status === "sent" || event.status === "filtered") {
    const next = nextQueueId(event.reason);
    if (next !== undefined) event.nextQueueId = next;
  }
}

/**
 * The queue id under which the next hop took the message, from its answer: Postfix and most filters say `queued as ID`,
 * local(8) `forwarded as ID`, Exim `OK id=ID`, KumoMTA `OK ids=ID`, Sendmail and OpenSMTPD `ID Message accepted for delivery`,
 * Haraka whatever its plugin says and `(ID)`. The last one counts: a filter quotes the answer of the hop behind it at the end.
 */
export function nextQueueId(reason: string): string | undefined {
  const at = Math.max(reason.lastIndexOf("queued as "), reason.lastIndexOf("forwarded as "));
  if (at >= 0) return idAt(reason, reason.indexOf(" as ", at) + 4);
  const exim = reason.indexOf("OK id=");
  if (exim >= 0) return idAt(reason, exim + 6);
  const kumo = reason.indexOf("OK ids=");
  if (kumo >= 0) return idAt(reason, kumo + 7);
  const accepted = reason.indexOf(" Message accepted for delivery");
  if (accepted > 0) {
    const start = reason.lastIndexOf(" ", accepted - 1) + 1;
    return idAt(reason, reason.charCodeAt(start) === openParenthesis ? start + 1 : start);
  }
  return reason.endsWith(")") ? harakas.exec(reason.slice(-longestId))?.[1] : undefined;
}
/** Of a connection, and the number of the message in it. */
const harakas = / \(([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\.\d{1,9})\)$/;

function idAt(text: string, start: number): string | undefined {
  let end = start;
  while (end < text.length && end - start < longestId && isIdCharacter(text.charCodeAt(end))) end++;
  return end > start ? text.slice(start, end) : undefined;
}

export function isIdCharacter(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === dash;
}

export const longestId = 64;
const comma = 44;
const dash = 45;
const openParenthesis = 40;

const statuses: ReadonlySet<string> = new Set(deliveryStatuses);
