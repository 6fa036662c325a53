import { dirname } from "node:path";
import type { EpochMs, Seconds } from "@mailtide/shared";
import { durationText } from "../../core/text/figures.ts";
import { command, type Finding, inFile, inNode, ok, shellWord } from "../finding.ts";
import type { LogTail } from "../log-tail.ts";
import type { Examination } from "../patient.ts";

/** Times without year or zone, times read in a wrong zone, and logs that are of something else. */
export const logTimes: Examination = async (patient) => {
  const written = new Set(
    (await patient.postfixes())
      .filter(({ settings }) => settings.get("maillog_file") !== "")
      .map(({ node }) => String(node.id)),
  );
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (await patient.logs()).flatMap((tail) =>
    judgeTimes(tail, { isOwnFile: written.has(tail.node), hostZone: here, nowMs: Date.now() }),
  );
};

interface Circumstances {
  /** Postfix writes the file itself (`maillog_file`), always without year and zone. */
  readonly isOwnFile: boolean;
  readonly hostZone: string;
  readonly nowMs: EpochMs;
}

export function judgeTimes(tail: LogTail, { isOwnFile, hostZone, nowMs }: Circumstances): Finding[] {
  const { node, type, path, zone, lines, events, changedAtMs } = tail;
  const what = `${node}/${type} times`;
  const last = lines.at(-1);
  const silentSeconds = (nowMs - changedAtMs) / 1000;
  if (last === undefined || silentSeconds > longSilence) {
    const since = last === undefined ? "is empty" : `was last written ${durationText(silentSeconds)} ago`;
    const why =
      "Either no mail came, or the MTA writes elsewhere by now: after a move to the journal or a new maillog_file the old file stays.";
    return [
      {
        verdict: "note",
        what: `${node}/${type}`,
        says: `${path} ${since}`,
        why,
        mend: command("postconf maillog_file syslog_facility", `ls -l --sort=time ${shellWord(dirname(path))} | head`),
      },
    ];
  }
  if (lines.length >= 20 && events.every(({ event }) => event === "other")) {
    const says = `none of the last ${lines.length} lines of ${path} is a line of mail`;
    if (events.some((event, at) => isHousekeeping(event.process, lines[at] ?? ""))) {
      const quiet = `${says}: the MTA speaks of itself alone`;
      const why = "It is the right log, and no mail came lately; otherwise mail goes by another MTA.";
      return [{ verdict: "note", what: `${node}/${type}`, says: quiet, why }];
    }
    const usual = type === "exim-log" ? "/var/log/exim4/mainlog" : "/var/log/mail.log";
    const why =
      "Either this is another program's log, or nothing but noise is written there; Mailtide learns nothing from it.";
    return [
      {
        verdict: "missing",
        what: `${node}/${type}`,
        says,
        why,
        mend: inNode(node, `collect: [{ type: ${type}, path: ${usual} }] # the file that your MTA writes`),
      },
    ];
  }
  const kind = kindOf(last);
  const shift = (changedAtMs - (events.at(-1)?.atMs ?? changedAtMs)) / 1000;
  // Within a few minutes it is the writer's buffer; zones differ by quarters of an hour.
  if (kind !== "whole" && Math.abs(shift) > 600 && Math.abs(shift) < 15 * 3600 && offQuarter(shift) < 120) {
    return [
      {
        verdict: "FAILS",
        what,
        says: `its times state no zone and are read as ${zone}; the last line was written ${durationText(Math.abs(shift))} ${shift > 0 ? "later" : "sooner"} than that says`,
        why: "Every wait and every age would be wrong by that much.",
        mend: inNode(node, `timezone: ${hostZone === zone ? "THE ZONE OF THE HOST THAT WRITES THE LOG" : hostZone}`),
      },
    ];
  }
  if (kind === "whole") return [ok(what, "with year and zone")];
  const summer = hasSummerTime(zone, changedAtMs) ? ", and one hour each autumn comes twice" : "";
  return [
    {
      verdict: "note",
      what,
      says: `they state no ${kind === "no-year" ? "year and no zone" : "zone"}: they are read as ${zone}`,
      why: `Nothing is wrong now, but a host that is set to another zone shifts every wait${summer}.`,
      ...(type === "exim-log"
        ? { mend: inFile("Exim's main configuration", "log_timezone = true") }
        : isOwnFile
          ? {
              mend: inFile(
                "main.cf, with rsyslog writing the file as below",
                "maillog_file =",
                `# /etc/rsyslog.conf: ${rsyslogLine(path)}`,
              ),
            }
          : {
              mend: inFile(
                "/etc/rsyslog.conf, in place of the line that writes this file; then systemctl restart rsyslog",
                rsyslogLine(path),
              ),
            }),
    },
  ];
}

/** Lines that Postfix' daemons and Exim write although no mail comes. */
function isHousekeeping(process: string | undefined, line: string): boolean {
  if (process !== undefined)
    return /^\S+\/(?:anvil|master|postfix-script|qmgr|scache|smtpd|tlsmgr|postscreen)$/.test(process);
  return / (?:(?:Start|End) (?:\S+ )?queue run: |cwd=\/.* args: |exim \d\S* daemon started: pid=\d)/.test(line);
}

/** A night without a single line is no mail host's. */
const longSilence: Seconds = 12 * 3600;

/** rsyslog's own name of RFC 3339 times. */
const rsyslogLine = (path: string): string => `mail.*  -${path};RSYSLOG_FileFormat`;

function kindOf(line: string): "whole" | "no-year" | "no-zone" {
  if (/^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d/.test(line)) return "no-year";
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?![+-]\d{4} )/.test(line) ? "no-zone" : "whole";
}

const offQuarter = (seconds: Seconds): Seconds => {
  const rest = Math.abs(seconds) % 900;
  return Math.min(rest, 900 - rest);
};

function hasSummerTime(zone: string, atMs: number): boolean {
  const year = new Date(atMs).getUTCFullYear();
  const hour = (month: number): string =>
    new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).format(Date.UTC(year, month, 15));
  return hour(0).split(" ").at(-1) !== hour(6).split(" ").at(-1);
}
