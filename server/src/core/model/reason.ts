import type { ReasonClass } from "../observation.ts";

/**
 * Why a delivery attempt did not succeed, from the text that the MTA logged and, when it is known, the enhanced status
 * code (RFC 3463; without one, the first code in the text is used).
 *
 * Phrases are those of Postfix's and Exim's own messages and of the large mailbox providers. They are looked for in the
 * order of `phrases`: what our own side says about the connection comes before what the far side said, because the far
 * side's text may contain anything. Says nothing about whose fault it is: "greylist" may be theirs or ours.
 */
export function classifyReason(reason: string, dsn?: string): ReasonClass {
  const text = reason.length > longestReason ? reason.slice(0, longestReason) : reason;
  const lower = text.toLowerCase();
  const said = Math.max(lower.indexOf(" said: "), lower.indexOf(" refused to talk to me: "));
  const ours = said < 0 && anyOwn.test(lower) ? ownPhrases : none;
  for (const [phrase, name] of ours) if (lower.includes(phrase)) return name;
  const code = detail(dsn) ?? detail(firstCode(text));
  // A mailbox that is full is said by code far more reliably than by words.
  if (code === "2.2") return "mailbox-full";
  const theirs = said < 0 ? lower : lower.slice(said);
  for (const [phrase, name] of anyFar.test(theirs) ? farPhrases : none) if (theirs.includes(phrase)) return name;
  return (code === undefined ? undefined : byCode[code]) ?? "other";
}

const longestReason = 1_000;

