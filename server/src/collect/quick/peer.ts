import type { LineBlock } from "../../core/line-block.ts";
import { canonicalIpAt, firstOf } from "../syslog/ip.ts";
import { indexIn, pastDigits, wholeOf } from "./bytes.ts";

/** `name[address]:port`; the last that was read, because one object for each of millions costs. */
export const peer = {
  nameEnd: 0,
  ip: undefined as string | undefined,
  /** -1 without. */
  port: -1,
};

/** Reads the peer whose name begins at `start` into `peer`. Returns the place behind it, or -1 when it is for others to read. */
export function readPeerIn(block: LineBlock, start: number, end: number): number {
  const { bytes } = block;
  let at = start;
  for (; at < end; at++) {
    const code = bytes[at] ?? 0;
    if (code === openBracket) break;
    if (code === space) return -1;
  }
  peer.nameEnd = at;
  at = readIp(block, at + 1, end);
  if (at < 0) return -1;
  peer.port = -1;
  if (bytes[at + 1] !== colon || at + 1 >= end) return at + 1;
  const portEnd = pastDigits(bytes, at + 2, end);
  if (portEnd === at + 2) return at + 1;
  peer.port = wholeOf(bytes, at + 2, portEnd);
  return peer.port < 0 || peer.port > highestPort ? -1 : portEnd;
}

/** Reads the address into `peer`, up to the bracket that closes it. A dotted one of four plain numbers is the usual one. */
export function readIp(block: LineBlock, start: number, end: number): number {
  const { bytes, view, text, base } = block;
  let at = start;
  let dots = 0;
  let part = -1;
  let address = 0;
  for (; at < end; at++) {
    const code = bytes[at] ?? 0;
    // A zero before another digit, and what is no number, are for the long way.
    if (code >= 48 && code <= 57 && part !== 0) part = part < 0 ? code - 48 : part * 10 + code - 48;
    else if ((code === dot || code === closeBracket) && part >= 0 && part <= 255) {
      address = (address << 8) | part;
      if (code === closeBracket) {
        if (dots !== 3) break;
        peer.ip = firstOf(address, text, start - base, at - base);
        return at;
      }
      part = -1;
      dots++;
    } else break;
  }
  const close = indexIn(view, closeBracket, start, end);
  if (close < 0 || indexIn(view, comma, start, close) >= 0) return -1;
  peer.ip = canonicalIpAt(text, start - base, close - base);
  return close;
}

const highestPort = 65_535;
const space = 32;
const comma = 44;
const dot = 46;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
