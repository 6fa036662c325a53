import type { MailEvent } from "../../../core/event.ts";
import { putAnswer } from "../answer.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { addresses, readHost, seconds } from "./fields.ts";
import { table } from "../../table.ts";

type Fields = ReadonlyMap<string, string>;

/** `from=<a>, size=1, class=0, nrcpts=1, msgid=<x>, proto=ESMTP, daemon=MTA, relay=name [ip]`. */
export function readArrival(event: MailEvent, fields: Fields, relay: string): void {
  event.event = "message";
  const from = addresses(fields.get("from") ?? "")[0] ?? "";
  // A mail of Sendmail's own that has not got one yet.
  if (from !== "NONE") event.from = from;
  const size = whole(fields.get("size"));
  if (size !== undefined) event.size = size;
  const recipients = whole(fields.get("nrcpts"));
  if (recipients !== undefined) event.nrcpt = recipients;
  const id = fields.get("msgid");
  if (id !== undefined) event.messageId = id.replace(/^<(.*)>$/, "$1");
  // What it takes has a Message-ID, if need be one that Sendmail makes.
  else if (fields.has("proto")) event.action = "aborted";
  const proto = fields.get("proto");
  if (proto !== undefined) event.proto = proto;
  const method = fields.get("auth");
  if (method !== undefined && method !== "NONE") event.saslMethod = method;
  if (fields.has("relay")) putClient(event, relay);
}

/**
 * `to=<a>,<b>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx. [ip], dsn=2.0.0, stat=Sent (ok ...)`. An id
 * that the next hop gives stands in the answer.
 */
export function readDelivery(event: MailEvent, fields: Fields): void {
  const recipients = addresses(fields.get("to") ?? "");
  event.to = recipients[0] ?? "";
  if (recipients.length > 1) event.recipients = recipients;
  const relay = fields.get("relay");
  if (relay !== undefined) putRelay(event, relay);
  const delay = seconds(fields.get("delay") ?? "");
  if (delay !== undefined) event.delay = delay;
  const dsn = fields.get("dsn");
  if (dsn !== undefined) event.dsn = dsn;
  const mailer = fields.get("mailer");
  if (mailer !== undefined) event.transport = mailer;
  const said = fields.get("stat");
  if (said === undefined) return;
  const why = fields.get("quarantine");
  // Nobody was asked: no far side said any of this.
  if (why !== undefined && relay === undefined && said.endsWith("quarantined")) {
    event.action = "quarantined";
    event.reason = why;
    return;
  }
  event.reason = said;
  if (mailer === undefined && dsn === undefined && relay === undefined && isRefusal(fields, said)) {
    event.action = "refused";
    return;
  }
  const status = statusOf(said, dsn);
  if (status === undefined) {
    event.action = said.slice(0, longestAction);
    return;
  }
  event.event = "delivery";
  event.status = status;
  const code = /\b([245]\d\d)(?:[ -]|$)/.exec(said)?.[1] ?? /^([245]\d\d)\b/.exec(fields.get("reply") ?? "")?.[1];
  if (code !== undefined && status !== "sent") event.code = Number(code);
  const next = status === "sent" ? nextQueueId(said) : undefined;
  if (next !== undefined) event.nextQueueId = next;
}

/**
 * `to=<a>, delay=00:00:00, pri=30068, stat=bad words`: for whom a message was that is refused at its end, by a limit, a rule
 * for headers or a milter. Nobody was asked, so that there is neither mailer nor code (`logundelrcpts` of 8.17).
 */
function isRefusal(fields: Fields, said: string): boolean {
  return fields.has("pri") && !/^(?:Sent|queued|discarded|Deferred|aborted by sender|[a-z]{4}$)/i.test(said);
}

/** `timeoutqueue`: the mail was given back for good. */
const expired = /^Cannot send message (?:for|within) /;

/** What `stat=` begins with; for the rest the enhanced code tells success, delay or failure (RFC 3463). */
function statusOf(said: string, dsn: string | undefined): MailEvent["status"] {
  // The far side may say "stat=Sent" in the `reply=` before it; the enhanced code comes first.
  if (said.startsWith("Sent") && !/^[45]/.test(dsn ?? "")) return "sent";
  if (expired.test(said)) return "expired";
  if (/^Deferred|^Connecting|temporar/i.test(said)) return /^Deferred|^temporar/i.test(said) ? "deferred" : undefined;
  if (/^queued|^quarantine/i.test(said)) return undefined;
  if (/^discarded/i.test(said)) return "discarded";
  if (dsn?.startsWith("2") === true) return "sent";
  if (dsn?.startsWith("4") === true) return "deferred";
  if (dsn?.startsWith("5") === true) return "bounced";
  return /unknown|unavailable|service|rejected|denied|too many hops|^User|^Host/i.test(said) ? "bounced" : undefined;
}

