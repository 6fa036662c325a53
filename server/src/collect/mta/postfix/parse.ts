import type { MailEvent } from "../../../core/event.ts";
import type { LineBlock } from "../../../core/line-block.ts";
import { blankEvent } from "../../blank-event.ts";
import { readFilter } from "../../filter/index.ts";
import { type AnyLineReader, isPlain, lineReader, textIn } from "../../quick/line-reader.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { createHeaderReader, type LineHeader } from "../../syslog/header.ts";
import { lostLines } from "../../syslog/loss.ts";
import { repeat } from "../../syslog/parser.ts";
import { repeatsLast } from "../../syslog/repeated.ts";
import { unwrapped } from "../../syslog/wrapped.ts";
import { readBody } from "./body.ts";
import { queueIdLength } from "./queue-id.ts";
import { readQuickLine } from "./quick/body.ts";
import { QuickHead } from "./quick/head.ts";
import { TlsSides } from "./tls-sides.ts";

/**
 * A parser for the log of one Postfix. It remembers the clock's year: one per log. Lines in blocks are read the quick way
 * where they are of the commonest kinds, and any other the way that reads everything: both give the same.
 */
export function createPostfixParser({ clock }: { readonly clock: LogClock }): AnyLineReader {
  const readHeader = createHeaderReader(clock);
  const head = new QuickHead();
  const tlsSides = new TlsSides();
  let last: MailEvent = { event: "other" };

  const read = (header: LineHeader, text: string): MailEvent => {
    const event = blankEvent();
    putHeader(event, header);
    // Nearly no line begins so.
    const first = text.charCodeAt(header.bodyStart);
    const repeated = first === letterL || first === dash ? repeatsLast(text.slice(header.bodyStart)) : undefined;
    if (repeated === undefined) {
      readText(event, header, text);
      if (header.process.endsWith("tlsproxy")) tlsSides.settle(event);
      last = event;
    } else repeat(event, last, repeated);
    return event;
  };

  const readWhole = (given: string): MailEvent => {
    head.forget();
    const text = unwrapped(given);
    return read(readHeader(text), text);
  };

  const inBlock = (block: LineBlock, start: number, end: number): MailEvent => {
    if (!isPlain(block, start, end)) return readWhole(textIn(block, start, end));
    if (head.read(block, start, end)) {
      const event = readQuickLine(head, block, end);
      if (event !== null) return (last = event);
    }
    const given = textIn(block, start, end);
    const text = unwrapped(given);
    const header = readHeader(text);
    if (text === given) head.follow(block, start, header);
    else head.forget();
    return read(header, text);
  };

  return lineReader(readWhole, inBlock);
}

function readText(event: MailEvent, header: LineHeader, text: string): void {
  const behind = header.bodyStart === 0 ? text : text.slice(header.bodyStart);
  const whole = isBare(header) ? `${header.process}: ${behind}` : behind;
  const body = whole.endsWith(" ") ? whole.trimEnd() : whole;
  // Of all those who write a log, neither the logger nor a filter has a name that begins so.
  if (header.process.charCodeAt(0) === letterP && body.charCodeAt(0) !== letterM) {
    readBody(event, body);
    return;
  }
  if (body.startsWith("message repeated ")) {
    const repeated = /^message repeated (\d{1,9}) times: \[ ?([^]*?)\]?$/.exec(body);
    if (repeated !== null) {
      readBody(event, repeated[2] ?? "");
      event.repeated = Number(repeated[1]);
      return;
    }
  }
  if (readFilter(event, body)) return;
  const lost = lostLines(header.process, body);
  if (lost === undefined) readBody(event, body);
  else {
    event.event = "warning";
    event.reason = body;
    event.lostLines = lost;
  }
}

/** Text without a header, or behind a time alone: what looks like a tag is the queue id. */
function isBare({ host, pid, process }: LineHeader): boolean {
  return host === "" && process !== "" && Number.isNaN(pid) && queueIdLength(`${process}: `) > 0;
}

function putHeader(event: MailEvent, header: LineHeader): void {
  if (!Number.isNaN(header.atMs)) event.atMs = header.atMs;
  if (header.host !== "") event.host = header.host;
  if (header.process !== "" && !isBare(header)) event.process = header.process;
  if (!Number.isNaN(header.pid)) event.pid = header.pid;
}

const dash = 45;
const letterL = 108;
const letterM = 109;
const letterP = 112;
