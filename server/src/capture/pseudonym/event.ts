import type { MailEvent } from "../../core/event.ts";
import { summary } from "../../core/model/unnamed.ts";
import { isKnownWord } from "./known-words.ts";
import type { Names } from "./names.ts";
import type { Networks } from "./networks.ts";
import type { HopsOf } from "./reason.ts";
import { isHarmless } from "./vocabulary.ts";
import type { Words } from "./words.ts";

export interface EventParts {
  readonly words: Words;
  readonly names: Names;
  readonly networks: Networks;
  readonly mailbox: (address: string) => string;
  readonly queueId: (id: string) => string;
  readonly free: (text: string, ids: ReadonlySet<string>) => string;
  readonly reason: (reason: string, dsn: string | undefined, ids: ReadonlySet<string>, hops?: HopsOf) => string;
}

/** What a log line said, with every text that somebody chose replaced. A key that this table lacks would not compile. */
export function createEvents(parts: EventParts): (event: MailEvent, hops?: HopsOf) => MailEvent {
  const { words, names, networks, mailbox, queueId } = parts;
  const ip = (text: string): string => networks.ip(text) ?? words(text);
  const texts: { readonly [Key in TextKey]: (text: string) => string } = {
    host: names.host,
    process: (tag) => tag.split("/").map(names.host).join("/"),
    queueId,
    clientIp: ip,
    clientName: names.host,
    helo: names.host,
    saslMethod: oneOf(saslMethods, words),
    saslUsername: mailbox,
    messageId: mailbox,
    from: mailbox,
    to: mailbox,
    origTo: mailbox,
    relay: names.host,
    relayIp: ip,
    transport: names.host,
    dsn: (code) => (/^[245]\.\d{1,3}\.\d{1,3}$/.test(code) ? code : "4.0.0"),
    status: (word) => word,
    stage: (stage) => (stages.has(stage) ? stage : "UNKNOWN"),
    action: (action) =>
      action.split(/[^A-Za-z]+/).every((word) => word === "" || isAction(word)) ? action : words(action),
    proto: oneOf(protocols, words),
    tls: (text) =>
      text
        .split(" ")
        .map((part) => (tlsWord.test(part) ? part : words(part)))
        .join(" "),
    bounceQueueId: queueId,
    nextQueueId: queueId,
    origQueueId: queueId,
  };
  return (event, hops) => {
    const ids = new Set(
      [event.queueId, event.nextQueueId, event.bounceQueueId, event.origQueueId, ...(event.splitQueueIds ?? [])].filter(
        (id) => id !== undefined,
      ),
    );
    const made: Record<string, unknown> = { ...event };
    for (const key of Object.keys(texts) as TextKey[]) {
      const text = event[key];
      if (text !== undefined) made[key] = texts[key](text);
    }
    if (event.recipients !== undefined) made["recipients"] = event.recipients.map(mailbox);
    if (event.splitQueueIds !== undefined) made["splitQueueIds"] = event.splitQueueIds.map(queueId);
    if (event.reason !== undefined) {
      const isVerdict = event.event === "delivery" || event.event === "reject";
      if (event.lostLines !== undefined) made["reason"] = lossText(event);
      // How many an operator deleted or held counts too, and names nobody.
      else if (!summary.test(event.reason))
        made["reason"] = isVerdict ? parts.reason(event.reason, event.dsn, ids, hops) : parts.free(event.reason, ids);
    }
    return made as unknown as MailEvent;
  };
}

type TextKey = Exclude<
  { [Key in keyof MailEvent]-?: NonNullable<MailEvent[Key]> extends string ? Key : never }[keyof MailEvent],
  "event" | "reason"
>;

/** The number counts, and the unit's name may be anybody's. */
function lossText({ process = "", lostLines = 0 }: MailEvent): string {
  if (process.startsWith("rsyslogd")) return `imuxsock lost ${lostLines} messages`;
  return `Suppressed ${lostLines} messages from mail.service`;
}

const oneOf =
  (known: ReadonlySet<string>, words: Words) =>
  (text: string): string =>
    known.has(text) ? text : words(text);

const isAction = (word: string): boolean => isHarmless(word) || isKnownWord(word) || actions.has(word.toLowerCase());

const list = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const saslMethods = list(
  "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 NTLM GSSAPI EXTERNAL ANONYMOUS XOAUTH2 OAUTHBEARER plain login cram-md5",
);
const protocols = list("SMTP ESMTP SMTPS ESMTPS ESMTPSA ESMTPA LMTP SMTPA UTF8SMTP");
const stages = new Set([
  ..."CONNECT HELO EHLO LHLO MAIL RCPT DATA BDAT DATA-COMMAND END-OF-MESSAGE END-OF-DATA STARTTLS AUTH RSET NOOP VRFY EXPN ETRN QUIT".split(
    " ",
  ),
  ..."XCLIENT XFORWARD UNKNOWN CONTENT VERIFY HELP BANNER COMMAND header body".split(" "),
  "mime header",
  "mime body",
  "nested header",
  "nested body",
]);
const actions = list(
  "force softbounce requeue skipped dnsbl dnsblog pregreet hangup anvil pix prepend strip milter quarantine quarantined unquarantined split clone deleted placed released requeued expired veto allowlist allowlisted whitelisted denylisted blacklisted sasl lf bare bcc warn delete proxy info skipping greylist early reconnect awl match activated hit dunno",
);
const tlsWord =
  /^(?:TLSv[\d.]+|SSLv[\d.]+|with|cipher|none|may|encrypt|dane|dane-only|secure|verify|fingerprint|(?:TLS_|ECDHE|DHE|AES|ADH|AECDH|EDH|CAMELLIA|PSK|DES|RC4|CHACHA20)[A-Z0-9_-]{0,60}|)$/;