/**
 * `milter=name, action=rcpt, reject=550 5.7.1 text`, or `tempfail`, `discard`, `quarantine=why` in its place; who is refused
 * stands in other lines of the same id.
 */
export function readMilterVerdict(event: MailEvent, fields: Fields, text: string): void {
  const stage = milterStages[/^\w{1,8}/.exec(fields.get("action") ?? "")?.[0] ?? ""];
  if (stage !== undefined) event.stage = stage;
  const refusal = fields.get("reject") ?? (text.endsWith(", reject") ? "" : undefined);
  const verdict = refusal !== undefined ? "reject" : (/, (tempfail|discard|quarantine|accept)\b/.exec(text)?.[1] ?? "");
  event.action = verdict === "" ? "milter" : `milter-${verdict}`;
  if (verdict === "quarantine") event.reason = fields.get("quarantine") ?? "";
  if (verdict === "discard") {
    event.event = "delivery";
    event.status = "discarded";
  } else if (verdict === "tempfail") {
    event.event = "reject";
    event.reject = true;
    event.dsn = "4.7.1";
  } else if (refusal !== undefined) {
    event.event = "reject";
    event.reject = true;
    if (refusal !== "") putAnswer(event, refusal);
  }
}

const milterStages = table<string>({
  connect: "CONNECT",
  helo: "HELO",
  mail: "MAIL",
  rcpt: "RCPT",
  to: "RCPT",
  data: "DATA",
  header: "DATA",
  eoh: "DATA",
  body: "DATA",
  eom: "DATA",
});

/** `ruleset=check_rcpt, arg1=<a@b>, relay=name [ip], reject=550 5.7.1 <a@b>... Relaying denied`. */
export function readRuleset(event: MailEvent, fields: Fields, text: string): void {
  const argument = fields.get("arg1") ?? "";
  const ruleset = fields.get("ruleset") ?? "";
  if (nextHopRulesets.has(ruleset)) return readNextHop(event, fields);
  const stage = stages[ruleset];
  // A rule for a header has the header's text before the client.
  const last = text.lastIndexOf(", relay=");
  putClient(event, stage === undefined && last >= 0 ? text.slice(last + 8).split(",", 1)[0] : fields.get("relay"));
  if (stage !== undefined) event.stage = stage;
  if (stage === "RCPT") event.to = addresses(argument)[0] ?? "";
  else if (stage === "MAIL") event.from = addresses(argument)[0] ?? "";
  const refusal = fields.get("reject");
  if (refusal === undefined) {
    if (fields.has("discard") || text.endsWith(", discard")) event.action = "discard";
    else putQuarantine(event, fields);
    return;
  }
  event.event = "reject";
  event.reject = true;
  putAnswer(event, refusal);
}

/** `ruleset=tls_server, arg1=NONE, relay=name, reject=403 4.7.0 ...`: a hop that mail is not to go to; `to=` lines follow. */
function readNextHop(event: MailEvent, fields: Fields): void {
  putRelay(event, fields.get("relay") ?? "");
  event.action = "tls";
  const refusal = fields.get("reject");
  if (refusal !== undefined) putAnswer(event, refusal);
}

const nextHopRulesets: ReadonlySet<string> = new Set([
  "try_tls",
  "tls_server",
  "tls_rcpt",
  "tls_clt_features",
  "authinfo",
]);

/** What is to be quarantined is taken: a line for each recipient says then that it was. */
function putQuarantine(event: MailEvent, fields: Fields): void {
  const why = fields.get("quarantine");
  if (why === undefined) return;
  event.action = "quarantine";
  event.reason = why;
}

const stages = table<string>({
  check_relay: "CONNECT",
  check_mail: "MAIL",
  check_rcpt: "RCPT",
  check_compat: "RCPT",
  check_vrfy: "VRFY",
  check_expn: "EXPN",
  check_etrn: "ETRN",
  trust_auth: "AUTH",
  tls_client: "STARTTLS",
  check_data: "DATA",
  check_eoh: "DATA",
});

export function putRelay(event: MailEvent, text: string): void {
  const { name, ip } = readHost(text);
  if (name !== undefined || ip !== undefined) event.relay = name ?? ip ?? "";
  if (ip !== undefined) event.relayIp = ip;
}

export function putClient(event: MailEvent, text: string | undefined): void {
  if (text === undefined) return;
  const { name, ip } = readHost(text);
  if (name !== undefined) event.clientName = name;
  if (ip !== undefined) event.clientIp = ip;
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const longestAction = 80;
