import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { peer, readPeerIn } from "../../../quick/peer.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { cut } from "../../../quick/texts.ts";
import { words } from "./seen.ts";

/** `connect from host[ip]`, `disconnect from host[ip] ehlo=1 ...`: the peer begins at `start`. */
export function readQuickSession(
  event: MailEvent,
  block: LineBlock,
  kind: "connect" | "disconnect",
  start: number,
  end: number,
): boolean {
  if (readPeerIn(block, start, end) < 0) return false;
  event.event = kind;
  putQuickClient(event, block, start);
  return true;
}

/** `client=host[ip]`, with a login or with what a filter passes on. */
export function readQuickClient(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { view } = block;
  if (!stands(view, start, end, client)) return false;
  const at = readPeerIn(block, start + 7, end);
  if (at < 0) return false;
  event.event = "client";
  putQuickClient(event, block, start + 7);
  if (at === end) return true;
  if (stands(view, at, end, original)) return !hasLogin(block, at, end);
  if (!stands(view, at, end, method)) return false;
  const comma = indexIn(block.view, commaCode, at + 14, end);
  if (comma < 0 || !stands(view, comma, end, user)) return false;
  // A comma in the name, or more behind it.
  if (indexIn(block.view, commaCode, comma + 16, end) >= 0) return false;
  event.saslMethod = words.of(block, at + 14, comma);
  event.saslUsername = cut(block, comma + 16, end);
  return true;
}

export function putQuickClient(event: MailEvent, block: LineBlock, start: number): void {
  if (peer.nameEnd > start) event.clientName = cut(block, start, peer.nameEnd);
  if (peer.ip !== undefined) event.clientIp = peer.ip;
  if (peer.port >= 0) event.clientPort = peer.port;
}

function hasLogin({ bytes }: LineBlock, start: number, end: number): boolean {
  for (let at = start; at + 2 < end; at++) if (bytes[at] === commaCode && bytes[at + 2] === letterS) return true;
  return false;
}

const client = phrase("client=");
const method = phrase(", sasl_method=");
const user = phrase(", sasl_username=");
const original = phrase(", orig_");
const commaCode = 44;
const letterS = 115;
