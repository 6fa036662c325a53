import { afterFacility, afterMessageId } from "./decoration.ts";

/** What stands before the text of a log line. Reused by its reader for every line: copy what is to be kept. */
export interface LineHeader {
  /** NaN when the line states no time. */
  atMs: number;
  host: string;
  /** The tag before `[pid]`. */
  process: string;
  /** NaN when the line states none. */
  pid: number;
  /** Where the text begins. */
  bodyStart: number;
  /** Where the tag begins, when what stands before it is a time and a host that the next line may begin with too; else 0. */
  tagStart: number;
}

/** `host tag[pid]: text`; the host may be missing. */
export function readTagged(line: string, at: number, header: LineHeader): void {
  let start = at;
  let end = tagEndAt(line, start);
  if (line.charCodeAt(end - 1) !== colon) {
    // Without a time, a first word that no tag follows is no host but text that we do not know.
    const tagStart = afterFacility(line, skipSpaces(line, end));
    const tagEnd = tagEndAt(line, tagStart);
    const tagged = line.charCodeAt(tagEnd - 1) === colon;
    if (!tagged && Number.isNaN(header.atMs)) {
      header.bodyStart = at;
      return;
    }
    if (!tagged && withoutVersion.test(line.slice(start, start + 400))) {
      readStructured(line, start, header);
      return;
    }
    header.host = line.slice(start, end);
    if (!tagged) {
      header.bodyStart = tagStart;
      return;
    }
    start = tagStart;
    end = tagEnd;
  }
  readTag(line, start, end - 1, header);
  header.bodyStart = afterMessageId(line, skipBlanks(line, end));
}

/** RFC 5424 behind its time, where priority and version were cut off: `host app procid msgid - text`. */
const withoutVersion = /^\S+ \S+ (?:\d{1,10}|-) \S+ (?:- |\[)/;

/** Behind `tag[pid]:`, which text may follow at once, or behind the word. */
export function tagEndAt(line: string, start: number): number {
  const end = wordEnd(line, start);
  const word = line.slice(start, end);
  const close = word.indexOf("]:");
  if (close < 0 || close + 2 === word.length) return end;
  const open = word.lastIndexOf("[", close);
  return open > 0 && !Number.isNaN(readNumber(word, open + 1, close)) ? start + close + 2 : end;
}

export function readTag(line: string, start: number, end: number, header: LineHeader): void {
  let tagEnd = end;
  if (line.charCodeAt(end - 1) === closeBracket) {
    let open = line.indexOf("[", start);
    let pid = readNumber(line, open + 1, end - 1);
    // Behind a bracket that only digits follow no other can stand.
    if (Number.isNaN(pid)) {
      open = line.lastIndexOf("[", end);
      pid = readNumber(line, open + 1, end - 1);
    }
    if (open > start) {
      tagEnd = open;
      if (!Number.isNaN(pid)) header.pid = pid;
    }
  }
  header.process = line.slice(start, tagEnd);
}

/** RFC 5424: `host app procid msgid structured-data text`, each `-` when not stated. */
export function readStructured(line: string, at: number, header: LineHeader): void {
  const hostEnd = wordEnd(line, at);
  const appEnd = wordEnd(line, hostEnd + 1);
  const pidEnd = wordEnd(line, appEnd + 1);
  const idEnd = wordEnd(line, pidEnd + 1);
  const host = line.slice(at, hostEnd);
  const app = line.slice(hostEnd + 1, appEnd);
  if (host !== "-") header.host = host;
  if (app !== "-") readTag(line, hostEnd + 1, appEnd, header);
  const pid = readNumber(line, appEnd + 1, pidEnd);
  if (!Number.isNaN(pid)) header.pid = pid;
  let body = idEnd + 1;
  if (line.charCodeAt(body) === openBracket) {
    let quoted = false;
    for (; body < line.length; body++) {
      const code = line.charCodeAt(body);
      if (code === backslash && quoted) body++;
      else if (code === quote) quoted = !quoted;
      else if (code === closeBracket && !quoted && line.charCodeAt(body + 1) !== openBracket) break;
    }
    body++;
  } else if (line.charCodeAt(body) === dash) body++;
  if (line.charCodeAt(body) === space) body++;
  if (line.charCodeAt(body) === byteOrderMark) body++;
  // rsyslog keeps the blank that stood behind the tag.
  header.bodyStart = Math.min(skipSpaces(line, body), line.length);
}

export function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === space) at++;
  return at;
}

export function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === space || line.charCodeAt(at) === tab) at++;
  return at;
}

function wordEnd(line: string, from: number): number {
  const end = line.indexOf(" ", from);
  return end < 0 ? line.length : end;
}

export function readNumber(line: string, start: number, end: number): number {
  if (end <= start || end - start > 10) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const tab = 9;
const space = 32;
const quote = 34;
const dash = 45;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
export const byteOrderMark = 0xfeff;
