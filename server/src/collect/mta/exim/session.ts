import type { MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { readDsnEnd } from "../postfix/text.ts";
import { addressesOf, readFields } from "./fields.ts";
import { putClient, putRelay, readHost } from "./host.ts";

/** Everything else: connections that come and go, what clients do wrong, what hosts do not answer, the daemon itself. */
export function readSession(event: MailEvent, text: string): void {
  if (readFarSide(event, text)) return;
  for (const [pattern, kind, action] of kinds) {
    const found = pattern.exec(text);
    if (found === null) continue;
    event.event = kind;
    if (action !== "") event.action = action;
    else if (kind !== "connect") event.reason = text;
    putPeer(event, text, found.index + found[0].length, kind);
    if (action !== "") putWho(event, text, action);
    return;
  }
  if (event.queueId !== undefined && readSilentHop(event, text)) return;
  readScanner(event, text);
}

/** What a hop does while a message is handed to it: no fact about a recipient yet. */
function readFarSide(event: MailEvent, text: string): boolean {
  const found = farSide.exec(text.slice(0, longestBegin));
  const host = found === null ? undefined : readHost(text, found[0].length);
  if (host === undefined) return false;
  putRelay(event, host);
  event.reason = text;
  putCodes(event, text.slice(host.end).replace(/^:? /, ""));
  return true;
}

/** Of an answer that begins with them. */
function putCodes(event: MailEvent, said: string): void {
  const code = /^[245]\d\d(?=[ -])/.exec(said)?.[0];
  if (code === undefined) return;
  event.code = Number(code);
  const end = readDsnEnd(said, 4);
  if (end > 4) event.dsn = said.slice(4, end);
}

const farSide =
  /^(?:\S{1,64} authenticator (?:failed|cancelled authentication) H=|SMTP error from remote mail server after [^]*?: host |Remote host (?=.*closed connection)|SMTP timeout while connected to |Failed to connect to (?=\S+ \[)|TLS error on connection to |TLS session: .*?delivering unencrypted to H=|TLS session failure: delivering unencrypted to (?:H=)?|DANE attempt failed; (?:no )?TLS connection to |LMTP error after [^]*?: host )/;
const longestBegin = 600;

/**
 * In order: the first that fits. Behind what a pattern matches stands the peer. Where a client's own words stand before it
 * in quotes, the last host of the line counts: what follows it is Exim's.
 */
const kinds: readonly (readonly [pattern: RegExp, event: MailEvent["event"], action: string])[] = [
  [/^SMTP connection from (?=.*\(TCP\/IP connection count = \d+\))/, "connect", ""],
  [/^SMTP connection from (?=.* closed by DROP in ACL)/, "disconnect", "closed by DROP in ACL"],
  [/^SMTP connection from (?=.* closed )/, "disconnect", ""],
  [/^SMTP connection from (?=.* lost)/, "disconnect", "lost connection"],
  [/^SMTP connection from /, "connect", ""],
  [/^SMTP (?:command|data) timeout (?:\([^)]*\) )?on (?:TLS )?connection from /, "disconnect", "timeout"],
  [/^unexpected (?:disconnection|EOF) while reading SMTP command from (?:TFO\*? )?/, "disconnect", "lost connection"],
  [/^no MAIL in (?:TFO\*? )?(?:SMTP|smtp) connection from /, "disconnect", "no MAIL"],
  [/^SMTP call from (?=.* dropped: )/, "disconnect", "dropped"],
  [/^lost incoming connection|^SMTP connection lost after .*? H=/, "disconnect", "lost connection"],
  [/^SMTP (?:protocol|syntax) error in .* H=/, "warning", ""],
  [/^SMTP protocol synchronization error .* H=/, "warning", ""],
  [/^TLS (?:client disconnected|error)\b.*? (?:connection )?(?:from|H=) ?(?:H=)?/, "warning", ""],
  [/^no host name found for IP address /, "other", ""],
  [/^(?:VRFY failed for .* H=|(?:ETRN|ATRN) .* received from |ignoring AUTH=.* from H=)/, "other", ""],
  [/^(?=\[[0-9A-Fa-f.:]{2,45}\] (?:SSL|TLS|after QUIT))/, "other", ""],
  [/^SSL_write: \(from (?=.*\) syscall: )/, "other", ""],
  [/^ident connection to (?=[0-9A-Fa-f.:]{2,45} timed out$)/, "other", ""],
  [/^.{1,400} \(while verifying <.*> from host /, "other", ""],
  [/^no IP address found for host .* \(during SMTP connection from /, "other", ""],
  [/^H=(?=.* sender verify (?:fail|defer))/, "other", "sender verify"],
  [/^U=\S{1,255} (?=sender verify (?:fail|defer) for <)/, "other", "sender verify"],
  [/^H=(?=.* incomplete transaction \()/, "other", "incomplete transaction"],
  [/^H=(?=.*> ?: rejected by DCC$)/, "other", "DCC"],
  [/^H=(?=.* discarded by [A-Z-]{3,9} ACL)/, "other", "discarded"],
  [/^H=(?=.*\bWarning: )/, "warning", ""],
  [/^U=\S{1,255} (?=Warning: )/, "warning", ""],
  [/^H=/, "other", ""],
  [
    /^(?:Spool (?:file|error)|spool |Format error |\w+ transport process |[Ff]ailed to |Failed |[Uu]nable to |[Cc]annot |[Cc]ould not |can't |LOG:|ALERT|Exim configuration error|retry-defer|socket bind|daemon: |malware acl condition|spam acl condition|exim user lost privilege|exec of |fork failed|[Ff]ork of |[Tt]ainted |[Uu]nexpected |[Ii]nternal (?:error|problem)|[Mm]emory |[Oo]ut of memory|No space left|no space left|Error |write failed|queue run: |setgroups|TLS library|DANE error|SIGSEGV|SEGV|configuration file |non-existent )/,
    "warning",
    "",
  ],
];

function putPeer(event: MailEvent, text: string, at: number, kind: MailEvent["event"]): void {
  const host = readHost(text, at);
  if (host === undefined) {
    const address = canonicalIp(/^[0-9a-fA-F.:]{2,45}/.exec(text.slice(at))?.[0] ?? "");
    if (address !== undefined) event.clientIp = address;
    return;
  }
  // A host that did not take a message of ours, or whose certificate does not hold, stands behind the message's id.
  const isHop = /^(?:H=|\[)/.test(text) && event.queueId !== undefined && kind === "other";
  if (isHop && event.action === undefined && !text.startsWith(" F=<", host.end)) {
    putRelay(event, host);
    event.reason = text.slice(host.end).replace(/^[: ]+/, "");
    putCodes(event, /: ([245]\d\d[ -].*)$/.exec(event.reason)?.[1] ?? "");
  } else putClient(event, host);
}

/** `sender verify fail for <a@b>: reason`, `incomplete transaction (QUIT) from <a@b> for c@d e@f`; the last counts, behind a client's words. */
function putWho(event: MailEvent, text: string, action: string): void {
  if (action === "timeout") {
    // ... `on connection from (x) [ip] F=<a@b>`.
    const sender = / F=<([^<>]{0,1000})>(?: D=\S{1,40})?$/.exec(text)?.[1];
    if (sender !== undefined) event.from = sender;
    return;
  }
  if (action === "discarded" || action === "DCC") return putDiscarded(event, text);
  if (action !== "sender verify" && action !== "incomplete transaction") return;
  const verified = /^ ?sender verify (?:fail|defer) for <([^>]{0,1000})>(?:: (.*))?$/.exec(
    text.slice(readFields(text, 0).end),
  );
  if (verified !== null) return putVerified(event, verified);
  const verify = text.lastIndexOf(" sender verify ");
  const unfinished = text.lastIndexOf(" incomplete transaction (");
  if (verify > unfinished) {
    const found = /^ sender verify (?:fail|defer) for <([^>]{0,1000})>(?:: (.*))?$/.exec(text.slice(verify));
    if (found !== null) putVerified(event, found);
    return;
  }
  const found = /^ incomplete transaction \((.{1,100}?)\) from <([^>]{0,1000})>(?: for (\S.*))?$/.exec(
    text.slice(unfinished),
  );
  if (found === null) return;
  const [, why = "", from = "", to] = found;
  event.reason = why;
  event.from = from;
  const recipients = addressesOf(to ?? "").slice(0, mostRecipients);
  if (recipients[0] === undefined) return;
  event.to = recipients[0];
  if (recipients.length > 1) event.recipients = recipients;
}

/** `H=[ip] F=<a@b> RCPT <c@d>: discarded by RCPT ACL: why`: what becomes of the message stands in lines of its own. */
function putDiscarded(event: MailEvent, text: string): void {
  const { values, end } = readFields(text, 0);
  const from = values.get("F");
  if (from !== undefined) event.from = from;
  const found = /^ ?(?:RCPT <?([^>]{1,1000})>?: )?discarded by [A-Z-]{3,9} ACL(?:: (.*))?$/.exec(text.slice(end));
  if (found?.[1] !== undefined) event.to = found[1];
  if (found?.[2] !== undefined) event.reason = found[2];
}

function putVerified(event: MailEvent, [, from = "", reason]: RegExpExecArray): void {
  event.from = from;
  if (reason !== undefined) event.reason = reason;
}

/** As Exim wrote it before it put `H=` in front: `mx.far.example [192.0.2.1]:25 Connection timed out`. */
function readSilentHop(event: MailEvent, text: string): boolean {
  if (!silentHop.test(text.slice(0, longestBegin))) return false;
  const host = readHost(text, 0);
  if (host === undefined) return false;
  putRelay(event, host);
  event.reason = text.slice(host.end).trim();
  return true;
}

const silentHop =
  /^\S{1,255} \[[0-9A-Fa-f.:]{2,45}\](?::\d{1,5})?:? (?:Connection (?:refused|timed out|reset)|Network is unreachable|No route to host|Operation timed out|Host is down)/;
const mostRecipients = 1_000;

/** SA-Exim: `SA: Action: ... From <a> (host=name [ip]) for b@c`. */
function readScanner(event: MailEvent, text: string): void {
  if (!text.startsWith("SA: Action: ")) return;
  event.action = /^SA: Action: ([^:]{1,80})/.exec(text)?.[1] ?? "scanned";
  const at = text.lastIndexOf(" (host=");
  const host = at < 0 ? undefined : readHost(text, at + 7);
  if (host === undefined) return;
  const { name, ...rest } = host;
  putClient(event, { ...rest, name: name === "NULL" ? undefined : name });
  const to = /\) for (\S+)/.exec(text.slice(at))?.[1];
  if (to !== undefined) event.to = to;
  const from = /From <([^>]*)> $/.exec(text.slice(0, at + 1))?.[1];
  if (from !== undefined) event.from = from;
}
