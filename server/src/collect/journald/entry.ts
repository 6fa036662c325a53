import type { SourceLine } from "../tail/source.ts";
import { table } from "../table.ts";

/** What is read of an entry of the journal (systemd.journal-fields(7)); everything else is left out. */
export const journalFields = [
  "__CURSOR",
  "__REALTIME_TIMESTAMP",
  "_SOURCE_REALTIME_TIMESTAMP",
  "_HOSTNAME",
  "SYSLOG_IDENTIFIER",
  "_COMM",
  "SYSLOG_PID",
  "_PID",
  "PRIORITY",
  "SYSLOG_FACILITY",
  "MESSAGE",
] as const;
export type JournalField = (typeof journalFields)[number];
export type JournalEntry = Partial<Record<JournalField, string>> & { truncated?: boolean };

/**
 * The line that syslog would have written of it; null when it has no message or no time. Exim's reject log and panic log are
 * told by their levels alone: these two are stated, in the form that BusyBox's syslogd has for them.
 */
export function lineOfEntry(entry: JournalEntry): SourceLine | null {
  const {
    MESSAGE: message,
    _SOURCE_REALTIME_TIMESTAMP: source,
    __REALTIME_TIMESTAMP: received,
    _HOSTNAME: hostName,
    _COMM: command,
    _PID: sender,
    PRIORITY: priority = "",
    SYSLOG_FACILITY: facility,
    truncated = false,
  } = entry;
  const micros = Number(source ?? received);
  if (message === undefined || !Number.isFinite(micros) || micros < 0 || micros > 8.64e18) return null;
  const at = new Date(Math.floor(micros / 1000)).toISOString();
  const host = word(hostName) || "-";
  const tag = word(entry.SYSLOG_IDENTIFIER ?? command) || "-";
  const pid = entry.SYSLOG_PID ?? sender;
  const process = pid !== undefined && /^\d{1,10}$/.test(pid) ? `${tag}[${pid}]` : tag;
  const level = facility === mailFacility ? (statedLevels[priority] ?? "") : "";
  return { bytes: Buffer.from(`${at} ${host} ${level}${process}: ${message.replace(/[\r\n]+/g, " ")}`), truncated };
}

const mailFacility = "2";
const statedLevels = table<string>({ "1": "mail.alert ", "5": "mail.notice " });

/** No part of a header may hold what ends it. */
const word = (text = ""): string => text.replace(/[\s:[\]]+/g, "_").slice(0, 255);
