import type { MailEvent } from "../../../core/event.ts";
import { canonicalIpAt } from "../../syslog/ip.ts";

/** Small readers that the line kinds share. All work on positions, so that a line is cut up only where a value is kept. */

/** `name[ip]:port` as it stands at the end of, or within, a line. */
export interface Peer {
  name: string;
  ip: string | undefined;
  port: number | undefined;
  /** Behind it. */
  end: number;
}

/** Reads a peer that begins at `start`; undefined when none stands there. A local socket's path gives no ip. */
export function readPeer(text: string, start: number): Peer | undefined {
  const open = text.indexOf("[", start);
  if (open < 0) return undefined;
  const close = text.indexOf("]", open);
  if (close < 0) return undefined;
  const name = text.slice(start, open);
  if (name.includes(" ")) return undefined;
  const peer: Peer = { name, ip: canonicalIpAt(text, open + 1, close), port: undefined, end: close + 1 };
  if (text.charCodeAt(close + 1) === colon) {
    const end = digitsEnd(text, close + 2);
    if (end > close + 2) {
      peer.port = wholeAt(text, close + 2, end);
      peer.end = end;
    }
  }
  return peer;
}

export function putClient(event: MailEvent, peer: Peer): void {
  if (peer.name !== "") event.clientName = peer.name;
  if (peer.ip !== undefined) event.clientIp = peer.ip;
  if (peer.port !== undefined && peer.port <= highestPort) event.clientPort = peer.port;
}

export function putRelay(event: MailEvent, peer: Peer): void {
  if (peer.name !== "") event.relay = peer.name;
  if (peer.ip !== undefined) event.relayIp = peer.ip;
  if (peer.port !== undefined && peer.port <= highestPort) event.relayPort = peer.port;
}

/** `450 4.7.1 text` or `4.7.1 text` at `start`: code and dsn into the event, the text as its reason. */
export function putReply(event: MailEvent, text: string, start: number, end: number): void {
  let at = start;
  if (isDigit(text, at) && isDigit(text, at + 1) && isDigit(text, at + 2) && !isDigit(text, at + 3)) {
    const code = Number(text.slice(at, at + 3));
    const next = text.charCodeAt(at + 3);
    if (code >= 200 && code < 600 && (next === space || next === dash || at + 3 >= end)) {
      event.code = code;
      at += 4;
    }
  }
  const dsnEnd = readDsnEnd(text, at);
  if (dsnEnd > at) {
    event.dsn = text.slice(at, dsnEnd);
    at = dsnEnd + 1;
  }
  if (at < end) event.reason = text.slice(at, end);
}

/** Behind an RFC 3463 code at `start`, or `start` when there is none. */
export function readDsnEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if ((first !== 50 && first !== 52 && first !== 53) || text.charCodeAt(start + 1) !== dot) return start;
  const second = digitsEnd(text, start + 2);
  if (second === start + 2 || second > start + 5 || text.charCodeAt(second) !== dot) return start;
  const end = digitsEnd(text, second + 1);
  return end === second + 1 || end > second + 4 || text.charCodeAt(end) === dot ? start : end;
}

/**
 * The session facts behind a reject: `from=<a> to=<b> proto=ESMTP helo=<c>`, with or without commas between them.
 * A quoted address may hold anything, so a value ends only where the next known key or the end follows.
 * Returns where it stopped.
 */
export function readSession(event: MailEvent, text: string, start: number): number {
  let at = start;
  for (;;) {
    while (text.charCodeAt(at) === space || text.charCodeAt(at) === comma || text.charCodeAt(at) === semicolon) at++;
    const equals = text.indexOf("=", at);
    if (equals < 0 || equals - at > 14) return at;
    const key = text.slice(at, equals);
    if (!sessionKeys.has(key)) return at;
    const angled = text.charCodeAt(equals + 1) === less;
    const end = angled ? angledEnd(text, equals + 2) : plainEnd(text, equals + 1);
    putSession(event, key, text.slice(equals + (angled ? 2 : 1), end));
    at = angled ? end + 1 : end;
  }
}