/** What our own MTA says about reaching the far side, or about itself. */
const ownPhrases: readonly (readonly [string, ReasonClass])[] = [
  // KumoMTA, of itself: an address of ours that this host has not, a proxy of ours, none to send from, and what it was told
  // to leave alone. That all to send from rest is what the far side's answers bring about.
  ["unplumbed source address", "local-resource"],
  ["related to proxy connection issues", "local-resource"],
  ["no sources available for", "local-resource"],
  ["no non-zero-weighted sources", "local-resource"],
  ["are eligible for selection at this time", "rate-limit"],
  ["resolving egress ", "local-resource"],
  ["scheduled queue is suspended", "local-resource"],
  ["on the skip_hosts list", "local-resource"],
  ["cannot assign requested address", "local-resource"],
  ["eaddrnotavail", "local-resource"],
  // Exim: LMTP to a socket on this host, a path that it will not use.
  ["failed to connect to socket", "local-resource"],
  ["tainted ", "local-resource"],
  ["is tainted", "local-resource"],
  // Mail that is to be queued only, by configuration.
  ["domain is held", "local-resource"],
  ["domain is in queue_", "local-resource"],
  ["first-pass only routing", "local-resource"],
  ["queue_smtp_domains", "local-resource"],
  ["delivery explicitly queued", "local-resource"],
  ["transport process returned", "local-resource"],
  ["transport filter process", "local-resource"],
  ["child process of ", "local-resource"],
  ["in redirect data", "local-resource"],
  // Exim: a look-up of its own, behind which stands what the database's library said, and settings that it cannot follow.
  ["mysql connection failed", "lookup"],
  ["mysql: query failed", "lookup"],
  ["mysql: lookup result", "lookup"],
  ["pgsql connection failed", "lookup"],
  ["pgsql: query failed", "lookup"],
  ["sqlite3_exec failed", "lookup"],
  ["ldap connection to server", "lookup"],
  ["ldap session to server", "lookup"],
  ["for ldap server", "lookup"],
  ["ldap search failed", "lookup"],
  ["ldap_search failed", "lookup"],
  ["ldap_result", "lookup"],
  ['invalid "condition" value', "local-resource"],
  [" in acl for ", "local-resource"],
  ["directory space check failed", "local-resource"],
  ["connection refused", "connect-refused"],
  // As Node.js names what the system said; Haraka logs that.
  ["econnrefused", "connect-refused"],
  ["while receiving the initial server greeting", "conversation-timeout"],
  ["lost connection with", "conversation-timeout"],
  ["conversation with", "conversation-timeout"],
  ["timed out while", "conversation-timeout"],
  ["timeout after", "conversation-timeout"],
  ["remote host closed connection", "conversation-timeout"],
  // Exim of long ago names the host between.
  ["closed connection in response", "conversation-timeout"],
  ["timeout while connected to", "conversation-timeout"],
  ["connection reset", "conversation-timeout"],
  // Sendmail.
  ["read error from", "conversation-timeout"],
  ["broken pipe", "conversation-timeout"],
  ["econnreset", "conversation-timeout"],
  ["closed connection while", "conversation-timeout"],
  ["socket timeout", "conversation-timeout"],
  ["no route to host", "unreachable"],
  ["network is unreachable", "unreachable"],
  ["network unreachable", "unreachable"],
  ["host is down", "unreachable"],
  ["host is unreachable", "unreachable"],
  ["ehostunreach", "unreachable"],
  ["enetunreach", "unreachable"],
  ["i/o error", "conversation-timeout"],
  ["network error on destination", "unreachable"],
  ["connection timed out", "connect-timeout"],
  ["connection timeout", "connect-timeout"],
  ["operation timed out", "connect-timeout"],
  ["etimedout", "connect-timeout"],
  ["retry time not reached", "connect-timeout"],
  ["retry timeout exceeded", "connect-timeout"],
  ["all hosts have been failing", "connect-timeout"],
  ["tried all mxs", "connect-timeout"],
  // Postfix cannot read a certificate or key of its own.
  ["client tls configuration problem", "local-resource"],
  ["nullmx", "policy"],
  ["tlsa", "tls"],
  ["dnssec", "tls"],
  ["name service error", "dns"],
  ["host or domain name not found", "dns"],
  ["name server:", "dns"],
  ["host name lookup failure", "dns"],
  ["host not found", "dns"],
  // Exim: `host lookup did not complete`, `lookup of host "x" failed in y router`.
  ["host lookup", "dns"],
  ["lookup of host", "dns"],
  ["name or service not known", "dns"],
  ["temporary failure in name resolution", "dns"],
  ["unable to look up", "dns"],
  ["dns lookup", "dns"],
  ["mx lookup", "dns"],
  ["failed to resolve", "dns"],
  ["host map: lookup", "dns"],
  ["all relevant mx records", "dns"],
  ["no mx", "dns"],
  ["missing mx", "dns"],
  // The mail exchanger that DNS names is this host, which takes no mail for it: Postfix, Exim, Sendmail. A route of ours that
  // leads back, mail that has passed too many hosts, or comes round by forwarding, has no reason of these: that is "other".
  ["loops back to myself", "dns"],
  ["lowest numbered mx record points to local host", "dns"],
  ["loops back to me (mx problem?)", "dns"],
  ["mx list for ", "dns"],
  ["malformed dns", "dns"],
  ["dane", "tls"],
  ["cannot start tls", "tls"],
  ["tls is required", "tls"],
  ["tls required", "tls"],
  ["tls session", "tls"],
  ["tls handshake", "tls"],
  ["certificate", "tls"],
  ["mail transport unavailable", "local-resource"],
  // Nobody took what Postfix had to say of it.
  ["bounce failed", "local-resource"],
  ["unknown mail transport error", "local-resource"],
  ["mail system configuration error", "local-resource"],
  // Sendmail.
  ["local configuration error", "local-resource"],
  ["no space left", "local-resource"],
  ["quota exceeded", "mailbox-full"],
  ["cannot update mailbox", "local-resource"],
  ["create maildir file", "local-resource"],
  ["unable to lock", "local-resource"],
  ["failed to lock", "local-resource"],
  ["command died with", "local-resource"],
  ["transport returned", "local-resource"],
  ["ex_tempfail", "local-resource"],
  // OpenSMTPD: a table of ours.
  ["could not retrieve", "local-resource"],
  ["no valid route", "unreachable"],
  // A socket of our own that nobody has made, or that we may not open.
  ["no such file or directory", "local-resource"],
  ["permission denied", "local-resource"],
  ["read-only file system", "local-resource"],
  // Our SASL library has none that the server offers.
  ["no mechanism available", "local-resource"],
  ["cannot fork", "local-resource"],
  ["cannot allocate memory", "local-resource"],
  ["command time limit exceeded", "local-resource"],
  ["temporary failure. command output", "local-resource"],
  ["internal protocol error", "local-resource"],
  ["user lookup error", "lookup"],
  ["lookup error", "lookup"],
  ["lookup failure", "lookup"],
  ["lookup failed", "lookup"],
  ["database unavailable", "lookup"],
  ["address resolver failure", "lookup"],
  ["address rewriting", "lookup"],
  ["mapping lookup", "lookup"],
  ["table lookup", "lookup"],
  // Exim: `lookup of "..." gave DEFER: ...`.
  ["gave defer", "lookup"],
  ["lookup deferred", "lookup"],
  ["failed to expand", "local-resource"],
  // KumoMTA: a message that it cannot read from its spool, a mailbox that it cannot write to.
  ["error in deliver_message", "local-resource"],
  ["failed to write to maildir", "local-resource"],
];

/**
 * What a server answers, ours or another's. "Try again later" alone is missing: overloaded servers say it as often as greylists.
 * Google says it, and that its system has a problem, to whom it wants to hear less from.
 */
