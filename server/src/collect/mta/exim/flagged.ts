import type { MailEvent } from "../../../core/event.ts";
import { bareAddress } from "../../queue/listing.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { readDsnEnd } from "../postfix/text.ts";
import { addressesOf, type Fields, putSecurity, readAddress, readFields, seconds } from "./fields.ts";
import { readFate } from "./fate.ts";
import { putClient, putHostOfReason, putRelay } from "./host.ts";
import { table } from "../../table.ts";

/** Lines about a message: the flag behind its id says which kind. False when there is none. */
export function readFlagged(event: MailEvent, text: string): boolean {
  if (event.queueId === undefined) return false;
  if (text.startsWith("Completed")) return readCompleted(event, text);
  const blank = text.indexOf(" ");
  const read = blank === 2 && text.length > 3 ? kinds[text.slice(0, blank)] : undefined;
  if (read === undefined) return readFate(event, text);
  read(event, text, blank + 1);
  return true;
}

const kinds = table<(event: MailEvent, text: string, start: number) => void>({
  "<=": readArrival,
  "(=": readFakeReject,
  "=>": readDelivery,
  "->": readDelivery,
  ">>": readDelivery,
  "*>": readSuppressed,
  "**": readFailure,
  "==": readDeferral,
});

/**
 * `<= sender H=host U=ident P=esmtps X=cipher A=authenticator:id S=size id=message-id T="subject" for a b`. The sender, the
 * Message-ID and the subject may hold blanks and look like fields.
 */
function readArrival(event: MailEvent, text: string, start: number): void {
  event.event = "message";
  const sender = readAddress(text, start);
  event.from = sender.value;
  const { values, host, end } = readFields(text, sender.end, chosenBySender);
  if (host !== undefined) putClient(event, host);
  putArrival(event, values);
  readChosen(event, text, end);
}

const chosenBySender: ReadonlySet<string> = new Set(["id", "id*", "T", "from", "for"]);

function putArrival(event: MailEvent, values: Fields["values"]): void {
  const proto = values.get("P");
  if (proto !== undefined) event.proto = proto;
  const size = Number(values.get("S") ?? Number.NaN);
  if (Number.isFinite(size)) event.size = size;
  putSecurity(event, values);
  const original = values.get("R");
  if (original !== undefined) {
    // A bounce that Exim made of its own; the id is that of the message which could not be delivered.
    event.origQueueId = original;
    event.action = "bounce";
  }
}

