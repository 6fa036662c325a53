import type { DeliveryStatus, MailEvent } from "../../../core/event.ts";
import { readKeyValues } from "../../key-values.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { createSyslogParser, type LineParser } from "../../syslog/parser.ts";
import { seconds } from "../exim/fields.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { putAnswer } from "../answer.ts";
import { putRefusal } from "./refusal.ts";
import { readOlder } from "./older.ts";
import { Sessions } from "./sessions.ts";
import { table } from "../../table.ts";

/**
 * A parser for what OpenSMTPD's smtpd(8) logs: `SESSION smtp|mta|mda KIND key=value ...`. A message's id is that of its
 * envelopes without their last eight digits.
 */
export function createOpensmtpdParser({ clock }: { readonly clock: LogClock }): LineParser {
  const sessions = new Sessions();
  return createSyslogParser(clock, (event, body) => readBody(event, body, sessions));
}

function readBody(event: MailEvent, given: string, sessions: Sessions): void {
  const body = withWord(event, given.trimEnd());
  // In the foreground it writes `info: ` and the like before everything that is not of a session.
  const found = /^[0-9a-f]{16} (smtp|mta|mda|mfa|bounce) (?:event=)?([a-z-]{3,32})(?: |$)/.exec(body);
  if (found === null) {
    const older = readOlder(event, body);
    if (older !== undefined) {
      if (older.id !== "") sessions.join(event, older.id, older.kind);
    } else if (trouble.test(body)) {
      event.event = "warning";
      event.reason = body;
      putRoute(event, body);
    }
    return;
  }
  const [whole, part = "", kind = ""] = found;
  const text = body.slice(whole.length);
  const read = kinds[`${part} ${kind}`];
  if (read === undefined) event.action = `${part} ${kind}`;
  else read(event, readKeyValues(text), text);
  sessions.join(event, body.slice(0, 16), `${part} ${kind}`);
}

const trouble =
  /^(?:warn|fatal):|^smtp-out: (?:Error on|Too many errors|No (?:MX|valid)|Disabling|Failed to|Address family|hiwat)|No space left/;

/** `smtp-out: Error on [] <-> 192.0.2.20 (mx.far.example): reason`. */
function putRoute(event: MailEvent, body: string): void {
  const found = / <-> \[?(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]?(?: \((\S{1,255})\))?(?=[ :]|$)/.exec(body);
  // Before routes had two ends: `Error on MX mx.far.example [192.0.2.20]: reason`.
  const exchanger = / on MX (?:(\S{1,255}) )?\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]: /.exec(body);
  const ip = canonicalIp(found?.[1] ?? exchanger?.[2] ?? "");
  if (ip === undefined) return;
  event.relay = found?.[2] ?? exchanger?.[1] ?? ip;
  event.relayIp = ip;
}

/** In the foreground nothing stands before the text, and its first word looks like the name of a program: `relay: Expire for ...`. */
function withWord(event: MailEvent, body: string): string {
  const { process, pid } = event;
  if (process === undefined || pid !== undefined || !words.has(process)) return body;
  delete event.process;
  return `${process}: ${body}`;
}

const words: ReadonlySet<string> = new Set("relay delivery smtp-in smtp-out warn info fatal debug queue".split(" "));

type Read = (event: MailEvent, values: ReadonlyMap<string, string>, text: string) => void;
const kinds = table<Read>({
  "smtp connected": (event, values) => {
    event.event = "connect";
    putClient(event, values);
  },
  "smtp disconnected": (event, values, text) => {
    event.event = "disconnect";
    putClient(event, values);
    putReason(event, text);
  },
  "smtp closed": (event, values, text) => {
    event.event = "disconnect";
    putClient(event, values);
    putReason(event, text);
  },
  "smtp message": (event, values) => {
    event.event = "message";
    putClient(event, values);
    putId(event, values.get("msgid"));
    putAddresses(event, values);
    const size = Number(values.get("size") ?? Number.NaN);
    if (Number.isFinite(size)) event.size = size;
    const recipients = Number(values.get("nrcpt") ?? values.get("ndest") ?? Number.NaN);
    if (Number.isFinite(recipients)) event.nrcpt = recipients;
    const proto = values.get("proto");
    if (proto !== undefined) event.proto = proto;
  },
  "smtp envelope": (event, values) => {
    event.event = "queued";
    putId(event, values.get("evpid"));
    putAddresses(event, values);
  },
  "smtp failed-command": readRefusal,
  "smtp bad-input": readRefusal,
  "smtp authentication": (event, values, text) => {
    putClient(event, values);
    // A client may call itself anything.
    const said = /^user=(.*?)(?: address=\S+ host=\S+)? result=(\w{1,16})$/.exec(text);
    const user = said?.[1] ?? values.get("user");
    if (user !== undefined) event.saslUsername = user;
    const result = said?.[2] ?? values.get("result") ?? "";
    if (result === "tempfail") event.event = "warning";
    else if (result !== "ok") event.event = "auth-failure";
    event.action = `authentication ${result}`;
  },
  "smtp tls": putTls,
  "mta tls": putTls,
  "smtp starttls": putTls,
  "mta delivery": readDelivery,
  "mda delivery": (event, values, text) => {
    event.transport = "local";
    readDelivery(event, values, text);
  },
  "mta connecting": (event, values) => {
    event.action = "connect";
    const found = /^[a-z+]{3,16}:\/\/\[?(?:IPv6:)?([0-9A-Fa-f.:]{2,45}?)\]?:(\d{1,5})$/.exec(
      values.get("address") ?? "",
    );
    const ip = canonicalIp(found?.[1] ?? "");
    const relay = values.get("host") ?? ip;
    if (relay !== undefined) event.relay = relay;
    if (ip === undefined) return;
    event.relayIp = ip;
    event.relayPort = Number(found?.[2]);
  },
  "mta error": (event, _values, text) => {
    event.event = "warning";
    putReason(event, text);
  },
});

