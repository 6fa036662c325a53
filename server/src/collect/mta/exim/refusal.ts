import type { MailEvent } from "../../../core/event.ts";
import { readCommand } from "./command.ts";
import { type Fields, putSecurity, readAddress, readFields } from "./fields.ts";
import { type EximHost, putClient, readHost } from "./host.ts";
import { putSaid } from "./said.ts";

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
  if (readCommand(event, text)) return true;
  const fields = readFields(text, 0);
  const { values, host, end } = fields;
  const verb = /^ ?(temporarily )?rejected /.exec(text.slice(end, end + 24));
  // Who hands mail over on this host comes from nowhere.
  if (verb === null || (host === undefined && !values.has("U") && !values.has("F")))
    return readCutThrough(event, text, fields);
  if (host !== undefined) putClient(event, host);
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

/** `SMTP protocol synchronization error (...): rejected "RSET" H=host ... next input="..."`; the host comes behind. */
function readUnsynchronized(event: MailEvent, text: string): boolean {
  const greeted = /: rejected connection from H=/.exec(text);
  // Both what was sent and what came next may hold quotes, and a forged host behind one.
  const hosts = greeted === null ? hostsBehindQuotes(text) : [readHost(text, greeted.index + greeted[0].length)];
  const [host] = hosts;
  const rejected = greeted?.index ?? text.indexOf(': rejected "');
  if (rejected < 0 || (greeted !== null && host === undefined)) return false;
  if (hosts.length === 1 && host !== undefined) putClient(event, host);
  event.event = "reject";
  event.reject = true;
  const command = /^: rejected "([a-z]{4,8})(?=[ "])/i.exec(text.slice(rejected, rejected + 24))?.[1];
  if (greeted !== null) event.stage = "CONNECT";
  else if (command !== undefined) event.stage = command.toUpperCase();
  event.reason = text.slice(0, rejected);
  return true;
}

function hostsBehindQuotes(text: string): EximHost[] {
  const hosts: EximHost[] = [];
  for (let at = text.indexOf('" H='); at >= 0 && hosts.length < 2; at = text.indexOf('" H=', at + 1)) {
    const host = readHost(text, at + 4);
    if (host !== undefined) hosts.push(host);
  }
  return hosts;
}

/**
 * Cut-through delivery: the next hop was asked while the client waited. `H=client a@b F=<c@d> rejected after DATA: R=router
 * T=transport H=hop C="550 no"`; `tmp-reject from cutthrough after DATA:` when it is put off.
 */
function readCutThrough(event: MailEvent, text: string, { host, end }: Fields): boolean {
  if (host === undefined || !/ after DATA: /.test(text.slice(end))) return false;
  const to = readAddress(text, text.charCodeAt(end) === space ? end + 1 : end);
  const { values, end: behind } = readFields(text, to.end);
  const verb = /^ ?(rejected|tmp-reject from cutthrough) after DATA: /.exec(text.slice(behind, behind + 48));
  if (verb === null) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  event.stage = "DATA";
  if (verb[1] !== "rejected") event.action = "temporarily rejected";
  event.to = to.value;
  const from = values.get("F");
  if (from !== undefined) event.from = from;
  putSaid(event, readFields(text, behind + verb[0].length).values.get("C") ?? "");
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

/**
 * `H=[ip] dropped by 'connect' ACL: reason`, `refused connection from [ip] (host_reject_connection)`, `Connection from [ip] refused: too
 * many connections`, `temporarily refused connection from [ip]: not in reserve list: ...`.
 */
function readDropped(event: MailEvent, text: string): boolean {
  const acl = / dropped by '(\w{1,20})' ACL/.exec(text);
  const refused = /^(temporarily )?refused connection from |^[Cc]onnection from (?=.*refused(?:: | \())/.exec(text);
  const at = acl !== null && text.startsWith("H=") ? 2 : (refused?.[0].length ?? -1);
  const host = at < 0 ? undefined : readHost(text, at);
  if (host === undefined) return false;
  putClient(event, host);
  event.event = "reject";
  event.reject = true;
  if (refused?.[1] !== undefined || busy.test(text)) event.action = "temporarily rejected";
  event.stage = (acl?.[1] ?? "connect").toUpperCase();
  const said = text.indexOf(": ", host.end);
  if (said >= 0) putSaid(event, text.slice(said + 2));
  else event.reason = /\(.*\)$/.exec(text.slice(host.end))?.[0].slice(1, -1) ?? text;
  return true;
}

/** The client hears 421. */
const busy = / refused: (?:too many connections|load average)/;
const space = 32;