/** What the sender wrote: `id=... T="..." from <...> for a b`. Only the order is sure. */
function readChosen(event: MailEvent, text: string, start: number): void {
  const rest = text.slice(start);
  const idStart = rest.startsWith("id=") ? 3 : rest.startsWith("id*=") ? 4 : 0;
  if (idStart > 0) {
    // Nothing follows without a blank.
    const end = rest.includes(" ")
      ? (/(?: T="| from <| for \S+@| for "[^"]{1,255}"@| for \S+$|$)/.exec(rest)?.index ?? rest.length)
      : rest.length;
    event.messageId = rest.slice(idStart, end).trim();
  }
  const to = rest.includes(" for ") ? rest.lastIndexOf(" for ") : -1;
  const list = to >= 0 ? rest.slice(to + 5) : rest.startsWith("for ") ? rest.slice(4) : "";
  const recipients = addressesOf(list);
  if (recipients.length === 0) return;
  event.recipients = recipients.slice(0, mostRecipients);
  event.to = recipients[0] ?? "";
  event.nrcpt = recipients.length;
}

/** Refused after the data although the sender was told that it was accepted (fakereject). */
function readFakeReject(event: MailEvent, text: string, start: number): void {
  readArrival(event, text, start);
  event.event = "reject";
  event.reject = true;
  event.action = "fakereject";
}

/** `=> address <original> R=router T=transport H=host [ip] C="250 OK"`; a local one `=> user <address> R= T=`. */
function readDelivery(event: MailEvent, text: string, start: number): void {
  event.event = "delivery";
  event.status = "sent";
  if (acl.test(text.slice(start, start + 64))) {
    // All recipients were thrown away at once.
    event.status = "discarded";
    event.reason = text.slice(start);
    return;
  }
  const rest = readRecipient(event, text, start);
  const fields = readFields(text, rest);
  putRoute(event, fields);
  const answer = fields.values.get("C");
  if (answer === undefined) return;
  putReply(event, answer);
  const next = nextQueueId(answer);
  if (next !== undefined) event.nextQueueId = next;
}

/** `=> blackhole (DATA ACL discarded recipients)`. */
const acl = /^(?:blackhole|discarded) \(/;

/** Exim ran with -N: nothing was sent. */
function readSuppressed(event: MailEvent, text: string, start: number): void {
  readDelivery(event, text, start);
  event.event = "other";
  event.action = "delivery suppressed";
}

function readFailure(event: MailEvent, text: string, start: number): void {
  event.event = "delivery";
  event.status = "bounced";
  readUnfinished(event, text, start);
}

/** `== address R=router T=transport defer (-44) H=host [ip]: reason`. */
function readDeferral(event: MailEvent, text: string, start: number): void {
  event.event = "delivery";
  event.status = "deferred";
  readUnfinished(event, text, start);
}

function readUnfinished(event: MailEvent, text: string, start: number): void {
  const rest = readRecipient(event, text, start);
  const fields = readFields(text, rest);
  putRoute(event, fields);
  let at = fields.end;
  const defer = /^ ?(?:[a-z]{1,12} )?defer \((-?\d{1,9})\)/.exec(text.slice(at, at + 40));
  if (defer !== null) {
    event.action = `defer ${defer[1] ?? ""}`;
    at += defer[0].length;
    // What the system said stands before the host, what Exim or the host said behind it.
    const system = systemError.exec(text.slice(at, at + longestError));
    const more = readFields(text, at + (system?.[0].length ?? 0));
    if (more.host !== undefined && event.relay === undefined) putRelay(event, more.host);
    if (more.host !== undefined || more.values.has("DT")) {
      at = more.end;
      if (system !== null) return putReason(event, `${system[1] ?? ""}${text.slice(at)}`);
    }
  }
  const reason = text.slice(at).replace(/^[: ]+/, "");
  putReason(event, event.status === "bounced" ? reason.replace(timeTaken, "") : reason);
}

/** `: Connection timed out H=mx.far.example [192.0.2.1] DT=5m: SMTP timeout after ...`. */
const systemError = /^: ([^:=]{1,120}?)(?= (?:H|DT)=)/;
const longestError = 160;
/** Behind the reason of a failure, with the log selector `deliver_time`. */
export const timeTaken = / DT=(?:\d{1,9}[wdhm])*\d{1,9}(?:\.\d{1,6})?[wdhms]$/;

function putReason(event: MailEvent, reason: string): void {
  if (reason === "") return;
  event.reason = reason;
  if (event.relay === undefined) putHostOfReason(event, reason);
  const said = /: ([245]\d\d)(?:[ -]|$)/.exec(reason);
  if (said !== null) putReply(event, reason.slice(said.index + 2), reason);
}

/** Code and enhanced code of an SMTP reply; `whole` is the reason when it says more. */
function putReply(event: MailEvent, reply: string, whole = reply): void {
  event.reason = whole;
  const code = Number(/^([2-5]\d\d)(?:[ -]|$)/.exec(reply)?.[1] ?? Number.NaN);
  if (!Number.isNaN(code)) event.code = code;
  const end = readDsnEnd(reply, 4);
  if (end > 4) event.dsn = reply.slice(4, end);
}

/** The final address, and the one that it was before in brackets; of a local delivery only that one is whole. */
function readRecipient(event: MailEvent, text: string, from: number): number {
  // An address that begins with a blank.
  const start = skip(text, from);
  if (pipeOrFile.has(text.charCodeAt(start)) || text.startsWith("save ", start)) return readPipe(event, text, start);
  if (text.startsWith("mua_wrapper is set ", start)) return start;
  const first = readAddress(text, start);
  let at = first.end;
  // Parents, with the all_parents selector: `(<b@c>) (<d@e>)`.
  for (let open = skip(text, at); text.charCodeAt(open) === openParenthesis; open = skip(text, at)) {
    const close = text.indexOf(")", open);
    if (close < 0) break;
    at = close + 1;
  }
  event.to = first.value;
  // A filter was satisfied with no delivery at all.
  if (event.status === "sent" && text.startsWith("discarded <", start)) event.status = "discarded";
  const angle = skip(text, at);
  if (text.charCodeAt(angle) !== less) return trimColon(event, at);
  const original = readAddress(text, angle);
  // `>a@b` is whom an automatic reply goes to.
  if (!first.value.includes("@") || first.value.startsWith(">")) event.to = original.value;
  else if (original.value !== first.value) event.origTo = original.value;
  return original.end;
}

/** `|command with blanks <address> R=`, `/path/to/box <address> R=`, `save box <address> R=`, `:blackhole: <address> R=`. */
function readPipe(event: MailEvent, text: string, start: number): number {
  const found = / <([^<>]*)> (?=[A-Z]{1,2}=)/.exec(text.slice(start));
  event.to = found?.[1] ?? text.slice(start);
  if (event.status === "sent" && text.startsWith(":blackhole:", start)) event.status = "discarded";
  return found === null ? text.length : start + found.index + found[0].length - 1;
}

/** `** bad@far.example: all relevant MX records ...`: the colon belongs to what follows. */
function trimColon(event: MailEvent, at: number): number {
  if (event.to?.endsWith(":") !== true) return at;
  event.to = event.to.slice(0, -1);
  return at - 1;
}

function putRoute(event: MailEvent, { values, host }: Fields): void {
  const transport = values.get("T");
  if (transport !== undefined) event.transport = transport;
  if (host !== undefined) putRelay(event, host);
  else if (values.has("H")) event.relay = values.get("H") ?? "";
  const sender = values.get("F") ?? values.get("P");
  if (sender !== undefined) event.from = bareAddress(sender);
  const tls = values.get("X");
  if (tls !== undefined) event.tls = tls;
  const size = Number(values.get("S") ?? Number.NaN);
  if (Number.isFinite(size)) event.size = size;
  const onQueue = seconds(values.get("QT") ?? "");
  if (onQueue !== undefined) event.delay = onQueue;
}

function readCompleted(event: MailEvent, text: string): boolean {
  event.event = "removed";
  const { values } = readFields(text, 9);
  const onQueue = seconds(values.get("QT") ?? "");
  if (onQueue !== undefined) event.delay = onQueue;
  return true;
}

function skip(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === space) at++;
  return at;
}

/** `|`, `/` and `:`. */
const pipeOrFile: ReadonlySet<number> = new Set([124, 47, 58]);
const mostRecipients = 1_000;
const space = 32;
const openParenthesis = 40;
const less = 60;
