import type { LineReader } from "../core/line-block.ts";
import { agent } from "./agent/index.ts";
import { certificate } from "./dependency/certificate/index.ts";
import { disk } from "./dependency/disk/index.ts";
import { dns } from "./dependency/dns/index.ts";
import { filter } from "./dependency/filter/index.ts";
import { http } from "./dependency/http/index.ts";
import { ldap } from "./dependency/ldap/index.ts";
import { mysql } from "./dependency/mysql/index.ts";
import { postgres } from "./dependency/postgres/index.ts";
import { redis } from "./dependency/redis/index.ts";
import { roundtrip } from "./dependency/roundtrip/index.ts";
import { smtp } from "./dependency/smtp/index.ts";
import { tcp } from "./dependency/tcp/index.ts";
import { createEximParser } from "./mta/exim/parse.ts";
import { eximLog, eximQueue } from "./mta/exim/index.ts";
import { harakaLog, harakaQueue } from "./mta/haraka/index.ts";
import { kumomtaLog } from "./mta/kumomta/index.ts";
import { opensmtpdLog, opensmtpdQueue } from "./mta/opensmtpd/index.ts";
import { postfixLog, postfixQueue } from "./mta/postfix/index.ts";
import { rspamdLog } from "./mta/rspamd/index.ts";
import { sendmailLog, sendmailQueue } from "./mta/sendmail/index.ts";
import { createPostfixParser } from "./mta/postfix/parse.ts";
import { createHarakaParser } from "./mta/haraka/parse.ts";
import { createKumomtaParser } from "./mta/kumomta/parse.ts";
import { createOpensmtpdParser } from "./mta/opensmtpd/parse.ts";
import { createRspamdParser } from "./mta/rspamd/parse.ts";
import { createSendmailParser } from "./mta/sendmail/parse.ts";
import { postfixPolicy } from "./policy/index.ts";
import { influxWrite } from "./influx-write/index.ts";
import { parsedLine } from "./parsed-line.ts";
import { prometheus } from "./prometheus/index.ts";
import { LogClock } from "./syslog/clock.ts";

/** Every kind of collector on a node: a new one is a folder and a line here. */
export const nodePlugins = [
  postfixLog,
  postfixQueue,
  postfixPolicy,
  eximLog,
  eximQueue,
  opensmtpdLog,
  opensmtpdQueue,
  sendmailLog,
  sendmailQueue,
  harakaLog,
  harakaQueue,
  kumomtaLog,
  rspamdLog,
  prometheus,
  influxWrite,
  agent,
] as const;

/** Every kind of dependency: a new one is a folder and a line here. */
export const dependencyPlugins = [
  postgres,
  mysql,
  redis,
  ldap,
  dns,
  smtp,
  roundtrip,
  filter,
  http,
  tcp,
  disk,
  certificate,
] as const;

/** Readers of log lines by MTA. */
const readers = {
  postfix: createPostfixParser,
  exim: createEximParser,
  opensmtpd: createOpensmtpdParser,
  sendmail: createSendmailParser,
  haraka: createHarakaParser,
  kumomta: createKumomtaParser,
  rspamd: createRspamdParser,
} as const;
export const readableMtas: readonly string[] = Object.keys(readers);

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
