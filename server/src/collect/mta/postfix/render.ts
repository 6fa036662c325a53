import type { MailEvent } from "../../../core/event.ts";
import { longestLineBytes } from "../../tail/split.ts";
import type { LineReader } from "../../../core/line-block.ts";
import { bodiesOf } from "./render-bodies.ts";

/** An event as a log line that reads as exactly this event; null when no line of Postfix's would. */
export type LineRenderer = (event: MailEvent) => string | null;

/**
 * Writes the log lines of recordings, whose raw text was never kept. Each line is read back at once: a line that would say
 * anything else than its event is not given out. `parse` must be a parser for one log, as for reading; it need not be fresh,
 * because every line bears its whole time and zone.
 */
export function createPostfixRenderer(parse: LineReader): LineRenderer {
  return (event) => {
    const head = headOf(event);
    if (head === null || event.truncated === true) return null;
    for (const body of bodiesOf(event)) {
      const line = head + body;
      if (line.length > longestLineBytes / 4 || !isOneLine(line)) continue;
      if (sameEvent(parse(line), event)) return line;
    }
    return null;
  };
}

/** `2026-11-24T01:02:03.456Z host postfix/smtpd[7]: ` */
function headOf({ atMs, host, process, pid }: MailEvent): string | null {
  if (atMs === undefined || process === undefined || !(atMs >= 0 && atMs < lastMs)) return null;
  const tag = pid === undefined ? process : `${process}[${pid}]`;
  return `${new Date(atMs).toISOString()} ${host === undefined ? "" : `${host} `}${tag}: `;
}

/** The end of the year 9999: more digits of a year are no ISO 8601 that others read. */
const lastMs = 253_402_300_800_000;

/** A carriage return at the end belongs to no line, and half a pair of surrogates to no file. */
function isOneLine(line: string): boolean {
  return !line.includes("\n") && !line.endsWith("\r") && !/\p{Surrogate}/u.test(line);
}

/** The same values; a key without one is none. */
export function sameEvent(a: MailEvent, b: MailEvent): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as ReadonlySet<keyof MailEvent>;
  return [...keys].every((key) => {
    const [one, other] = [a[key], b[key]];
    if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
    return one.length === other.length && one.every((value, index) => value === other[index]);
  });
}
