import type { DeliveryStatus, MailEvent } from "../../../core/event.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { cutting, type LineParser } from "../../syslog/parser.ts";
import { table } from "../../table.ts";

/**
 * A parser for KumoMTA's delivery log: one JSON record a line (KumoMTA documentation, "Log Records"). Times are epoch
 * seconds, so no zone or year has to be known.
 */
export function createKumomtaParser(): LineParser {
  return cutting((event, line) => {
    if (line[0] !== "{") return;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      return;
    }
    if (typeof record === "object" && record !== null) readRecord(event, record as Json);
  });
}

type Json = Readonly<Record<string, unknown>>;

const statuses = table<DeliveryStatus>({
  Delivery: "sent",
  TransientFailure: "deferred",
  Bounce: "bounced",
  AdminBounce: "bounced",
  Expiration: "expired",
  // Handed to another KumoMTA, which goes on with it under an id of its own.
  XferOut: "sent",
});

function readRecord(event: MailEvent, record: Json): void {
  const kind = text(record, "type") ?? "";
  const created = seconds(record, "created");
  const at = timeOf(kind, seconds(record, "timestamp"), created);
  // The widest span that a Date can hold.
  if (at !== undefined && Math.abs(at) < 8.64e12) event.atMs = Math.round(at * 1000);
  // Of what was refused there is none.
  set(event, "queueId", text(record, "id") || undefined);
  set(event, "from", text(record, "sender"));
  // What is no message says 0.
  set(event, "size", number(record, "size") || undefined);
  const { recipient } = record;
  const recipients = (Array.isArray(recipient) ? recipient : [recipient]).filter(
    (one): one is string => typeof one === "string" && one !== "",
  );
  set(event, "to", recipients[0]);
  if (recipients.length > 1) event.recipients = recipients.slice(0, mostRecipients);
  const status = statuses[kind];
  if (status !== undefined) {
    event.event = "delivery";
    event.status = status;
    const { name, ip, port } = peer(record);
    set(event, "relay", name);
    set(event, "relayIp", ip);
    set(event, "relayPort", port);
    if (at !== undefined && created !== undefined) event.delay = Math.max(0, Math.round((at - created) * 1e6) / 1e6);
  } else {
    putClient(event, record, kind);
    set(event, "proto", text(record, "reception_protocol"));
    set(event, "saslUsername", text(child(record, "meta") ?? {}, "authn_id"));
    if (kind === "Reception") event.event = "message";
    else if (kind === "Rejection") {
      event.event = "reject";
      event.reject = true;
    } else if (kind === "OOB") event.event = "bounce-notice";
    else if (kind !== "") event.action = kind;
  }
  const headers = child(record, "headers");
  set(event, "messageId", headers === undefined ? undefined : messageIdIn(headers));
  set(event, "tls", text(record, "tls_cipher"));
  const response = child(record, "response");
  putResponse(event, response);
  if (kind === "Rejection") putCommand(event, text(response ?? {}, "command") ?? "");
  const next = kind === "XferOut" ? /^new id is ([0-9a-f]{8,64})$/.exec(event.reason ?? "")?.[1] : undefined;
  if (event.status === "sent") set(event, "nextQueueId", next ?? nextQueueId(event.reason ?? ""));
}

/** Of a bounce that came by mail the time is what the far side says of its last try; when that came stands in `created`. */
function timeOf(kind: string, at: number | undefined, created: number | undefined): number | undefined {
  if (kind !== "OOB" || at === undefined || created === undefined) return at;
  return at < created || at > created + longestTaking ? created : at;
}
/** No report takes an hour to be read. */
const longestTaking = 3_600;

/** A client is called as it greeted; who reports a bounce, as the report has it. */
function putClient(event: MailEvent, record: Json, kind: string): void {
  const { name, ip, port } = peer(record);
  set(event, kind === "OOB" ? "clientName" : "helo", name);
  set(event, "clientIp", ip);
  set(event, "clientPort", port);
}

/**
 * The command that was refused is the whole line of the client, of a log-in its credentials. The record's own addresses are
 * those of the transaction: `recipient` is the last that was taken, and outside of one both are empty.
 */
function putCommand(event: MailEvent, command: string): void {
  // RFC 4954: only a log-in is answered so.
  if (event.code === 535) event.event = "auth-failure";
  const verb = event.code === 535 ? "AUTH" : verbs.exec(command)?.[1]?.toUpperCase();
  set(event, "stage", verb);
  const address = /^(?:RCPT TO|MAIL FROM): ?<((?:"(?:[^"\\]|\\.)*")?[^>]*)>/i.exec(command)?.[1];
  if (verb === "RCPT" && address !== undefined) event.to = address;
  else if (verb === "MAIL" && address !== undefined) event.from = address;
  else if (event.from === "" && verb !== "RCPT") delete event.from;
}

const verbs = /^(EHLO|HELO|LHLO|AUTH|STARTTLS|MAIL|RCPT|DATA|BDAT|RSET|VRFY|EXPN|HELP|NOOP)\b/i;

/** `{"code": 250, "enhanced_code": {"class": 2, "subject": 0, "detail": 0}, "content": "OK"}`; code 0 or 400 is KumoMTA's own. */
function putResponse(event: MailEvent, response: Json | undefined): void {
  if (response === undefined) return;
  const code = number(response, "code");
  if (code !== undefined && code >= 200) event.code = code;
  const enhanced = child(response, "enhanced_code");
  if (enhanced !== undefined) {
    const parts = ["class", "subject", "detail"].map((key) => number(enhanced, key));
    if (parts.every((part) => part !== undefined)) event.dsn = parts.join(".");
  }
  const content = text(response, "content");
  if (content !== undefined && content !== "") event.reason = content;
}

/** Named as the configuration has it; with several values where the mail has several. */
function messageIdIn(headers: Json): string | undefined {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "message-id");
  const value = name === undefined ? undefined : headers[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first.trim().replace(/^<|>$/g, "") : undefined;
}

interface Peer {
  readonly name: string | undefined;
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

/** `192.0.2.1`, `192.0.2.1:25`, `[2001:db8::1]:25`. */
function peer(record: Json): Peer {
  const stated = child(record, "peer_address");
  const address = text(stated ?? {}, "addr") ?? "";
  const withPort = /^\[?(.{2,45}?)\]?:(\d{1,5})$/.exec(address);
  const whole = canonicalIp(address);
  return {
    // The name of a hop is that of its MX record, with the dot at its end.
    name: text(stated ?? {}, "name")?.replace(/\.$/, "") || undefined,
    ip: whole ?? canonicalIp(withPort?.[1] ?? ""),
    port: whole === undefined && withPort !== null ? Number(withPort[2]) : undefined,
  };
}

function text(record: Json, key: string): string | undefined {
  const value = record[key];
  return typeof value === "string" ? value : undefined;
}

/** Since the epoch: a number, or in RFC 3339 as newer records have it. */
function seconds(record: Json, key: string): number | undefined {
  const stated = text(record, key);
  if (stated === undefined) return number(record, key);
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(stated)
    ? Date.parse(stated)
    : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

function number(record: Json, key: string): number | undefined {
  const value = record[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function child(record: Json, key: string): Json | undefined {
  const value = record[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function set<Key extends keyof MailEvent>(event: MailEvent, key: Key, value: MailEvent[Key] | undefined): void {
  if (value !== undefined) event[key] = value;
}

const mostRecipients = 1_000;
