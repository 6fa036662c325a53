import type { MailEvent } from "../../../core/event.ts";
import { readDsnEnd } from "../postfix/text.ts";
import { putSecurity, readAddress, readFields } from "./fields.ts";
import { putClient, readHost } from "./host.ts";

/** What Exim does not take: rejections of each SMTP stage, dropped connections, failed log-ins. False when it is none. */
export function readRefusal(event: MailEvent, text: string): boolean {
  return readLogin(event, text) || readRejected(event, text) || readDropped(event, text);
}

/**
 * `login authenticator failed for host (helo) [ip]:port I=[..]: 535 Incorrect authentication data (set_id=user)`. With `435
 * Unable to authenticate at present` it was the authenticator that failed, its database mostly, and not the client.
 */
function readLogin(event: MailEvent, text: string): boolean {
  const found = /^(\S{1,64}) authenticator failed for /.exec(text.slice(0, 120));
  if (found === null) return false;
  event.event = "auth-failure";
  event.saslMethod = found[1] ?? "";
  const host = readHost(text, found[0].length + (text.startsWith("H=", found[0].length) ? 2 : 0));
  if (host === undefined) return true;
  putClient(event, host);
  const said = text.indexOf(": ", host.end);
  if (said < 0) return true;
  const user = /\(set_id=(.*)\)/.exec(text.slice(said));
  if (user !== null) event.saslUsername = user[1] ?? "";
  putSaid(event, text.slice(said + 2));
  if (event.code !== undefined && event.code < 500) event.event = "warning";
  return true;
}

/**
 * `H=host F=<sender> rejected RCPT <recipient>: reason`, `... temporarily rejected ...`, `... rejected after DATA: ...`. The
 * word follows the fields at once: a sender may quote a whole line of this kind.
 */
function readRejected(event: MailEvent, text: string): boolean {
  if (unsynchronized.test(text)) return readUnsynchronized(event, text);
  if (text.startsWith("unqualified ")) return readUnqualified(event, text);
  if (text.startsWith("rejected ")) return readGreeting(event, text) || readSize(event, text);
  const { values, host, end } = readFields(text, 0);
  const verb = /^ ?(temporarily )?rejected /.exec(text.slice(end, end + 24));
  if (verb === null || host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  if (verb[1] !== undefined) event.action = "temporarily rejected";
  const from = values.get("F");
  if (from !== undefined) event.from = from;
  const proto = values.get("P");
  if (proto !== undefined) event.proto = proto;
  putSecurity(event, values);
  readStage(event, text, end + verb[0].length);
  return true;
}

const unsynchronized = /^SMTP protocol (?:violation: )?synchronization error /;

/** `unqualified sender rejected: <a> H=name (helo) [ip]`, or `recipient`: an address without a domain. */
function readUnqualified(event: MailEvent, text: string): boolean {
  const found = /^unqualified (sender|recipient) rejected: </.exec(text);
  if (found === null) return false;
  const address = readAddress(text, found[0].length - 1);
  const { host } = readFields(text, address.end);
  if (host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  if (found[1] === "sender") event.from = address.value;
  else event.to = address.value;
  event.stage = found[1] === "sender" ? "MAIL" : "RCPT";
  event.reason = text.slice(0, found[0].length - 3);
  return true;
}

/** `rejected EHLO from name [ip]: syntactically invalid argument(s): what it said`. */
function readGreeting(event: MailEvent, text: string): boolean {
  const found = /^rejected ([EH][EH]LO) from /.exec(text);
  const host = found === null ? undefined : readHost(text, found[0].length);
  if (found === null || host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  event.stage = found[1] ?? "";
  const said = text.indexOf(": ", host.end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  return true;
}

/** `rejected from <a@b> H=name [ip]: message too big: read=2 max=1`, and headers that break rules alike. */
function readSize(event: MailEvent, text: string): boolean {
  if (!text.startsWith("rejected from <")) return false;
  const sender = readAddress(text, 14);
  const { host, end } = readFields(text, sender.end);
  event.event = "reject";
  event.reject = true;
  event.stage = "DATA";
  event.from = sender.value;
  if (host !== undefined) putClient(event, host);
  const said = text.indexOf(": ", end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  return true;
}

/** `SMTP protocol synchronization error (...): rejected "RSET" H=host ... next input="..."`; the host comes behind. */
function readUnsynchronized(event: MailEvent, text: string): boolean {
  const found = /: rejected (connection from |"[^"]{0,1000}" )H=/.exec(text);
  const host = found === null ? undefined : readHost(text, found.index + found[0].length);
  if (found === null || host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  if (found[1] === "connection from ") event.stage = "CONNECT";
  event.reason = text.slice(0, found.index);
  return true;
}

function readStage(event: MailEvent, text: string, start: number): void {
  const found = /^(?:(?:after|during) )?(connection|[A-Za-z]{4,10})/.exec(text.slice(start, start + 32));
  const word = found?.[1] ?? "";
  const isStage = word === "connection" || (word !== "" && word === word.toUpperCase());
  if (isStage) event.stage = word === "connection" ? "CONNECT" : word;
  let at = start + (isStage ? (found?.[0].length ?? 0) : 0);
  if (word === "RCPT" || word === "MAIL") {
    const address = readAddress(text, at + 1);
    const bare = address.value.endsWith(":");
    const value = bare ? address.value.slice(0, -1) : address.value;
    at = bare ? address.end - 1 : address.end;
    if (word === "RCPT") event.to = value;
    else event.from = value;
  } else if (word === "EHLO" || word === "HELO") {
    const name = /^ (?:or HELO )?(\S{1,255}): /.exec(text.slice(at, at + 280));
    if (name !== null) {
      event.helo = name[1] ?? "";
      at += name[0].length - 2;
    }
  }
  const said = text.indexOf(":", at);
  if (said >= 0) putSaid(event, text.slice(said + 1).trim());
}

function putSaid(event: MailEvent, text: string): void {
  if (text === "") return;
  event.reason = text;
  const code = /^([45]\d\d)[ -]/.exec(text);
  if (code === null) return;
  event.code = Number(code[1]);
  const end = readDsnEnd(text, 4);
  if (end > 4) event.dsn = text.slice(4, end);
}

/** `H=[ip] dropped by 'connect' ACL: reason`, `refused connection from [ip] (host_reject_connection)`, `... refused: too many connections`. */
function readDropped(event: MailEvent, text: string): boolean {
  const acl = / dropped by '(\w{1,20})' ACL/.exec(text);
  const refused = /^refused connection from |^Connection from (?=.*refused: )/.exec(text);
  const at = acl !== null && text.startsWith("H=") ? 2 : (refused?.[0].length ?? -1);
  const host = at < 0 ? undefined : readHost(text, at);
  if (host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  event.stage = (acl?.[1] ?? "connect").toUpperCase();
  const said = text.indexOf(": ", host.end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  return true;
}
