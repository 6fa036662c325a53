import type { MailEvent } from "../../../core/event.ts";
import { readAddress, readFields } from "./fields.ts";
import { type EximHost, putClient, readHost } from "./host.ts";
import { putSaid } from "./said.ts";

/** Refusals that begin with words and not with the client: of commands that break a rule of Exim's own. False when it is none. */
export function readCommand(event: MailEvent, text: string): boolean {
  const first = text.charCodeAt(0);
  if (!initials.has(first)) return false;
  return (
    readUnqualified(event, text) ||
    readGreeting(event, text) ||
    readMail(event, text) ||
    readSize(event, text) ||
    readTooMany(event, text) ||
    readAbandoned(event, text) ||
    readNoSpace(event, text)
  );
}

/** l, o, r, s, t, u. */
const initials: ReadonlySet<number> = new Set([108, 111, 114, 115, 116, 117]);

/** `unqualified sender rejected: <a> H=name (helo) [ip]`, or `recipient`, `verify`: an address without a domain. */
function readUnqualified(event: MailEvent, text: string): boolean {
  const found = /^unqualified (sender|recipient|verify) rejected: </.exec(text);
  if (found === null) return false;
  const address = readAddress(text, found[0].length - 1);
  const { host } = readFields(text, address.end);
  if (host === undefined) return false;
  refuse(event, found[1] === "sender" ? "MAIL" : found[1] === "verify" ? "VRFY" : "RCPT", host);
  if (found[1] === "sender") event.from = address.value;
  else event.to = address.value;
  event.reason = text.slice(0, found[0].length - 3);
  return true;
}

/**
 * `rejected EHLO from name [ip]: syntactically invalid argument(s): what it said`, and where its name does not hold (helo_verify_hosts)
 * `temporarily rejected "HELO what it said" from name (what it said) [ip]`.
 */
function readGreeting(event: MailEvent, text: string): boolean {
  const found = /^(temporarily )?rejected ("?)([EH][EH]LO)/.exec(text);
  if (found === null) return false;
  const [whole, temporarily, quoted, stage = ""] = found;
  const start = quoted === "" ? whole.length : behindQuoted(text);
  const from = / from (?:H=)?/y;
  from.lastIndex = start;
  const host = from.test(text) ? readHost(text, from.lastIndex) : undefined;
  if (host === undefined) return false;
  refuse(event, stage, host);
  if (temporarily !== undefined) event.action = "temporarily rejected";
  if (quoted !== "") event.helo ??= text.slice(whole.length + 1, start - 1);
  const said = text.indexOf(": ", host.end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  else event.reason = text.slice(0, start);
  return true;
}

/** The name in quotes may hold anything. Exim says it again before the address: what stands in both stands around the place. */
function behindQuoted(text: string): number {
  const places = [...text.matchAll(/" from /g)].map(({ index }) => index);
  return (places[(places.length - 1) >> 1] ?? -1) + 1;
}

/** `rejected MAIL from [ip]: no HELO/EHLO given`, `rejected MAIL command H=[ip]: too many ...`, `rejected MAIL FROM:<a@b> H=[ip]: message too big: ...`. */
function readMail(event: MailEvent, text: string): boolean {
  const found = /^rejected MAIL (?:from |command H=|FROM:(?=<))/.exec(text);
  if (found === null) return false;
  let at = found[0].length;
  if (text.charCodeAt(at) === less) {
    const sender = readAddress(text, at);
    event.from = sender.value;
    at = text.startsWith(" H=", sender.end) ? sender.end + 3 : text.length;
  }
  const host = readHost(text, at);
  refuse(event, "MAIL", host);
  const said = text.indexOf(": ", host?.end ?? at);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  return true;
}

/** `rejected from <a@b> H=name [ip]: message too big: read=2 max=1`, and headers that break rules alike. */
function readSize(event: MailEvent, text: string): boolean {
  if (!text.startsWith("rejected from <")) return false;
  const sender = readAddress(text, 14);
  const { host, end } = readFields(text, sender.end);
  refuse(event, "DATA", host);
  event.from = sender.value;
  const said = text.indexOf(": ", end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  return true;
}

/** `too many recipients: message rejected: sender=<a@b> H=name [ip]`; `excess temporarily rejected` are those over the limit. */
function readTooMany(event: MailEvent, text: string): boolean {
  const found = /^too many recipients: (message rejected|excess temporarily rejected): sender=/.exec(text);
  if (found === null) return false;
  const sender = readAddress(text, found[0].length);
  refuse(event, found[1] === "message rejected" ? "DATA" : "RCPT", readFields(text, sender.end).host);
  event.from = sender.value;
  event.reason = "too many recipients";
  if (found[1] !== "message rejected") event.action = "temporarily rejected";
  return true;
}

/**
 * `overlong message header line received from name [ip] (more than 1000 characters): message abandoned`, and `local_scan() function timed
 * out - message temporarily rejected (size 12)`.
 */
function readAbandoned(event: MailEvent, text: string): boolean {
  const header = /^(?:ridiculously long message header|overlong message header line) received from /.exec(text);
  const scan = /^local_scan\(\) function (?:timed out|crashed with signal \d+) - message temporarily rejected /.exec(
    text,
  );
  if (header === null && scan === null) return false;
  refuse(event, "DATA", header === null ? undefined : readHost(text, header[0].length));
  if (scan !== null) event.action = "temporarily rejected";
  event.reason = text;
  return true;
}

/** `spool directory space check failed: space=100 inodes=3`: it takes no mail, and says to whom in no line (check_spool_space). */
function readNoSpace(event: MailEvent, text: string): boolean {
  if (!/^(?:spool|log) directory space check failed: /.test(text)) return false;
  refuse(event, "MAIL", undefined);
  event.action = "temporarily rejected";
  event.reason = text;
  return true;
}

function refuse(event: MailEvent, stage: string, host: EximHost | undefined): void {
  if (host !== undefined) putClient(event, host);
  event.event = "reject";
  event.reject = true;
  event.stage = stage;
}

const less = 60;
