import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { peer, readIp } from "../../../quick/peer.ts";
import { cut } from "../../../quick/texts.ts";
import { words } from "./seen.ts";

/** `name (helo) [ip]:port`; the last that was read, its address in `peer`. Name and helo are empty where they do not stand. */
const host = { nameStart: 0, nameEnd: 0, heloStart: 0, heloEnd: 0, hasHelo: false, port: -1 };

/** Reads the host that begins at `start`. Returns the place behind it, or -1 when it is for others to read. */
export function readQuickHost(block: LineBlock, start: number, end: number): number {
  const { bytes, view } = block;
  let at = start;
  host.nameStart = start;
  if (bytes[at] !== openParenthesis && bytes[at] !== openBracket) {
    at = indexIn(view, space, at, end);
    if (at <= start) return -1;
    host.nameEnd = at;
    at++;
  } else host.nameEnd = start;
  host.hasHelo = bytes[at] === openParenthesis;
  if (host.hasHelo) {
    host.heloStart = at + 1;
    host.heloEnd = heloEnd(bytes, at, end);
    if (host.heloEnd < 0) return -1;
    at = host.heloEnd + 2;
  }
  if (at >= end || bytes[at] !== openBracket) return -1;
  const close = readIp(block, at + 1, end);
  if (close < 0 || peer.ip === undefined) return -1;
  host.port = -1;
  if (close + 1 >= end || bytes[close + 1] !== colon) return close + 1;
  let port = 0;
  let place = close + 2;
  for (let code = bytes[place] ?? 0; place < end && code >= 48 && code <= 57; code = bytes[++place] ?? 0)
    port = port * 10 + code - 48;
  if (place === close + 2) return close + 1;
  if (place > close + 7) return -1;
  host.port = port;
  return place;
}

/** Where `) [` stands: what clients call themselves may hold anything else. */
function heloEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + 2 < end; at++)
    if (bytes[at] === closeParenthesis && bytes[at + 1] === space && bytes[at + 2] === openBracket) return at;
  return -1;
}

export const hasHelo = (): boolean => host.hasHelo;

export const hasBlankInHelo = ({ view }: LineBlock): boolean =>
  host.hasHelo && indexIn(view, space, host.heloStart, host.heloEnd) >= 0;

export function putQuickClient(event: MailEvent, block: LineBlock): void {
  const { nameStart, nameEnd } = host;
  if (nameEnd > nameStart) event.clientName = cut(block, nameStart, nameEnd);
  if (host.hasHelo) event.helo = cut(block, host.heloStart, host.heloEnd);
  event.clientIp = peer.ip ?? "";
  if (host.port >= 0) event.clientPort = host.port;
}

export function putQuickRelay(event: MailEvent, block: LineBlock): void {
  const { nameStart, nameEnd } = host;
  event.relay = nameEnd > nameStart ? words.of(block, nameStart, nameEnd) : (peer.ip ?? "");
  event.relayIp = peer.ip ?? "";
  if (host.port >= 0) event.relayPort = host.port;
}

const space = 32;
const openParenthesis = 40;
const closeParenthesis = 41;
const colon = 58;
const openBracket = 91;
