import type { MailEvent } from "../../../core/event.ts";
import { nextQueueId } from "./delivery.ts";
import { type Peer, putClient, putReply, readPeer, readSession } from "./text.ts";

/** smtpd: sessions, messages that begin in them, and what is refused. cleanup's milters and postscreen refuse alike. */
export function readSmtpd(event: MailEvent, text: string): boolean {
  switch (text.charCodeAt(0)) {
    case letter.c:
      if (text.slice(0, 7) === "client=") return readClient(event, text);
      if (text.startsWith("connect from ")) return readConnect(event, text);
      break;
    case letter.d:
      if (text.startsWith("disconnect from ")) return readDisconnect(event, text);
      break;
    case letter.l:
      if (text.startsWith("lost connection after ")) return readEnd(event, text, "lost connection", 22);
      break;
    case letter.t:
      if (text.startsWith("timeout after ")) return readEnd(event, text, "timeout", 14);
      break;
    default:
  }
  const colon = text.indexOf(": ");
  const verb = colon > 0 && colon <= longestVerb ? text.slice(0, colon) : "";
  if (verb !== "" && !levels.has(verb) && /^[a-z][a-z_-]+$/.test(verb) && readVerdict(event, text, verb, colon + 2))
    return true;
  return readNoise(event, text);
}

const letter = { c: 99, d: 100, l: 108, t: 116 };

/** What smtpd decides has many names (access(5)), and each release brings one more: what follows them is always the same. */
const levels: ReadonlySet<string> = new Set(["warning", "error", "fatal", "panic"]);
const longestVerb = 24;

function readClient(event: MailEvent, text: string): boolean {
  const peer = readPeer(text, 7);
  if (peer === undefined) return false;
  event.event = "client";
  putClient(event, peer);
  if (peer.end < text.length) {
    const method = keyed(text, ", sasl_method=", peer.end);
    const user = keyed(text, ", sasl_username=", peer.end);
    if (method !== undefined) event.saslMethod = method;
    if (user !== undefined) event.saslUsername = user;
  }
  return true;
}

/** A user name may hold a comma; only the next key ends it. */
function keyed(text: string, key: string, from: number): string | undefined {
  const at = text.indexOf(key, from);
  if (at < 0) return undefined;
  const start = at + key.length;
  const rest = text.slice(start);
  const next = /, (?:sasl_|orig_)[a-z_]+=/.exec(rest);
  return next === null ? rest : rest.slice(0, next.index);
}

function readConnect(event: MailEvent, text: string): boolean {
  const peer = readPeer(text, 13);
  event.event = "connect";
  if (peer !== undefined) putClient(event, peer);
  return true;
}

function readDisconnect(event: MailEvent, text: string): boolean {
  const peer = readPeer(text, 16);
  event.event = "disconnect";
  if (peer !== undefined) putClient(event, peer);
  return true;
}

/** `lost connection after DATA (123 bytes) from host[ip]`. */
function readEnd(event: MailEvent, text: string, action: string, stageStart: number): boolean {
  const from = text.lastIndexOf(" from ");
  const peer = from < 0 ? undefined : readPeer(text, from + 6);
  if (peer === undefined) return false;
  event.event = "disconnect";
  event.action = action;
  const blank = text.indexOf(" ", stageStart);
  event.stage = text.slice(stageStart, blank);
  putClient(event, peer);
  return true;
}

/** `reject: RCPT from host[ip]: 554 5.7.1 text; from=<a> to=<b> proto=ESMTP helo=<c>`. */
function readVerdict(event: MailEvent, text: string, verb: string, start: number): boolean {
  const stage = stageAt(text, start);
  if (stage === undefined) return false;
  if (verb === "reject" && text.startsWith("ETRN ", start) && readUnknownDomain(event, text)) return true;
  const peer = text.startsWith(" from ", stage.end) ? readPeer(text, stage.end + 6) : undefined;
  if (peer === undefined && !verb.startsWith("proxy-")) return false;
  event.stage = text.slice(start, stage.end).toUpperCase();
  if (peer !== undefined) putClient(event, peer);
  putVerb(event, verb);
  const behind = peer?.end ?? stage.end;
  const reply = text.startsWith(": ", behind) ? behind + 2 : behind;
  const session = sessionStart(text, reply);
  putReply(event, text, reply, session < 0 ? text.length : session);
  if (session >= 0) readSession(event, text, session);
  if (verb === "proxy-accept") {
    const next = nextQueueId(event.reason ?? "");
    if (next !== undefined) event.nextQueueId = next;
  }
  return true;
}

