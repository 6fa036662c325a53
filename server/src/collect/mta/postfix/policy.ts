import type { MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { putReply } from "./text.ts";

/** One server's way to write: the client's address, and what else the line states. */
interface Form {
  /** Where the line does not begin so, the form is not tried. */
  readonly begins?: RegExp;
  readonly ip: RegExp;
  readonly facts: readonly (readonly [keyof StatedFacts, RegExp])[];
}

type StatedFacts = Pick<
  MailEvent,
  "action" | "clientName" | "from" | "to" | "helo" | "proto" | "stage" | "reason" | "saslUsername" | "queueId"
>;

/** What policy servers log beside Postfix; false for other lines. */
export function readPolicy(event: MailEvent, text: string): boolean {
  if (readAnswer(event, text)) return true;
  for (const { begins, ip, facts } of forms) {
    if (begins !== undefined && !begins.test(text)) continue;
    const client = canonicalIp(ip.exec(text)?.[1] ?? "");
    if (client === undefined) continue;
    event.clientIp = client;
    for (const [key, pattern] of facts) {
      const said = pattern.exec(text)?.[1];
      if (said !== undefined) event[key] = said;
    }
    const waited = greylisted.exec(text)?.[1];
    if (waited !== undefined) event.delay = Number(waited);
    return true;
  }
  return false;
}

/**
 * What the SPF servers had Postfix answer (access(5)): `550 5.7.23 text`, `defer_if_permit 4.7.24 text`, or behind
 * `Policy action=`. Its address of an explanation states whose mail it is.
 */
function readAnswer(event: MailEvent, text: string): boolean {
  if (!/(?:^|\/)polic(?:y|yd)-spf$/.test(event.process ?? "")) return false;
  const begin = /^(?::? ?Policy action=)?(?:(defer(?:_if_permit)?) (?=\S)|(?=[45]\d\d ))/i.exec(text);
  if (begin === null) return false;
  if (begin[1] !== undefined) event.action = begin[1];
  putReply(event, text, begin[0].length, text.length);
  const [, scope, identity, ip] = /\/Why\?s=(mfrom|helo);id=([^\s;]{0,500});ip=([\da-fA-F.:%]{2,80})/.exec(text) ?? [];
  const client = canonicalIp(plain(ip ?? ""));
  if (client !== undefined) event.clientIp = client;
  if (identity !== undefined && identity !== "") event[scope === "helo" ? "helo" : "from"] = plain(identity);
  return true;
}

/** Without the escapes of a URL: `amy%40shop.example`. */
function plain(text: string): string {
  return text.replace(/%([2-7][\da-fA-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** How long ago postgrey(8) saw the same client, sender and recipient first, in seconds. */
const greylisted = /^action=\w+, reason=[^,]{1,80}, delay=(\d{1,9}),/;

const forms: readonly Form[] = [
  {
    // In the names that Postfix asks by (SMTPD_POLICY_README), as postgrey(8): `action=greylist, reason=new,
    // client_name=host, client_address=ip, sender=a, recipient=b`; or those of Received-SPF (RFC 7208, 9.1), whose values may
    // be quoted. Its receiver is a host, and the recipient with some.
    ip: /\bclient(?:_address|-ip)=([\da-fA-F.:]{2,45})/,
    facts: [
      ["action", /(?:^|[\s,])action=([A-Za-z_]{1,40})/],
      ["action", /^(?:Action: )?(prepend)(?=:? (?:Text: )?Received-SPF: )/],
      ["reason", /^action=\w+, reason=([^,]{1,80})/],
      ["clientName", /\bclient_name=([^\s,;]{1,255})/],
      ["from", /\bsender=<?((?:"(?:[^"\\]|\\.){0,320}"@)?[^\s,;<>"]{0,320})/],
      ["from", /\benvelope-from=["<]?([^\s,;<>"]{0,320})/],
      ["to", /\brecipient=<?((?:"(?:[^"\\]|\\.){0,320}"@)?[^\s,;<>"]{0,320})/],
      ["to", /\breceiver=["<]?([^\s,;<>"@]{1,320}@[^\s,;<>"]{1,255})/],
      ["helo", /\bhelo(?:_name)?=["<]?([^\s,;<>"]{1,255})/],
    ],
  },
  {
    // postfwd(8): `[RULES] rule=1, id=X, client=host[ip], sender=<a>, recipient=<b>, helo=<h>, proto=ESMTP, state=RCPT,
    // delay=0s, hits=X, action=DUNNO`.
    begins: /^\[(?:RULES|CACHE)\] rule=/,
    ip: /, client=[^\s,[\]]{0,255}\[([\da-fA-F.:]{2,45})\]/,
    facts: [
      ["action", /^.*, action=([A-Za-z_]{1,40})/],
      ["queueId", /^[^<]*, queue=([0-9A-Za-z]{5,24}),/],
      ["clientName", /, client=([^\s,[\]]{1,255})\[/],
      ["saslUsername", /^[^<]*, user=([^\s,]{1,320}),/],
      ["from", /, sender=<((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})>/],
      ["to", /, recipient=<((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})>/],
      ["helo", /, helo=<([^>]{1,255})>/],
      ["proto", /, proto=([A-Z]{1,16}),/],
      ["stage", /, state=([A-Z-]{1,16}),/],
    ],
  },
  {
    // policyd-weight(8): `decided action=PREPEND X-policyd-weight: ... <client=ip> <helo=h> <from=a> <to=b>, rate: -7.6; delay: 2s`.
    begins: /^(?:weighted check|decided action=)/,
    ip: / <client=(?:[^\s[\]<>]{0,255}\[)?([\da-fA-F.:]{2,45})\]?>/,
    facts: [
      ["action", /^decided action=([A-Za-z_]{1,40})/],
      ["clientName", / <client=([^\s[\]<>]{1,255})\[/],
      ["helo", / <helo=([^\s<>]{1,255})>/],
      ["from", / <from=([^\s<>]{0,320})>/],
      ["to", / <to=([^\s<>]{0,320})>/],
    ],
  },
  {
    // policyd 2 (Cluebringer): `module=Greylisting, action=pass, host=ip, helo=h, from=a, to=b, reason=whitelisted`.
    begins: /^module=\w+, (?:action|mode)=/,
    ip: /, host=([\da-fA-F.:]{2,45}),/,
    facts: [
      ["action", /^module=\w+, action=(\w{1,40})/],
      ["helo", /, helo=([^\s,]{1,255}), from=/],
      ["from", /, from=([^\s,]{0,320}), to=/],
      ["to", /, to=([^\s,]{1,320}),/],
      ["reason", /, reason=([^,]{1,200})/],
    ],
  },
  {
    // policyd before its version 2: `rcpt=7, greylist=update, host=ip (name), from=a, to=b, size=0`.
    begins: /^rcpt=\d+, /,
    ip: /, host=([\da-fA-F.:]{2,45})(?:,| \()/,
    facts: [
      ["clientName", /, host=[\da-fA-F.:]{2,45} \(([^\s()]{1,255})\), from=/],
      ["from", /, from=([^\s,]{0,320}), to=/],
      ["to", /, to=([^\s,]{1,320}),/],
    ],
  },
  {
    // iRedAPD, which writes no colon behind its name: `iredapd [ip] RCPT, a -> b, DUNNO [sasl_username=, sender=a, client_name=host,
    // reverse_client_name=host, helo=h, encryption_protocol=, process_time=0.1s]`; who is logged in stands before `=>`.
    begins: /^(?:iredapd )?\[[\da-fA-F.:]{2,45}\] [A-Z-]{4,16}, .* [-=]> /,
    ip: /^(?:iredapd )?\[([\da-fA-F.:]{2,45})\] /,
    facts: [
      ["action", /^.* [-=]> [^\s,]{1,320}, ([A-Za-z_]{1,40})[^[\]]{0,200} \[(?:sasl_username|recipient_count)=/],
      ["stage", /^[^\]]{1,60}\] ([A-Z-]{4,16}), /],
      ["clientName", /, client_name=([^\s,]{1,255}), reverse_client_name=/],
      ["saslUsername", / \[sasl_username=([^\s,]{1,320}), sender=/],
      ["from", /^[^\]]{1,60}\] [A-Z-]{4,16}, (?:[^\s,]{1,320} => )?([^\s,]{0,320}) -> /],
      ["from", /, sender=([^\s,]{0,320}), client_name=/],
      ["to", /^.* [-=]> ([^\s,]{1,320}), /],
      ["helo", /, reverse_client_name=[^\s,]{0,255}, helo=([^\s,]{1,255}), /],
    ],
  },
  {
    // postgrey(8) again: `whitelisted: host[ip]`.
    begins: /^(?:tarpit )?whitelisted: /,
    ip: /^[a-z ]+: [^\s[\]]{0,255}\[([\da-fA-F.:]{2,45})(?:\/\d{1,3})?\]$/,
    facts: [
      ["action", /^((?:tarpit )?whitelisted): /],
      ["clientName", /^[a-z ]+: ([^\s[\]]{1,255})\[/],
    ],
  },
];
