import type { MailEvent } from "../../../core/event.ts";
import { readRspamd } from "../../filter/rspamd.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { cutting, type LineParser } from "../../syslog/parser.ts";
import { afterContainer } from "../../syslog/decoration.ts";
import { createHeaderReader } from "../../syslog/header.ts";
import { unwrapped } from "../../syslog/wrapped.ts";
import { readTime, type ReadTime } from "../../syslog/time.ts";

/**
 * A parser for rspamd's own log, to a file (`time #pid(worker) <tag>; module; function: text`), to the console (with a tag
 * of the level) or through syslog (rspamd documentation, "Logging settings").
 */
export function createRspamdParser({ clock }: { readonly clock: LogClock }): LineParser {
  const readHeader = createHeaderReader(clock);
  const time: ReadTime = { atMs: Number.NaN, end: 0 };
  return cutting((event, given) => {
    const line = unwrapped(given);
    const own = /#(\d{1,10})\(([\w-]{1,32})\) /.exec(line.slice(0, 120));
    if (own !== null) {
      readTime(line, 0, clock, time);
      if (Number.isNaN(time.atMs)) readTime(line, afterContainer(line), clock, time);
      if (!Number.isNaN(time.atMs)) event.atMs = time.atMs;
      event.pid = Number(own[1]);
      event.process = own[2] ?? "";
      readText(event, line.slice(own.index + own[0].length));
      return;
    }
    const tag = /^<[\w-]{1,64}>; /.exec(line);
    if (tag !== null) return readText(event, line);
    const header = readHeader(line);
    if (!Number.isNaN(header.atMs)) event.atMs = header.atMs;
    if (header.host !== "") event.host = header.host;
    if (header.process !== "") event.process = header.process;
    if (!Number.isNaN(header.pid)) event.pid = header.pid;
    readText(event, line.slice(header.bodyStart));
  });
}

function readText(event: MailEvent, text: string): void {
  if (readRspamd(event, text)) return;
  if (!/\b(?:cannot|failed|error|timed out|timeout)\b/i.test(text)) return;
  event.event = "warning";
  event.reason = text;
}
