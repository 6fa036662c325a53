import type { MailEvent } from "../../../core/event.ts";
import type { LineBlock } from "../../../core/line-block.ts";
import { blankEvent } from "./blank-event.ts";
import { readFilter } from "../../filter/index.ts";
import { Beginning } from "../../quick/beginning.ts";
import { type AnyLineReader, isPlain, lineReader, textIn } from "../../quick/line-reader.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { afterContainer } from "../../syslog/decoration.ts";
import { createHeaderReader, type LineHeader } from "../../syslog/header.ts";
import { readTime, type ReadTime } from "../../syslog/time.ts";
import { unwrapped } from "../../syslog/wrapped.ts";
import { readFlagged } from "./flagged.ts";
import { idPattern } from "./id-time.ts";
import { readQuickLine } from "./quick/line.ts";
import { readRefusal } from "./refusal.ts";
import { RefusedHeader } from "./refused-header.ts";
import { readSession } from "./session.ts";
import { UntoldReason } from "./untold-reason.ts";
import { partAt, type SyslogPart, SyslogParts } from "./syslog-parts.ts";

/**
 * A parser for mainlog, rejectlog and paniclog of one Exim (Exim specification, chapter 53 "Log files"), with whatever log
 * selectors, written by Exim itself or through syslog. Never throws: what is not understood is `other`. Lines in blocks are
 * read the quick way where they are of the commonest kinds, and any other the way that reads everything: both give the same.
 */
export function createEximParser({ clock }: { readonly clock: LogClock }): AnyLineReader {
  const time: LineTime = { atMs: Number.NaN, end: 0, head: "", tail: "", lastMs: Number.NaN };
  const readHeader = createHeaderReader(clock);
  const stamp = new Beginning();
  const header = new RefusedHeader();
  const parts = new SyslogParts();
  const untold = new UntoldReason();

  const read = (line: string): MailEvent => {
    const event = blankEvent();
    if (!isDigit(line.charCodeAt(0)) && header.read(event, line)) return event;
    readOwn(event, line);
    untold.complete(event);
    header.begin(event);
    return event;
  };

  const readOwn = (event: MailEvent, line: string): void => {
    // A priority: no file of Exim's has one, syslog's wire has.
    const at = line.charCodeAt(0) === less ? putHeader(event, readHeader(line)) : 0;
    const { end, part, level, isDone } = readHead(event, line, at, clock, time);
    if (part !== null && part.number > 1) return parts.goOn(event, line.slice(end), part);
    const text = withoutDnssec(line.slice(isDone ? end : readIds(event, line, end)));
    if (readNeighbour(event, text)) return;
    if (!readFlagged(event, text) && !readRefusal(event, text)) readSession(event, text);
    if (event.process !== undefined) parts.begin(event, text, part, level);
  };

  const readWhole = (line: string): MailEvent => {
    stamp.length = 0;
    return read(withoutBlanks(unwrapped(line)));
  };

  /** Another time than that of the line before; false when it stands in another form. */
  const readNext = (block: LineBlock, start: number): boolean => {
    stamp.length = 0;
    const from = start - block.base;
    if (block.bytes[start + stampLength - 1] !== space) return false;
    readTime(block.text, from, clock, time);
    if (time.end !== from + stampLength - 1 || Number.isNaN(time.atMs)) return false;
    time.head = "";
    time.lastMs = time.atMs;
    return stamp.remember(block, start, stampLength);
  };

  const inBlock = (block: LineBlock, start: number, given: number): MailEvent => {
    const end = block.bytes[given - 1] === space ? pastText(block, start, given) : given;
    if (!isPlain(block, start, end)) return readWhole(textIn(block, start, end));
    const text = start + stampLength;
    const isAlone = text < end && !isZoneSign(block.bytes[text] ?? 0);
    if (isAlone && (stamp.stands(block, start, end) || readNext(block, start))) {
      const event = blankEvent();
      event.atMs = time.lastMs;
      if (readQuickLine(event, block, text, end)) {
        header.begin(event);
        return event;
      }
    }
    const line = textIn(block, start, end);
    // What stands in JSON, or behind a priority, does not begin with the time that was remembered last.
    if (!isDigit(line.charCodeAt(0))) return readWhole(line);
    const event = read(line);
    if (time.head === "" || text >= end) stamp.length = 0;
    else stamp.remember(block, start, stampLength);
    return event;
  };

  return lineReader(readWhole, inBlock);
}

/** Blanks at the end say nothing. */
function pastText({ bytes }: LineBlock, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === space) at--;
  return at;
}

function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === space) end--;
  return end === line.length ? line : line.slice(0, end);
}

/** `2026-11-23 20:19:21 `. */
const stampLength = 20;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isZoneSign = (code: number): boolean => code === plus || code === dash || code === space;

interface Head {
  readonly end: number;
  readonly part: SyslogPart | null;
  /** How urgent syslog has it, as the line states it; undefined where it does not. */
  readonly level: string | undefined;
  /** Nothing more stands before the text. */
  readonly isDone: boolean;
}