/**
 * `command="RCPT TO:<a@b>" result="550 Invalid recipient: <a@b>"`. No quote in either is escaped: what a client says may look like an
 * answer, and the answer may say it again.
 */
function readRefusal(event: MailEvent, values: ReadonlyMap<string, string>, text: string): void {
  putClient(event, values);
  const start = text.indexOf('command="');
  const places = [...text.matchAll(/" result="(?=[245]\d\d)/g)].map(({ index }) => index);
  const place = places[places.length >> 1];
  if (start < 0 || place === undefined || !text.endsWith('"'))
    return putRefusal(event, values.get("command") ?? "", values.get("result") ?? "");
  putRefusal(event, text.slice(start + 9, place), text.slice(place + 10, -1));
}

const statuses = table<DeliveryStatus>({
  Ok: "sent",
  TempFail: "deferred",
  PermFail: "bounced",
  Loop: "bounced",
  Expired: "expired",
});

/** `evpid= from=<> to=<> rcpt=<-> source="ip" relay="ip (name)" delay=1m2s result="Ok" stat="250 ok"`. */
function readDelivery(event: MailEvent, values: ReadonlyMap<string, string>, text: string): void {
  putId(event, values.get("evpid"));
  putAddresses(event, values);
  const asked = values.get("rcpt");
  if (asked !== undefined && asked !== "-" && asked !== event.to) event.origTo = asked;
  const relay = /^\[?(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]?(?: \((.*)\))?$/.exec(values.get("relay") ?? "");
  const ip = canonicalIp(relay?.[1] ?? "");
  if (ip !== undefined) event.relayIp = ip;
  const name = relay === null ? values.get("relay") : (relay[2] ?? ip ?? relay[1]);
  if (name !== undefined) event.relay = name;
  const delay = seconds(values.get("delay") ?? "");
  if (delay !== undefined) event.delay = delay;
  const said = statOf(text);
  if (said !== undefined) {
    putAnswer(event, said);
    const next = nextQueueId(said);
    if (next !== undefined) event.nextQueueId = next;
  }
  // A table of ours did not answer: nobody was asked, and the domain is no host.
  if (ip === undefined && said?.startsWith("Could not retrieve ") === true) delete event.relay;
  const status = statuses[values.get("result") ?? ""];
  if (status === undefined) return;
  event.event = "delivery";
  event.status = status;
}

/** It comes last and may hold quotes, which nothing escapes; without any around it blanks. */
function statOf(text: string): string | undefined {
  const found = /(?:^| )stat=(.*)$/.exec(text);
  const said = found?.[1];
  return said === undefined ? undefined : ((said.startsWith('"') ? quoted : bare).exec(said)?.[1] ?? said);
}

const key = "(?:evpid|from|to|rcpt|source|relay|delay|result|user|method)=";
const quoted = new RegExp(`^"(.*?)"(?= {1,8}${key}|$)`);
const bare = new RegExp(`^(.*?)(?= {1,8}${key}|$)`);

function putClient(event: MailEvent, values: ReadonlyMap<string, string>): void {
  const address = (values.get("address") ?? "").replace(/^\[(.*)\]$/, "$1");
  const ip = canonicalIp(address);
  if (ip !== undefined) event.clientIp = ip;
  const name = values.get("host");
  if (name !== undefined) event.clientName = name;
}

function putAddresses(event: MailEvent, values: ReadonlyMap<string, string>): void {
  const from = values.get("from");
  const to = values.get("to");
  if (from !== undefined) event.from = from;
  if (to !== undefined) event.to = to;
}

function putId(event: MailEvent, id: string | undefined): void {
  if (id !== undefined && /^[0-9a-f]{8,16}$/.test(id)) event.queueId = id.slice(0, 8);
}

function putTls(event: MailEvent, values: ReadonlyMap<string, string>, text: string): void {
  event.action = "tls";
  event.tls = values.get("ciphers") ?? text;
}

/** `reason=` holds blanks without quotes and comes last. */
function putReason(event: MailEvent, text: string): void {
  const at = text.indexOf("reason=");
  if (at >= 0) event.reason = text.slice(at + 7).replace(/^"(.*)"$/, "$1");
}
