import type { MailEvent } from "../../core/event.ts";
import { readFilter } from "../filter/index.ts";
import { longestLineBytes } from "../tail/split.ts";
import type { LogClock } from "./clock.ts";
import { createHeaderReader } from "./header.ts";
import { repeatsLast } from "./repeated.ts";
import { unwrapped } from "./wrapped.ts";

/** One log's lines, in their order, to events. Never throws: what is not understood is `other` with what could be read. */
export type LineParser = (line: string | Buffer) => MailEvent;

/** A parser for lines behind a syslog header: `readBody` gets the event with what the header says, and the text. */
export function createSyslogParser(clock: LogClock, readBody: (event: MailEvent, body: string) => void): LineParser {
  const readHeader = createHeaderReader(clock);
  let last: MailEvent = { event: "other" };
  return cutting((event, given) => {
    const line = unwrapped(given);
    const header = readHeader(line);
    if (!Number.isNaN(header.atMs)) event.atMs = header.atMs;
    if (header.host !== "") event.host = header.host;
    if (header.process !== "") event.process = header.process;
    if (!Number.isNaN(header.pid)) event.pid = header.pid;
    const text = header.bodyStart === 0 ? line : line.slice(header.bodyStart);
    const body = text.endsWith(" ") ? text.trimEnd() : text;
    const repeated = repeatsLast(body);
    if (repeated !== undefined) {
      repeat(event, last, repeated);
      return;
    }
    last = event;
    if (!readFilter(event, body)) readBody(event, body);
  });
}

/** What the last line said, as often again; when and where it was written stands in this one. */
export function repeat(event: MailEvent, last: MailEvent, times: number): void {
  const { atMs, host } = event;
  Object.assign(event, last, { repeated: times });
  if (atMs !== undefined) event.atMs = atMs;
  if (host !== undefined) event.host = host;
}

/** Cuts what is over-long, and hands over text without its line end; invalid UTF-8 becomes U+FFFD. */
export function cutting(read: (event: MailEvent, line: string) => void): LineParser {
  return (given) => {
    const over = given.length > longestLineBytes;
    const cut = over ? given.slice(0, longestLineBytes) : given;
    const text = typeof cut === "string" ? cut : cut.toString("utf8");
    const event: MailEvent = { event: "other" };
    read(event, text.endsWith("\r") ? text.slice(0, -1) : text);
    if (over) event.truncated = true;
    return event;
  };
}