const sessionKeys = new Set(["from", "to", "proto", "helo", "sasl_method", "sasl_username", "sasl_sender"]);

function putSession(event: MailEvent, key: string, value: string): void {
  if (key === "from") event.from = value;
  else if (key === "to") event.to = value;
  else if (key === "proto") event.proto = value;
  else if (key === "helo") event.helo = value;
  else if (key === "sasl_method") event.saslMethod = value;
  else if (key === "sasl_username") event.saslUsername = value;
}

function angledEnd(text: string, start: number): number {
  let at = text.charCodeAt(start) === quote ? quotedEnd(text, start) : start;
  for (;;) {
    at = text.indexOf(">", at);
    if (at < 0) return text.length;
    const next = text.charCodeAt(at + 1);
    if (Number.isNaN(next) || next === colon) return at;
    if (next === space || next === comma || next === semicolon) {
      const key = next === space ? at + 2 : at + 3;
      const equals = text.indexOf("=", key);
      if (equals > 0 && equals - key <= 14 && sessionKeys.has(text.slice(key, equals))) return at;
    }
    at++;
  }
}

/** Behind the closing quote of a local part such as `"a > b"`; the start when it is not closed. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
  return start;
}

function plainEnd(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === space || code === comma || code === semicolon) break;
    if (code === colon && text.charCodeAt(at + 1) === space) break;
  }
  return at;
}

/** The address that stands at `start`, with or without angle brackets, up to `, ` or the end. */
export function addressAt(text: string, start: number): { value: string; end: number } {
  if (text.charCodeAt(start) !== less) {
    const stop = text.indexOf(",", start);
    const end = stop < 0 ? text.length : stop;
    return { value: text.slice(start, end), end };
  }
  // A local part may hold ">" and ",": the address ends at a ">" behind its quotation, if any, that another key or nothing follows.
  let end = text.indexOf(">", text.charCodeAt(start + 1) === quote ? quotedEnd(text, start + 1) : start);
  while (end >= 0 && end + 1 < text.length && !keyFollows(text, end + 1)) end = text.indexOf(">", end + 1);
  if (end < 0) end = text.length;
  return { value: text.slice(start + 1, end), end: Math.min(end + 1, text.length) };
}

/** `, size=` and the like. */
function keyFollows(text: string, start: number): boolean {
  if (text.charCodeAt(start) !== comma || text.charCodeAt(start + 1) !== space) return false;
  for (let at = start + 2; at < start + 16; at++) {
    const code = text.charCodeAt(at);
    if (code === equalsSign) return at > start + 2;
    if (code !== underscore && !(code >= 97 && code <= 122)) return false;
  }
  return false;
}

/** The number that stands there, or undefined when it is none. */
export function numberAt(text: string, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  let value = 0;
  let scale = 0;
  // Fifteen digits and their power of ten are exact, so that the quotient is what `Number` gives.
  if (end - start <= 15)
    for (let at = start; ; at++) {
      if (at === end) return scale === 0 ? value : value / scale;
      const code = text.charCodeAt(at);
      if (code === dot && scale === 0 && at > start && at + 1 < end) scale = 1;
      else if (code >= 48 && code <= 57) {
        value = value * 10 + code - 48;
        scale *= 10;
      } else break;
    }
  const other = Number(text.slice(start, end));
  return Number.isFinite(other) ? other : undefined;
}

/** Of digits only; more of them than a number can hold are the greatest. */
export function wholeAt(text: string, start: number, end: number): number {
  return numberAt(text, start, end) ?? Number.MAX_SAFE_INTEGER;
}

export function digitsEnd(text: string, start: number): number {
  let at = start;
  while (isDigit(text, at)) at++;
  return at;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

const highestPort = 65_535;
const space = 32;
const quote = 34;
const comma = 44;
const dash = 45;
const dot = 46;
const colon = 58;
const semicolon = 59;
const less = 60;
const equalsSign = 61;
const backslash = 92;
const underscore = 95;
