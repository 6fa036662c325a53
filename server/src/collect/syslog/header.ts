import type { LogClock } from "./clock.ts";
import { afterContainer, afterLevel, afterMessageId, afterZoneName } from "./decoration.ts";
import {
  type LineHeader,
  readNumber,
  readStructured,
  readTag,
  readTagged,
  skipBlanks,
  skipSpaces,
  tagEndAt,
} from "./tag.ts";
import { readTime, type ReadTime } from "./time.ts";

export type { LineHeader };

/**
 * Reads the headers of one log: RFC 3164 (with or without year, with or without priority), RFC 5424 (with or without
 * priority), and the ISO 8601 form that rsyslog writes to files; in front of each may stand what a container's logger puts
 * there. What cannot be read is left empty; nothing throws.
 */
export function createHeaderReader(clock: LogClock): (line: string) => LineHeader {
  const header: LineHeader = { atMs: Number.NaN, host: "", process: "", pid: Number.NaN, bodyStart: 0, tagStart: 0 };
  const time: ReadTime = { atMs: Number.NaN, end: 0 };
  const last: Beginning = { text: "", head: "", tail: "", atMs: Number.NaN, host: "" };
  return (given) => {
    if (last.text !== "" && readLikeLast(given, last, header)) {
      readNested(given, clock, time, header);
      return header;
    }
    header.atMs = Number.NaN;
    header.host = "";
    header.process = "";
    header.pid = Number.NaN;
    header.bodyStart = 0;
    header.tagStart = 0;

    let line = given;
    let at = afterPriority(line);
    const versioned = isVersion(line, at);
    if (versioned) at += 2;
    readTime(line, at, clock, time);
    if (Number.isNaN(time.atMs) && at === 0) readTime(line, afterContainer(line), clock, time);
    header.atMs = time.atMs;
    if (line.charCodeAt(time.end) === tab) line = withBlanks(line);
    at = skipSpaces(line, time.end);
    if (time.end > 19 && line.charCodeAt(3) === space && line.charCodeAt(8) === dash) at = afterZoneName(line, at);
    if (!versioned && time.end > 0) at = readInnerTime(line, at, clock, time, header);
    at = skipSpaces(line, afterLevel(line, at));
    if (versioned) readStructured(line, isNil(line, at) && Number.isNaN(header.atMs) ? at + 2 : at, header);
    else {
      readTagged(line, at, header);
      remember(line, at, header, last);
      readRelayed(line, clock, time, header);
    }
    readNested(line, clock, time, header);
    return header;
  };
}

/** A template may part time, host and tag by tabs. What stands where stays so. */
const withBlanks = (line: string): string => line.slice(0, longestHead).replaceAll("\t", " ") + line.slice(longestHead);

/** `1 ` behind a priority, or before a date where a priority was cut off. */
function isVersion(line: string, at: number): boolean {
  if (line.charCodeAt(at) !== one || line.charCodeAt(at + 1) !== space) return false;
  return at > 0 || isDateAt(line, at + 2);
}

function isDateAt(line: string, at: number): boolean {
  return line.charCodeAt(at + 4) === dash && line.charCodeAt(at + 10) === letterT;
}

function isNil(line: string, at: number): boolean {
  return line.charCodeAt(at) === dash && line.charCodeAt(at + 1) === space;
}

/**
 * Behind the time of a container's logger (`TIME stdout F `, or `docker logs -t`) stands what the program wrote: a time of
 * its own is the nearer one.
 */
function readInnerTime(line: string, at: number, clock: LogClock, time: ReadTime, header: LineHeader): number {
  const isStream = line.startsWith("stdout ", at) || line.startsWith("stderr ", at);
  const start = isStream && line.charCodeAt(at + 8) === space ? at + 9 : at;
  const outerMs = time.atMs;
  readTime(line, start, clock, time);
  if (Number.isNaN(time.atMs)) {
    time.atMs = outerMs;
    return start;
  }
  header.atMs = time.atMs;
  return skipSpaces(line, time.end);
}

