import type { MailEvent } from "../../../core/event.ts";
import { type Peer, putClient, putRelay, readPeer } from "./text.ts";

/**
 * postscreen, tlsproxy and dnsblog: `CONNECT from [ip]:port to [ip]:25`, `PASS OLD [ip]:port`, `PREGREET 14 after …`; whose
 * connection tlsproxy's end tells of is known by their beginnings (tls-sides.ts).
 */
export function readPostscreen(event: MailEvent, text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === 97 && text.startsWith("addr ")) return readDnsblog(event, text);
  if (first < 65 || first > 87) return false;
  const verb = verbs.find((name) => text.startsWith(name));
  if (verb === undefined) return false;
  const peer = peerIn(text, verb.length);
  if (peer === undefined) return false;
  // tlsproxy(8) goes to servers too.
  if (text.startsWith("CONNECT to ") || (verb === "DISCONNECT" && peer.name !== "")) {
    event.action = verb;
    putRelay(event, peer);
    return true;
  }
  putClient(event, peer);
  if (verb === "CONNECT") event.event = "connect";
  else if (verb === "DISCONNECT") event.event = "disconnect";
  else {
    event.action = verb;
    const stage = /^ after ([A-Z][A-Z-]*)\b/.exec(text.slice(peer.end, peer.end + 60))?.[1];
    if (stage !== undefined) event.stage = stage;
    if (peer.end < text.length) event.reason = text.slice(peer.end).replace(/^[:\s]+/, "");
  }
  return true;
}

/** `[ip]:port` or `host[ip]:port`: the first word behind the verb that holds a bracket. */
function peerIn(text: string, from: number): Peer | undefined {
  const open = text.indexOf("[", from);
  return open < 0 ? undefined : readPeer(text, text.lastIndexOf(" ", open) + 1);
}

const verbs = [
  "CONNECT",
  "DISCONNECT",
  "PASS NEW",
  "PASS OLD",
  "PASS",
  "PREGREET",
  "HANGUP",
  "DNSBL",
  "WHITELISTED",
  "ALLOWLISTED",
  "BLACKLISTED",
  "DENYLISTED",
  "WHITELIST VETO",
  "ALLOWLIST VETO",
  "COMMAND TIME LIMIT",
  "COMMAND COUNT LIMIT",
  "COMMAND LENGTH LIMIT",
  "COMMAND PIPELINING",
  "NON-SMTP COMMAND",
  "BARE NEWLINE",
  "DATA without valid RCPT",
  "BDAT without valid RCPT",
] as const;

/** `addr 192.0.2.1 listed by domain zen.example as 127.0.0.4`. */
function readDnsblog(event: MailEvent, text: string): boolean {
  const end = text.indexOf(" ", 5);
  if (end < 0) return false;
  const peer = readPeer(`[${text.slice(5, end)}]`, 0);
  if (peer?.ip === undefined) return false;
  event.action = "dnsblog";
  event.clientIp = peer.ip;
  event.reason = text.slice(end + 1);
  return true;
}
