import type { DeliveryStatus, MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { seconds } from "../exim/fields.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { putAnswer } from "../answer.ts";
import { readOldest } from "./oldest.ts";
import { putRefusal, putRefusedCommand } from "./refusal.ts";
import { table } from "../../table.ts";

/**
 * What OpenSMTPD 5 logged, in sentences (smtp_session.c, mta_session.c and mda.c of 5.4): `smtp-in: New session ID from host NAME [IP]`,
 * `relay: Ok for EVPID: session=ID, from=<a>, to=<b>, ...`, and with the session in front `smtp-in: session ID: connection from host NAME [IP]
 * established` (5.9). Returns the session's id, "" without one; undefined when it is none of these.
 */
export function readOlder(event: MailEvent, body: string): { readonly id: string; readonly kind: string } | undefined {
  const delivered = /^(relay|delivery): (Ok|TempFail|PermFail|Loop|Expire|Expired|Remove) for ([0-9a-f]{16}): /.exec(
    body,
  );
  if (delivered !== null) {
    const [whole, agent, result = "", evpid = ""] = delivered;
    readDelivery(event, body.slice(whole.length), result, evpid);
    if (agent === "delivery") event.transport = "local";
    return { id: "", kind: "mta delivery" };
  }
  const oldest = readOldest(event, body);
  if (oldest !== undefined) return { id: "", kind: oldest };
  for (const [pattern, kind, read] of kinds) {
    const found = pattern.exec(body);
    if (found === null) continue;
    read(event, found.groups ?? {});
    return { id: found.groups?.["id"] ?? "", kind };
  }
  return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;
const id = "(?<id>[0-9a-f]{16})";
const hop = String.raw`\S{1,16}://\[?(?<ip>[0-9A-Fa-f.:]{2,45}?)\]?:(?<port>\d{1,5})(?: \((?<name>\S{1,255})\))?`;
const kinds: readonly (readonly [RegExp, string, (event: MailEvent, groups: Groups) => void])[] = [
  [
    new RegExp(String.raw`^smtp-in: New session ${id} from host (?<name>\S{1,255}) \[(?<ip>[^\]]{1,60})\]`),
    "smtp connected",
    connected,
  ],
  [
    new RegExp(
      String.raw`^smtp-in: session ${id}: connection from host (?<name>\S{1,255}) \[(?<ip>[^\]]{1,60})\] established`,
    ),
    "smtp connected",
    connected,
  ],
  [
    new RegExp(
      String.raw`^smtp-in: session ${id}: connection from host (?<name>\S{1,255}) \[(?<ip>[^\]]{1,60})\] closed(?: \((?<reason>.*)\))?$`,
    ),
    "smtp closed",
    (event, groups) => {
      putPeer(event, groups);
      ended(event, groups);
    },
  ],
  [
    new RegExp(
      String.raw`^smtp-in: Accepted message (?<msgid>[0-9a-f]{8}) on session ${id}: from=<(?<from>[^>]*)>, (?:to=<(?<to>[^>]*)>, )?size=(?<size>\d{1,15}), (?:ndest|nrcpts)=(?<ndest>\d{1,9}), proto=(?<proto>\w{1,16})`,
    ),
    "smtp message",
    accepted,
  ],
  [
    new RegExp(
      String.raw`^smtp-in: session ${id}: msgid=(?<msgid>[0-9a-f]{8}), status=Ok, from=<(?<from>[^>]*)>, to=<(?<to>[^>]*)>, size=(?<size>\d{1,15}), ndest=(?<ndest>\d{1,9}), proto=(?<proto>\w{1,16})`,
    ),
    "smtp message",
    accepted,
  ],
  [new RegExp(`^smtp-in: (?:Closing|Received disconnect from) session ${id}`), "smtp closed", ended],
  [new RegExp(`^smtp-in: Disconnecting session ${id}: (?<reason>.*)$`), "smtp closed", ended],
  [
    new RegExp(`^smtp-in: Authentication failed for user (?<user>.{1,255}) on session ${id}`),
    "smtp authentication",
    (event, { user }) => {
      event.event = "auth-failure";
      if (user !== undefined) event.saslUsername = user;
    },
  ],
  [
    new RegExp(`^smtp-in: Accepted authentication for user (?<user>.{1,255}) on session ${id}`),
    "smtp authentication",
    (event, { user }) => {
      event.action = "authentication ok";
      if (user !== undefined) event.saslUsername = user;
    },
  ],
  [
    new RegExp(`^smtp-in: session ${id}: authentication (?<result>successful|failed) for user (?<user>.{1,255}?) ?$`),
    "smtp authentication",
    (event, { user, result }) => {
      if (result === "failed") event.event = "auth-failure";
      else event.action = "authentication ok";
      if (user !== undefined) event.saslUsername = user;
    },
  ],
  [
    new RegExp(`^smtp-in: session ${id}: received invalid command: "(?<command>.*)"$`),
    "smtp failed-command",
    (event, { command = "" }) => putRefusedCommand(event, command),
  ],
  [
    new RegExp(`^smtp-in: (?:Failed command|Bad input) on session ${id}: (?:"(?<command>.*)" => )?(?<result>.*)$`),
    "smtp failed-command",
    refused,
  ],
  [new RegExp(String.raw`^smtp-out: Connecting to ${hop} on session ${id}`), "mta connecting", connecting],
  [new RegExp(String.raw`^smtp-out: session ${id}: connecting to ${hop}$`), "mta connecting", connecting],
  [
    new RegExp(String.raw`^smtp-out: Error on session ${id}(?: after \d{1,9} messages? sent)?: (?<reason>.*)$`),
    "mta error",
    (event, { reason }) => {
      event.event = "warning";
      if (reason !== undefined) event.reason = reason;
    },
  ],
  [
    new RegExp(
      `^smtp-(?:in|out): (?:Started TLS on session|session(?= [0-9a-f]{16}: TLS started )) ${id}: (?:TLS started )?(?<tls>.*)$`,
    ),
    "tls",
    (event, { tls }) => {
      event.action = "tls";
      if (tls !== undefined) event.tls = tls;
    },
  ],
  [new RegExp(`^smtp-out: Closing session ${id}`), "mta closed", () => undefined],
  [
    new RegExp(`^smtp-out: Server certificate verification (?:succeeded|failed) on session ${id}$`),
    "mta tls",
    (event) => {
      event.action = "tls";
    },
  ],
  [
    new RegExp(`^smtp-out: Connected on session ${id}$`),
    "mta connected",
    (event) => {
      event.action = "mta connected";
    },
  ],
];

function putPeer(event: MailEvent, { name, ip }: Groups): void {
  if (name !== undefined) event.clientName = name;
  const address = canonicalIp(ip ?? "");
  if (address !== undefined) event.clientIp = address;
}

function connected(event: MailEvent, groups: Groups): void {
  event.event = "connect";
  putPeer(event, groups);
}

function accepted(event: MailEvent, { msgid = "", from = "", to, size, ndest, proto = "" }: Groups): void {
  Object.assign(event, { event: "message", queueId: msgid, from, size: Number(size), nrcpt: Number(ndest), proto });
  if (to !== undefined) event.to = to;
}

function connecting(event: MailEvent, { ip, port, name }: Groups): void {
  event.action = "connect";
  if (name !== undefined) event.relay = name;
  else if (ip !== undefined) event.relay = ip;
  const address = canonicalIp(ip ?? "");
  if (address === undefined) return;
  event.relayIp = address;
  event.relayPort = Number(port);
}

function ended(event: MailEvent, { reason }: Groups): void {
  event.event = "disconnect";
  if (reason !== undefined) event.reason = reason;
}

function refused(event: MailEvent, { command = "", result = "" }: Groups): void {
  putRefusal(event, command, result);
}

const statuses = table<DeliveryStatus>({
  Ok: "sent",
  TempFail: "deferred",
  PermFail: "bounced",
  Loop: "bounced",
  Expire: "expired",
  Expired: "expired",
  // By `smtpctl remove`.
  Remove: "discarded",
});

/** `from=<a>, to=<b>, rcpt=<->, source=ip, relay=ip (name), delay=1s, stat=250 ok`; `stat=` comes last and may hold anything. */
function readDelivery(event: MailEvent, text: string, result: string, evpid: string): void {
  event.event = "delivery";
  const status = statuses[result];
  if (status !== undefined) event.status = status;
  event.queueId = evpid.slice(0, 8);
  const at = text.indexOf(", stat=");
  const head = at < 0 ? text : text.slice(0, at);
  const found =
    /(?:^|, )from=<([^>]*)>, to=<([^>]*)>(?:, rcpt=<([^>]*)>)?/.exec(head) ??
    // Before 5.4 no brackets stood around them.
    /(?:^|, )from=([^\s<>,]*), to=([^\s<>,]+)(?=, |$)/.exec(head);
  if (found !== null) {
    const [, from = "", to = "", asked] = found;
    // The null sender has neither part.
    event.from = from === "@" ? "" : from;
    event.to = to;
    if (asked !== undefined && asked !== "-" && asked !== "@" && asked !== to) event.origTo = asked;
  }
  const relay = /, relay=([^\s,]{1,255})(?: \(([^)]{1,255})\))?/.exec(head);
  if (relay !== null) {
    const ip = canonicalIp((relay[1] ?? "").replace(/^\[?(?:IPv6:)?([^\]]*)\]?$/, "$1"));
    event.relay = relay[2] ?? ip ?? relay[1] ?? "";
    if (ip !== undefined) event.relayIp = ip;
  }
  const delay = seconds(/[ ,]delay=([0-9.a-z]{1,40})/.exec(head)?.[1] ?? "");
  if (delay !== undefined) event.delay = delay;
  if (at < 0) return;
  const said = text.slice(at + 7);
  putAnswer(event, said);
  const next = status === "sent" ? nextQueueId(said) : undefined;
  if (next !== undefined) event.nextQueueId = next;
}