const farPhrases: readonly (readonly [string, ReasonClass])[] = [
  ["greylist", "greylist"],
  ["graylist", "greylist"],
  ["grey-list", "greylist"],
  ["grey list", "greylist"],
  ["postgrey", "greylist"],
  ["mailbox full", "mailbox-full"],
  ["mailbox is full", "mailbox-full"],
  ["over quota", "mailbox-full"],
  ["overquota", "mailbox-full"],
  ["quota exceeded", "mailbox-full"],
  ["out of storage", "mailbox-full"],
  ["over its quota", "mailbox-full"],
  ["mailbox quota", "mailbox-full"],
  ["mailbox size limit", "mailbox-full"],
  ["mailbox temporarily full", "mailbox-full"],
  ["exceeded quota", "mailbox-full"],
  ["exceeds quota", "mailbox-full"],
  ["exceeded his quota", "mailbox-full"],
  ["inbox is full", "mailbox-full"],
  ["insufficient system storage", "local-resource"],
  ["insufficient disk", "local-resource"],
  ["queue file write error", "local-resource"],
  ["no space left", "local-resource"],
  ["too many connections", "rate-limit"],
  ["too many concurrent", "rate-limit"],
  ["too many messages", "rate-limit"],
  ["too many recipients", "rate-limit"],
  ["too much mail", "rate-limit"],
  ["too many errors", "rate-limit"],
  ["too fast", "rate-limit"],
  ["receiving mail at a rate", "rate-limit"],
  ["receiving mail too quickly", "rate-limit"],
  ["maximum number of concurrent", "rate-limit"],
  ["server busy", "rate-limit"],
  ["rate limit", "rate-limit"],
  ["rate-limit", "rate-limit"],
  ["ratelimit", "rate-limit"],
  ["throttl", "rate-limit"],
  ["unusual rate", "rate-limit"],
  ["exceeded the maximum", "rate-limit"],
  ["limit exceeded", "rate-limit"],
  ["temporarily deferred", "rate-limit"],
  ["4.7.0 try again later", "rate-limit"],
  ["try again later, closing connection", "rate-limit"],
  ["temporary system problem", "rate-limit"],
  ["temporarily rejected message", "rate-limit"],
  ["resources temporarily unavailable", "rate-limit"],
  ["lookup failure", "lookup"],
  ["lookup error", "lookup"],
  ["temporary lookup", "lookup"],
  ["starttls", "tls"],
  ["encryption required", "tls"],
  ["domain not found", "dns"],
  ["domain of sender address", "dns"],
  ["cannot find your hostname", "dns"],
  ["cannot find your reverse hostname", "dns"],
  ["dns", "dns"],
  ["virus", "content"],
  ["malware", "content"],
  ["spam message", "content"],
  ["content reject", "content"],
  ["message size", "content"],
  ["message too big", "content"],
  ["message too large", "content"],
  ["message file too big", "content"],
  ["considered spam", "content"],
  ["likely unsolicited", "content"],
  ["potential security issue", "content"],
  ["blocked", "policy"],
  ["blacklist", "policy"],
  ["black list", "policy"],
  ["blocklist", "policy"],
  ["block list", "policy"],
  ["denylist", "policy"],
  ["spamhaus", "policy"],
  ["reputation", "policy"],
  ["access denied", "policy"],
  ["not authorized", "policy"],
  ["authentication failed", "policy"],
  ["not permitted", "policy"],
  ["relaying denied", "policy"],
  ["policy", "policy"],
  ["dmarc", "policy"],
  ["spf", "policy"],
];

const none: typeof ownPhrases = [];
/** Whether any is there is found in one go; which comes first in the list, one after the other. */
const anyOwn = anyOf(ownPhrases);
const anyFar = anyOf(farPhrases);

function anyOf(phrases: typeof ownPhrases): RegExp {
  return new RegExp(phrases.map(([phrase]) => phrase.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join("|"));
}

/** RFC 3463 subject.detail. */
const byCode: Readonly<Record<string, ReasonClass>> = {
  "1.8": "dns",
  "2.3": "content",
  "3.0": "local-resource",
  "3.1": "local-resource",
  "3.2": "local-resource",
  "3.4": "content",
  "3.5": "local-resource",
  "4.1": "connect-timeout",
  "4.2": "conversation-timeout",
  "4.3": "dns",
  "4.4": "dns",
  "4.5": "rate-limit",
  "4.7": "other",
  "5.3": "rate-limit",
  "6.0": "content",
  "7.0": "policy",
  "7.1": "policy",
  "7.5": "tls",
  "7.10": "tls",
  "7.25": "dns",
  "7.28": "rate-limit",
};

function detail(dsn: string | undefined): string | undefined {
  if (dsn === undefined) return undefined;
  const first = dsn.indexOf(".");
  return first > 0 ? dsn.slice(first + 1) : undefined;
}

function firstCode(text: string): string | undefined {
  // The end of an address is none.
  return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}\b(?!\.\d)/.exec(text)?.[0];
}