/** Time, perhaps syslog's host and tag, which part of what it is, and Exim's own time. */
function readHead(event: MailEvent, line: string, from: number, clock: LogClock, time: LineTime): Head {
  let at = from > 0 ? readStamp(event, line, from, clock, time) : readFirstStamp(event, line, clock, time);
  if (event.atMs === undefined && at === 0) at = readStamp(event, line, afterContainer(line), clock, time);
  if (line.startsWith("stdout ", at) || line.startsWith("stderr ", at))
    at = readStamp(event, line, at + 9, clock, time);
  const idEnd = idEndAt(line, at);
  // Before an id and a flag stands neither a tag nor a process.
  if (idEnd > at && (isFlag(line, idEnd + 1) || line.slice(idEnd) === " Completed"))
    return { end: putId(event, line, at, idEnd), part: null, level: undefined, isDone: true };
  const tag = syslogTag.exec(line.slice(at, at + longestTag));
  let level = from > 0 ? line.slice(0, line.indexOf(">")) : undefined;
  if (tag !== null) {
    const [whole, host, named, process, pid] = tag;
    level ??= named;
    if (host !== undefined) event.host = host;
    if (process !== undefined) event.process = process;
    if (pid !== undefined) event.pid = Number(pid);
    at += whole.length;
  }
  const part = partAt(line, at);
  if (part !== null) at += part.length;
  const isBegun = part !== null && part.number > 1;
  if (!isBegun && (tag !== null || part !== null)) at = readStamp(event, line, at, clock, time);
  return { end: at, part, level, isDone: false };
}

/** `[pid]` and the message id. Returns where the text begins. */
function readIds(event: MailEvent, line: string, start: number): number {
  let at = start;
  const own = ownPid.exec(line.slice(at, at + 16));
  if (own !== null) {
    event.pid = Number(own[1]);
    at += own[0].length;
  }
  const end = idEndAt(line, at);
  return end === at ? at : putId(event, line, at, end);
}

function putHeader(event: MailEvent, { atMs, host, process, pid, bodyStart }: LineHeader): number {
  if (!Number.isNaN(atMs)) event.atMs = atMs;
  if (host !== "") event.host = host;
  if (process !== "") event.process = process;
  if (!Number.isNaN(pid)) event.pid = pid;
  return bodyStart;
}

/** Behind the message id that stands there; the place itself when none does. */
function idEndAt(line: string, at: number): number {
  if (line.charCodeAt(at + 6) !== dash) return at;
  const id = messageId.exec(line.slice(at, at + 26));
  return id === null ? at : at + (id[1] ?? "").length;
}

/** Returns where the text begins. */
function putId(event: MailEvent, line: string, start: number, end: number): number {
  event.queueId = line.slice(start, end);
  return line.charCodeAt(end) === space ? end + 1 : end;
}

/** `<= `, `=> ` and the like. */
function isFlag(line: string, at: number): boolean {
  const second = line.charCodeAt(at + 1);
  const ends = second === equals || second === greater || second === asterisk;
  return ends && line.charCodeAt(at + 2) === space;
}

/** The time of a line, and of the last one that began with a plain one: nearly every line begins as the one before it. */
interface LineTime extends ReadTime {
  /** `2026-11-23 ` and `20:19:21`, apart: engines compare short texts at once. Empty when there is none to compare with. */
  head: string;
  tail: string;
  lastMs: number;
}

function readFirstStamp(event: MailEvent, line: string, clock: LogClock, time: LineTime): number {
  const head = line.slice(0, 11);
  const tail = line.slice(11, 19);
  const next = line.charCodeAt(20);
  // Neither a fraction nor a zone follows.
  const isPlain = line.charCodeAt(19) === space && next !== plus && next !== dash && next !== space;
  if (isPlain && tail === time.tail && head === time.head) {
    event.atMs = time.lastMs;
    return 20;
  }
  const at = readStamp(event, line, 0, clock, time);
  time.head = "";
  if (!isPlain || at !== 20) return at;
  time.head = head;
  time.tail = tail;
  time.lastMs = time.atMs;
  return at;
}

/** A content filter that logs beside Exim through syslog. */
function readNeighbour(event: MailEvent, text: string): boolean {
  const tag =
    event.process === undefined && event.queueId === undefined ? filterTag.exec(text.slice(0, longestTag)) : null;
  if (tag === null) return false;
  event.host = tag[1] ?? "";
  event.process = tag[2] ?? "";
  if (tag[3] !== undefined) event.pid = Number(tag[3]);
  return readFilter(event, text.slice(tag[0].length));
}

const filterTag = /^([\w.:-]{1,255}) ((?:amavis|clam|spamd|rspamd)[\w@.-]{0,32})(?:\[(\d{1,10})\])?: /;

/** ` DSH=name [ip] ...`: a client whose name DNSSEC vouches for, before the host of a refusal (log selector `dnssec`). */
const withoutDnssec = (text: string): string =>
  /^ ?DSH=/.test(text.slice(0, 5)) ? text.slice(text.indexOf("H")) : text;

function readStamp(event: MailEvent, line: string, start: number, clock: LogClock, time: ReadTime): number {
  readTime(line, start, clock, time);
  if (Number.isNaN(time.atMs)) return start;
  event.atMs = time.atMs;
  let at = time.end;
  while (line.charCodeAt(at) === space) at++;
  return at;
}

const syslogTag =
  /^(?:([\w.:-]{1,255}) )?(?:mail\.([a-z]{3,7}) )?((?:\S{0,64}\/)?exim[\w.-]{0,32})(?:\[(\d{1,10})\])?: /;
const longestTag = 400;
const ownPid = /^\[(\d{1,10})\] /;
/** 6-6-2 base 62; since Exim 4.97 6-11-4. */
const messageId = new RegExp(`^(${idPattern})(?: |$)`);
const space = 32;
const asterisk = 42;
const plus = 43;
const dash = 45;
const less = 60;
const equals = 61;
const greater = 62;
