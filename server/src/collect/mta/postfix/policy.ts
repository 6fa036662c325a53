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
    const found = ip.exec(text);
    const client = canonicalIp(found?.[1] ?? found?.[2] ?? "");
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
 * `Policy action=` or `decided action=`. Its address of an explanation states whose mail it is:
 * `http://HOST/Why?s=mfrom;id=a@b;ip=192.0.2.1;r=c`, in whatever order, and in older releases with `&` between them.
 */
function readAnswer(event: MailEvent, text: string): boolean {
  if (!/(?:^|\/)polic(?:y|yd)-spf$/.test(event.process ?? "")) return false;
  const start = /^(?::? ?Policy|decided) action=/.exec(text)?.[0].length ?? 0;
  const verb = (start > 0 ? stated : bare).exec(text.slice(start, start + 20));
  if (verb === null) return false;
  if (verb[1] !== undefined) event.action = verb[1];
  putReply(event, text, start + verb[0].length, text.length);
  const query = /\/[Ww]hy(?:\.html)?\?(\S{1,2000})/.exec(text)?.[1];
  const said = new Map(query?.split(/[;&]/).map((part) => /^([^=]*)=?(.*)$/.exec(part)?.slice(1) as [string, string]));
  const client = canonicalIp(plain(said.get("ip") ?? ""));
  if (client !== undefined) event.clientIp = client;
  const identity = plain(said.get("id") ?? said.get("sender") ?? "");
  if (identity !== "") event[said.get("s") === "helo" ? "helo" : "from"] = identity;
  return true;
}
const bare = /^(?:(defer(?:_if_permit)?) (?=\S)|(?=[45]\d\d ))/i;
const stated = /^(?:(defer(?:_if_permit)?|reject|dunno)(?: |$)|(?=[45]\d\d ))/i;

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
  {
    // milter-greylist(8): `addr host[ip] from <a> to <b> delayed for 00:05:00 (ACL 12)`, before Postfix has an id behind
    // `(unknown id): `, and `skipping greylist because REASON, (from=<a>, rcpt=<b>, addr=host[ip])`.
    begins: /^(?:\(unknown id\): )?(?:addr \S{1,255}\[|skipping greylist because )/,
    ip: /(?:^|: )addr \S{0,255}\[([\da-fA-F.:]{2,45})\] from |, addr=\S{0,255}\[([\da-fA-F.:]{2,45})\]\)$/,
    facts: [
      ["action", / (delayed)(?: after DATA phase)? for \d\d/],
      ["action", /^(?:\(unknown id\): )?(skipping greylist) /],
      ["reason", / skipping greylist because (.{1,200}), \(from=/],
      ["clientName", /(?:^|: )addr ([^\s[\]]{1,255})\[/],
      ["clientName", /, addr=([^\s[\]]{1,255})\[/],
      ["from", /\] from <((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})> to </],
      ["from", /, \(from=<((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})>, rcpt=/],
      ["to", /> to <((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})> delayed/],
      ["to", /, rcpt=<((?:"(?:[^"\\]|\\.){0,320}")?[^>]{0,320})>, addr=/],
    ],
  },
  {
    // sqlgrey(1): `grey: new: NET(ip), a -> b`, `grey: reconnect ok: NET(ip), a -> b (00:07:41)`, `grey: from awl: ip, a added`.
    begins: /^grey: /,
    ip: /^grey: [a-z :]{1,40}: (?:updating )?(?:[\da-fA-F.:]{2,45}\(([\da-fA-F.:]{2,45})\)|([\da-fA-F.:]{2,45})), /,
    facts: [
      ["action", /^grey: ([a-z ]{1,40})/],
      ["from", /^grey: [^,]{1,160}, ([^\s]{0,320}) -> /],
      ["to", / -> ([^\s]{1,320})(?: \([\d:]{1,20}\))?$/],
    ],
  },
  {
    // gld(8): `Greylist activated for recipient=<b> sender=<a> ip=<ip>`, `Local whitelist hit for ...`.
    begins: /^(?:Greylist activated|Local whitelist hit|DNS whitelist hit) for recipient=</,
    ip: / ip=<([\da-fA-F.:]{2,45})>$/,
    facts: [
      ["action", /^(.{1,40}?) for recipient=/],
      ["to", / recipient=<((?:"(?:[^"\\]|\\.){0,320}")?[^<>]{1,320})> sender=/],
      ["from", /> sender=<((?:"(?:[^"\\]|\\.){0,320}")?[^<>]{0,320})> ip=/],
    ],
  },
  {
    // opendkim(8), where it will not sign: `host [ip] not internal`, `host [ip] not authenticated`.
    begins: /^\S{0,255} ?\[[\da-fA-F.:]{2,45}\] not (?:internal|authenticated)$/,
    ip: /\[([\da-fA-F.:]{2,45})\] not /,
    facts: [["clientName", /^([^\s[\]]{1,255}) \[/]],
  },
];