/** A relay that takes RFC 5424 for text puts a time and a host before it, and no tag: `TIME host 1 2026-... host app 1 - - text`. */
function readRelayed(line: string, clock: LogClock, time: ReadTime, header: LineHeader): void {
  const start = header.bodyStart;
  if (header.process !== "" || !line.startsWith("1 ", start) || !isDateAt(line, start + 2)) return;
  readTime(line, start + 2, clock, time);
  if (Number.isNaN(time.atMs)) return;
  header.atMs = time.atMs;
  readStructured(line, skipSpaces(line, time.end), header);
}

/**
 * A logger that takes what a program prints puts a header of its own before the one that Postfix wrote (`maillog_file`): the
 * inner one counts, where it has a process and its number.
 */
function readNested(line: string, clock: LogClock, time: ReadTime, header: LineHeader): void {
  const start = header.bodyStart;
  const isDated = line.charCodeAt(start + 3) === space || line.charCodeAt(start + 4) === dash;
  if (start === 0 || !(isDated || line.startsWith("postfix", start))) return;
  const { atMs, host, process, pid } = header;
  if (isDated) {
    const first = line.charCodeAt(start);
    if (!(first >= 65 && first <= 83) && line.charCodeAt(start + 7) !== dash) return;
    readTime(line, start, clock, time);
    if (Number.isNaN(time.atMs)) return;
    header.atMs = time.atMs;
  } else if (!innerTag.test(line.slice(start, start + 100))) return;
  header.pid = Number.NaN;
  readTagged(line, isDated ? afterLevel(line, skipSpaces(line, time.end)) : start, header);
  if (!Number.isNaN(header.pid)) header.tagStart = 0;
  else Object.assign(header, { atMs, host, process, pid, bodyStart: start });
}
const innerTag = /^postfix[\w.-]*(?:\/[\w.-]+)+\[\d{1,10}\]: /;

/** Time and host of a line: nearly every line begins as the one before it, and a clock says the same of the same text. */
interface Beginning {
  /** Empty: nothing to compare with. */
  text: string;
  /** The same in two parts: engines compare short parts at once, and longer ones a character at a time. */
  head: string;
  tail: string;
  atMs: number;
  host: string;
}

function remember(line: string, hostStart: number, header: LineHeader, last: Beginning): void {
  const { atMs, host, process } = header;
  last.text = "";
  if (Number.isNaN(atMs) || host === "" || process === "") return;
  last.text = line.slice(0, skipSpaces(line, hostStart + host.length));
  last.head = last.text.slice(0, headLength);
  last.tail = last.text.slice(headLength);
  last.atMs = atMs;
  last.host = host;
  header.tagStart = last.text.length;
}

/** False when the line begins otherwise, or no tag follows. */
function readLikeLast(line: string, { text, head, tail, atMs, host }: Beginning, header: LineHeader): boolean {
  const start = text.length;
  if (line.slice(0, headLength) !== head || line.slice(headLength, start) !== tail) return false;
  const end = tagEndAt(line, start);
  // A blank more, and the tag begins further on.
  if (line.charCodeAt(start) === space || line.charCodeAt(end - 1) !== colon) return false;
  header.atMs = atMs;
  header.host = host;
  header.tagStart = start;
  header.process = "";
  header.pid = Number.NaN;
  readTag(line, start, end - 1, header);
  header.bodyStart = afterMessageId(line, skipBlanks(line, end));
  return true;
}

function afterPriority(line: string): number {
  const start = afterOctetCount(line);
  if (line.charCodeAt(start) !== less) return 0;
  const close = line.indexOf(">", start);
  return close > start + 1 && close < start + 6 && !Number.isNaN(readNumber(line, start + 1, close)) ? close + 1 : 0;
}

/** Over TCP the length may stand in front: `98 <22>1 2026-...` (RFC 6587, 3.4.1). */
function afterOctetCount(line: string): number {
  const blank = line.indexOf(" ");
  if (blank < 1 || blank > 6 || line.charCodeAt(blank + 1) !== less) return 0;
  return Number.isNaN(readNumber(line, 0, blank)) ? 0 : blank + 1;
}

/** "Nov  3 01:02" */
const headLength = 12;
const longestHead = 400;
const tab = 9;
const space = 32;
const dash = 45;
const one = 49;
const colon = 58;
const less = 60;
const letterT = 84;
