import type { MailEvent } from "../../../core/event.ts";
import { readFields, seconds } from "./fields.ts";
import { putClient, putRelay } from "./message.ts";
import { readMilter } from "./milter.ts";

/** Lines that are no list of fields: what clients do, what is refused in words, what goes wrong with ourselves. */
export function readSession(event: MailEvent, text: string): void {
  if (readLogin(event, text) || readUnknownUser(event, text) || readMilter(event, text)) return;
  if (readNotice(event, text) || readSecurity(event, text)) return;
  for (const { pattern, kind, action, stage, at } of kinds) {
    const found = pattern.exec(text);
    if (found === null) continue;
    event.event = kind;
    event.action = action;
    if (stage) event.stage = (found[2] ?? "").toUpperCase();
    if (at !== undefined) event.stage = at;
    if (kind === "reject") event.reject = true;
    putClient(event, found[1]?.replace(/^(\S+), (\S+)$/, "$1 [$2]"));
    const sender =
      kind === "disconnect" ? /, (?:sender|from)=<?([^>]{0,1000}?)>?(?:, info=.*)?$/.exec(text)?.[1] : undefined;
    if (sender !== undefined) event.from = sender;
    return;
  }
  if (readEnd(event, text)) return;
  if (text === "discarded") {
    event.event = "delivery";
    event.status = "discarded";
  } else if (text === "unquarantine") event.action = "unquarantined";
  else if (text.startsWith("quarantine=")) {
    event.action = "quarantined";
    event.reason = text.slice(11);
  } else if (
    /^SYSERR|^Losing |^runqueue: |^Milter (?:read)?\(.*\): (?:timeout|error|to error|init failed)|^Milter: initialization failed|^makeconnection |^milter_(?:read|write|sys_read)\(|^(?:rejecting|deferring) connections|^rejecting new messages|^low on space|: cannot |No space left|insufficient disk|file system full/i.test(
      text,
    )
  ) {
    event.event = "warning";
    event.reason = text;
    // A client that went away, or could not be read from.
    const [, client, sender] =
      / on connection from ([^\s,]{1,255}(?: \[[0-9A-Za-z:.]{3,60}\])?), (?:from|sender)=<?([^>]{0,1000}?)>?$/.exec(
        text,
      ) ?? [];
    putClient(event, client);
    if (sender !== undefined) event.from = sender;
    putFarSide(event, text);
  } else putFarSide(event, text);
}

/** `done; delay=00:00:01, ntries=1`: its queue files are gone (from `LogLevel` 10 on). */
function readEnd(event: MailEvent, text: string): boolean {
  const found = /^done; delay=([\d+:]{8,16}), ntries=\d{1,9}$/.exec(text);
  if (found === null) return false;
  event.event = "removed";
  const delay = seconds(found[1] ?? "");
  if (delay !== undefined) event.delay = delay;
  return true;
}

/** `makeconnection (mx.far.example [192.0.2.20].25 (2)) failed: ...`, `mx.far.example.: SMTP MAIL protocol error: ...`: the line of the attempt follows. */
function putFarSide(event: MailEvent, text: string): void {
  const connection = /^makeconnection \((\S{1,255} \[[0-9A-Za-z:.]{3,60}\])\.(\d{1,5}) /.exec(text);
  const waited =
    /^timeout waiting for input from (\S{1,255}) during client |^(\S{1,255}): SMTP (?:MAIL|RCPT|DATA-\d) protocol error: /.exec(
      text,
    );
  const host = connection?.[1] ?? waited?.[1] ?? waited?.[2];
  if (host === undefined) return;
  putRelay(event, host);
  if (connection !== null && event.relayIp !== undefined) event.relayPort = Number(connection[2]);
  event.reason = text;
}

/** A client: `name [ip]` with or without a name, perhaps marked as forged. No two quantifiers meet over the same spaces. */
const peer = String.raw`((?:[^\s\[\]]+ +| *)\[[0-9A-Za-z:.*]{3,60}\])(?: \(may be forged\))?`;
const kinds: readonly {
  readonly pattern: RegExp;
  readonly kind: MailEvent["event"];
  readonly action: string;
  /** The second group is the SMTP command. */
  readonly stage?: boolean;
  readonly at?: string;
}[] = [
  { pattern: new RegExp(`^connect from ${peer}`), kind: "connect", action: "connect" },
  { pattern: new RegExp(`^${peer}: possible SMTP attack`), kind: "warning", action: "possible SMTP attack" },
  { pattern: new RegExp(`^${peer}: Possible SMTP RCPT flood`), kind: "warning", action: "possible SMTP RCPT flood" },
  {
    pattern: new RegExp(`^${peer}: (VRFY|EXPN|ETRN) .{0,512}\\[rejected\\]$`, "i"),
    kind: "reject",
    action: "rejected",
    stage: true,
  },
  { pattern: new RegExp(`^${peer}: (?:vrfy|expn|etrn) `, "i"), kind: "other", action: "asked" },
  { pattern: new RegExp(`^${peer}: probable open proxy: `), kind: "warning", action: "probable open proxy" },
  { pattern: new RegExp(`^${peer}: SMTP violation, `), kind: "warning", action: "SMTP violation" },
  {
    pattern: new RegExp(`^invalid domain name \\(.{0,1000}\\) from ${peer}$`),
    kind: "warning",
    action: "invalid domain name",
  },
  {
    pattern: new RegExp(`^setsender: .{0,512}: invalid or unparsable, received from ${peer}$`),
    kind: "warning",
    action: "invalid sender",
  },
  {
    pattern: /^POSSIBLE ATTACK from ([^\s:]{1,100}): newline in string "/,
    kind: "warning",
    action: "possible attack",
  },
  { pattern: new RegExp(`^".{1,64}" command from ${peer}`), kind: "warning", action: "command" },
  { pattern: new RegExp(`^Null connection from ${peer}`), kind: "disconnect", action: "no MAIL" },
  { pattern: new RegExp(`^AUTH (?:de|en)code64 error \\[.{1,1000}\\], relay=${peer}$`), kind: "other", action: "AUTH" },
  {
    pattern: new RegExp(`^unauthorized PIPELINING, sleeping, relay=${peer}`),
    kind: "warning",
    action: "unauthorized PIPELINING",
  },
  {
    pattern: new RegExp(`^ERROR: srv_features=tempfail, relay=${peer}`),
    kind: "warning",
    action: "temporarily disabled",
  },
  {
    pattern: /^tcpwrappers \(([^\s,)]{1,255}, [0-9A-Za-z:.]{3,60})\) rejection/,
    kind: "reject",
    action: "tcpwrappers",
  },
  {
    pattern: /^message size \(\d{1,15}\) exceeds maximum/,
    kind: "reject",
    action: "message size",
    at: "END-OF-MESSAGE",
  },
  {
    pattern: /^(?:headers too large \(\d{1,10} max\)|header overflow) from ([^\s,]{1,255}) during message collect/,
    kind: "reject",
    action: "header size",
    at: "END-OF-MESSAGE",
  },
  { pattern: /^headers too large \(\d{1,10} max\)/, kind: "reject", action: "header size", at: "END-OF-MESSAGE" },
  {
    pattern: new RegExp(`^rejecting commands from {1,4}${peer} due to pre-greeting`),
    kind: "reject",
    action: "pre-greeting",
  },
  {
    pattern: new RegExp(
      `^collect: (?:premature EOM|unexpected close|read timeout|I/O error) on connection from ${peer}`,
    ),
    kind: "disconnect",
    action: "lost connection",
  },
  {
    pattern: /^collect: (?:premature EOM|unexpected close|read timeout|I\/O error) on connection from ([^\s,]{1,255})/,
    kind: "disconnect",
    action: "lost connection",
  },
  {
    pattern: /^collect: relay=([^\s,]{1,255}), from=/,
    kind: "disconnect",
    action: "lost connection",
  },
  { pattern: /^collect: (?:premature EOM|read timeout): /, kind: "other", action: "lost connection" },
  { pattern: new RegExp(`^${peer} did not issue `), kind: "disconnect", action: "no MAIL" },
  { pattern: new RegExp(`^lost input channel from ${peer}`), kind: "disconnect", action: "lost connection" },
  {
    pattern: new RegExp(`^timeout waiting for input from ${peer}(?! during client )`),
    kind: "disconnect",
    action: "timeout",
  },
  { pattern: /^Too many recipients$/, kind: "reject", action: "temporarily rejected", at: "RCPT" },
  {
    pattern: /^timeout waiting for input from (?!\[)([^\s,]{1,255}) during (?:server cmd read|message collect)/,
    kind: "disconnect",
    action: "timeout",
  },
  {
    pattern: new RegExp(
      `^SMTP (?=[A-Z]{4,8} command .* tempfailed)(?:MAIL|RCPT|VRFY|EXPN|ETRN|AUTH|STARTTLS) command \\(.{0,1000}\\) from ${peer} tempfailed`,
    ),
    kind: "reject",
    action: "temporarily rejected",
  },
];

/** `NEWID: DSN: User unknown`, `NEWID: sender notify: Warning: ...`: the first id is the message's, this one the notice's. */
function readNotice(event: MailEvent, text: string): boolean {
  const found =
    /^([0-9A-Za-z]{8}\d{4,12}|[A-Z]{3}\d{5,10}): (DSN|postmaster notify|sender notify|return to sender|return receipt): (.*)$/.exec(
      text,
    );
  if (found === null) return false;
  event.event = "bounce-notice";
  event.bounceQueueId = found[1] ?? "";
  event.action = found[2] ?? "";
  event.reason = found[3] ?? "";
  // No other line says that the message has gone back: after `Timeout.queuereturn`, or in a loop.
  if (/^Cannot send message (?:for|within) /.test(event.reason)) event.status = "expired";
  else if (event.reason.startsWith("Too many hops ")) event.status = "bounced";
  return true;
}

/** `STARTTLS=server, relay=name [ip], version=TLSv1.3, verify=NO, cipher=X, bits=1/2`, `AUTH=server, relay=, authid=, mech=`. */
function readSecurity(event: MailEvent, text: string): boolean {
  const found = /^(STARTTLS|AUTH)=(server|client), /.exec(text);
  if (found === null) return false;
  event.action = found[1] !== "AUTH" ? "tls" : loginFails.test(text) ? "authentication failed" : "authentication ok";
  const failed = text.indexOf("error: ") === found[0].length;
  const relay = text.lastIndexOf("relay=");
  const fields = readFields(
    text.slice(failed ? Math.max(relay, 0) : found[0].length).replace(/, temporary failure, .*$/, ""),
  );
  const host = fields.get("relay");
  if (found[2] === "server") putClient(event, host);
  else if (host !== undefined) putRelay(event, host);
  const [user, method, version, cipher] = ["authid", "mech", "version", "cipher"].map((key) => fields.get(key));
  if (user !== undefined) event.saslUsername = user;
  if (method !== undefined && method !== "") event.saslMethod = method;
  if (version !== undefined) event.tls = cipher === undefined ? version : `${version} with cipher ${cipher}`;
  if (failed) event.reason = text;
  return true;
}

/** What our own client cannot do; of a server's there is no line but of a log-in that succeeds (srvrsmtp.c, usersmtp.c). */
const loginFails =
  /^AUTH=client, (?:error: |available mechanisms=|realm=.* not in list=|relay=.*(?:failed|temporary failure, connection abort)$)/;

/** `AUTH failure (LOGIN): ..., user=name, relay=host [ip]`: a user may call itself `x, relay=[ip]`, so the last one counts. */
function readLogin(event: MailEvent, text: string): boolean {
  const found = /^AUTH failure \(([\w-]{1,32})\): /.exec(text);
  if (found === null) return false;
  event.event = "auth-failure";
  event.saslMethod = found[1] ?? "";
  const relay = text.lastIndexOf(", relay=");
  if (relay >= 0) putClient(event, text.slice(relay + 8));
  const user = text.indexOf(", user=");
  if (user >= 0 && user < relay) event.saslUsername = text.slice(user + 7, relay);
  event.reason = text.slice(found[0].length, user >= 0 ? user : relay >= 0 ? relay : text.length);
  return true;
}

/** `<a@b>... User unknown`, `a... User unknown`: a recipient that is refused; who wanted it stands in the `from=` line of the same id. */
function readUnknownUser(event: MailEvent, text: string): boolean {
  const asked = /^rcpt=(?:<(.{1,1000})>|([^<>,]{1,1000})), rcpt_flags=/.exec(text);
  if (asked !== null) event.to = asked[1] ?? asked[2] ?? "";
  const found = /^(?:<([^>]*)>|(?:"[^"]{0,320}"@)?[^\s<>",]{1,320})\.\.\. (.*)$/.exec(text);
  if (found === null) return asked !== null;
  event.event = "reject";
  event.reject = true;
  event.stage = "RCPT";
  event.to = found[1] ?? text.slice(0, text.indexOf("... "));
  event.reason = found[2] ?? "";
  return true;
}
