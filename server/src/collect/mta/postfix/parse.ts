import type { MailEvent } from "../../../core/event.ts";
import { readFilter } from "../../filter/index.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { createHeaderReader, type LineHeader } from "../../syslog/header.ts";
import { lostLines } from "../../syslog/loss.ts";
import { repeat } from "../../syslog/parser.ts";
import { repeatsLast } from "../../syslog/repeated.ts";
import { unwrapped } from "../../syslog/wrapped.ts";
import { longestLineBytes } from "../../tail/split.ts";
import { readBody } from "./body.ts";
import { queueIdLength } from "./queue-id.ts";
import { blankEvent } from "../../blank-event.ts";

/** One log's lines, in their order, to events. Never throws: what is not understood is `other` with what could be read. */
export type LineParser = (line: string | Buffer) => MailEvent;

/** A parser for the log of one Postfix. It remembers the clock's year: one per log. */
export function createPostfixParser({ clock }: { readonly clock: LogClock }): LineParser {
  const readHeader = createHeaderReader(clock);
  let last: MailEvent = { event: "other" };
  return (line) => {
    const over = line.length > longestLineBytes;
    const text = unwrapped(textOf(over ? line.slice(0, longestLineBytes) : line));
    const header = readHeader(text);
    const event = blankEvent();
    putHeader(event, header);
    const repeated = header.process.charCodeAt(0) !== letterP ? repeatsLast(text.slice(header.bodyStart)) : undefined;
    if (repeated === undefined) {
      readText(event, header, text);
      last = event;
    } else repeat(event, last, repeated);
    if (over) event.truncated = true;
    return event;
  };
}

function readText(event: MailEvent, header: LineHeader, text: string): void {
  const body = header.bodyStart === 0 || isBare(header) ? text : text.slice(header.bodyStart);
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

/** Text without a header: what looks like a tag is the queue id. */
function isBare({ atMs, host, pid, process }: LineHeader): boolean {
  return Number.isNaN(atMs) && host === "" && Number.isNaN(pid) && queueIdLength(`${process}: `) > 0;
}

function putHeader(event: MailEvent, header: LineHeader): void {
  if (!Number.isNaN(header.atMs)) event.atMs = header.atMs;
  if (header.host !== "") event.host = header.host;
  if (header.process !== "" && !isBare(header)) event.process = header.process;
  if (!Number.isNaN(header.pid)) event.pid = header.pid;
}

/** Invalid UTF-8 becomes U+FFFD; a carriage return before the newline is no part of the line. */
function textOf(line: string | Buffer): string {
  const text = typeof line === "string" ? line : line.toString("utf8");
  return text.charCodeAt(text.length - 1) === carriageReturn ? text.slice(0, -1) : text;
}

const carriageReturn = 13;
const letterM = 109;
const letterP = 112;