/** `reject: ETRN DOMAIN... from host[ip]`, of a domain that waits for nobody to ask for it (smtpd.c). False when it is another. */
function readUnknownDomain(event: MailEvent, text: string): boolean {
  const from = text.indexOf("... from ");
  const peer = from < 0 ? undefined : readPeer(text, from + 9);
  if (peer === undefined || peer.end < text.length) return false;
  event.stage = "ETRN";
  putClient(event, peer);
  putVerb(event, "reject");
  return true;
}

export function putVerb(event: MailEvent, verb: string): void {
  event.action = verb;
  if (verb === "reject" || verb === "milter-reject" || verb === "proxy-reject") {
    event.event = "reject";
    event.reject = true;
  } else if (verb === "reject_warning") {
    // It would have been refused (warn_if_reject), but was not.
    event.event = "warning";
    event.reject = true;
  } else if (verb === "warn") event.event = "warning";
  else if (
    (verb === "discard" || verb === "milter-discard") &&
    event.queueId !== undefined &&
    event.queueId !== "NOQUEUE"
  ) {
    // The message ends here: no delivery agent and no "removed" will speak of it.
    event.event = "delivery";
    event.status = "discarded";
  }
}

/** SMTP commands, with blanks in none but `END-OF-MESSAGE`'s older spelling. */
function stageAt(text: string, start: number): { end: number } | undefined {
  // postscreen(8), when it is too busy to look at a client.
  if (text.startsWith("connect from ", start)) return { end: start + 7 };
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const isUpper = code >= 65 && code <= 90;
    if (!isUpper && code !== dash && !(code >= 48 && code <= 57)) break;
  }
  return end > start ? { end } : undefined;
}

/**
 * Where the session's facts begin: the first place from which they can be read to the end. What comes before may quote
 * an address that looks like them. Somebody's copy may have lost all brackets, and what stood in them.
 */
function sessionStart(text: string, from: number): number {
  let at = -1;
  for (let tries = 0, next = from; tries < mostTries; tries++, next = at + 1) {
    const found = nextSession(text, next, sessionKeys);
    if (found < 0) break;
    at = found;
    if (readSession({ event: "other" }, text, at) >= text.length) return at;
  }
  if (at >= 0) return at;
  const bare = nextSession(text, from, bareKeys);
  return bare >= 0 && readSession({ event: "other" }, text, bare) >= text.length ? bare : -1;
}

function nextSession(text: string, from: number, keys: readonly string[]): number {
  for (let at = text.indexOf("; ", from); at >= 0; at = text.indexOf("; ", at + 2)) {
    if (keys.some((key) => text.startsWith(key, at + 2))) return at;
  }
  return -1;
}
const sessionKeys = ["from=<", "to=<", "proto=", "helo=<"] as const;
const bareKeys = ["from=", "to="] as const;
const mostTries = 8;

/** Sessions that misbehave without being refused; `from PEER` stands somewhere in them. */
function readNoise(event: MailEvent, text: string): boolean {
  for (const phrase of noise) {
    if (!text.startsWith(phrase)) continue;
    event.action = phrase.trimEnd();
    const stage = / after ([A-Z-]+)/.exec(text.slice(0, 120))?.[1];
    if (stage !== undefined) event.stage = stage;
    const peer = peerAfterFrom(text);
    if (peer !== undefined) putClient(event, peer);
    event.event = phrase.startsWith("too many") || phrase.startsWith("non-SMTP") ? "warning" : "other";
    return true;
  }
  return false;
}
const noise = ["too many errors ", "improper command pipelining ", "bare <LF> received ", "non-SMTP command "];

/** The first behind ` from `; what a client said comes after the one who said it, but for an address of its own in front. */
export function peerAfterFrom(text: string): Peer | undefined {
  for (
    let from = text.indexOf(" from "), tries = 0;
    from >= 0 && tries < 4;
    from = text.indexOf(" from ", from + 6), tries++
  ) {
    const peer = readPeer(text, from + (text.startsWith('client "', from + 6) ? 14 : 6));
    if (peer !== undefined) return peer;
  }
  return undefined;
}

const dash = 45;
