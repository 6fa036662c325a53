import type { LineReader } from "../core/line-block.ts";
import { createEximParser } from "./mta/exim/parse.ts";
import { createPostfixParser } from "./mta/postfix/parse.ts";
import { createHarakaParser } from "./mta/haraka/parse.ts";
import { createKumomtaParser } from "./mta/kumomta/parse.ts";
import { createOpensmtpdParser } from "./mta/opensmtpd/parse.ts";
import { createRspamdParser } from "./mta/rspamd/parse.ts";
import { createSendmailParser } from "./mta/sendmail/parse.ts";
import type { ReadableMta } from "./readable.ts";
import { parsedLine } from "./parsed-line.ts";
import { LogClock } from "./syslog/clock.ts";

/** Readers of log lines by MTA. */
const readers = {
  postfix: createPostfixParser,
  exim: createEximParser,
  opensmtpd: createOpensmtpdParser,
  sendmail: createSendmailParser,
  haraka: createHarakaParser,
  kumomta: createKumomtaParser,
  rspamd: createRspamdParser,
} as const satisfies Record<ReadableMta, unknown>;

export interface LineContext {
  /** IANA zone of times that state none. */
  readonly zone: string;
  /** Year of the first line, where lines state none. */
  readonly year: number;
}

/** A reader for one log, or null when the MTA is not known. */
export function lineReader(mta: string, { zone, year }: LineContext): LineReader | null {
  if (!Object.hasOwn(readers, mta)) return null;
  return readers[mta as keyof typeof readers]({ clock: new LogClock({ zone, firstYear: year }) });
}

/** A line -> the JSON object of `mailtide parse`; null when the MTA is not known. */
export function lineParser(mta: string, context: LineContext): ((line: string) => Record<string, unknown>) | null {
  const read = lineReader(mta, context);
  return read === null ? null : (line) => parsedLine(read(line));
}
