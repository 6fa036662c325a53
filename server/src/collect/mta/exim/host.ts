import type { MailEvent } from "../../../core/event.ts";
import { canonicalIpAt } from "../../syslog/ip.ts";
import { digitsEnd, wholeAt } from "../postfix/text.ts";

/** A host as Exim writes it: `name (helo) [ip]:port`, of which only the brackets are sure to be there. */
export interface EximHost {
  readonly name: string | undefined;
  readonly helo: string | undefined;
  /** Undefined where somebody has written something else over it: `[x.x.x.x]`. */
  readonly ip: string | undefined;
  readonly port: number | undefined;
  /** Behind it. */
  readonly end: number;
}

/**
 * Reads a host at `start`; undefined when none stands there. The name in parentheses is what the client called itself and
 * may hold anything, an address in brackets too; the address that counts follows the closing parenthesis.
 */
export function readHost(text: string, start: number): EximHost | undefined {
  let at = start;
  let name: string | undefined;
  let helo: string | undefined;
  if (text.charCodeAt(at) !== openParenthesis && text.charCodeAt(at) !== openBracket) {
    const blank = text.indexOf(" ", at);
    if (blank < 0) return undefined;
    name = text.slice(at, blank);
    at = blank + 1;
    // A next hop that was found by DNSSEC (log selector `dnssec`).
    if (text.startsWith("DS [", at)) at += 3;
  }
  if (text.charCodeAt(at) === openParenthesis) {
    const close = text.indexOf(") [", at);
    if (close < 0) return undefined;
    helo = text.slice(at + 1, close);
    at = close + 2;
  }
  if (text.charCodeAt(at) !== openBracket) return undefined;
  const close = text.indexOf("]", at);
  const ip = close < 0 ? undefined : canonicalIpAt(text, at + 1, close);
  if (ip === undefined && !isWrittenOver(text, at + 1, close)) return undefined;
  const end = text.charCodeAt(close + 1) === colon ? digitsEnd(text, close + 2) : close + 1;
  const isPort = end > close + 2 && end <= close + 7;
  return {
    name,
    helo,
    ip,
    port: isPort ? wholeAt(text, close + 2, end) : undefined,
    end: isPort ? end : close + 1,
  };
}

export function putClient(event: MailEvent, host: EximHost): void {
  if (host.name !== undefined) event.clientName = host.name;
  if (host.helo !== undefined) event.helo = host.helo;
  if (host.ip !== undefined) event.clientIp = host.ip;
  if (host.port !== undefined) event.clientPort = host.port;
}

export function putRelay(event: MailEvent, host: EximHost): void {
  const relay = host.name ?? host.ip;
  if (relay !== undefined) event.relay = relay;
  if (host.ip !== undefined) event.relayIp = host.ip;
  if (host.port !== undefined) event.relayPort = host.port;
}

/**
 * `host mx.far.example [192.0.2.1]: 550 ...`, `SMTP error from remote mail server after RCPT TO:<a>: host mx [ip]: ...`, and as Exim wrote it before it
 * put `H=` in front `Remote host mx [ip] closed connection ...`, `SMTP timeout while connected to mx [ip] after ...`.
 */
export function putHostOfReason(event: MailEvent, reason: string): void {
  const begin = named.exec(reason);
  const host = begin === null ? undefined : readHost(reason, begin.index + begin[0].length);
  if (host !== undefined) putRelay(event, host);
}

const named = /(?:^|: )(?:host |Remote host (?=.*closed connection)|SMTP timeout while connected to )/;

/** Logs that are shown to others have something else in the place of addresses: `x.x.x.x`, `198.51.100.*`, `<ip>`. */
function isWrittenOver(text: string, start: number, end: number): boolean {
  return end > start && end - start <= longestAddress && /^[\w.:*<>-]+$/.test(text.slice(start, end));
}
const longestAddress = 64;
const colon = 58;
const openParenthesis = 40;
const openBracket = 91;
