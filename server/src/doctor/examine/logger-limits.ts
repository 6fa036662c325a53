import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, inFile, ok } from "../finding.ts";
import { isHere, type Patient } from "../patient.ts";

/** What stands between the MTA and its log. */
export interface Loggers {
  /** journald runs, and mail goes through it; its configuration with what is dropped in. */
  readonly journald: string | null;
  /** rsyslog's configuration, "" without one. */
  readonly rsyslog: string;
}

/** Loggers that throw lines away when there are many: under attack, just when they are needed. */
export async function loggerLimits(patient: Patient): Promise<Finding[]> {
  const own = new Set(
    (await patient.postfixes())
      .filter(({ settings }) => settings.get("maillog_file") !== "")
      .map(({ node }) => node.id),
  );
  const through = patient.config.nodes.filter(
    (node) =>
      isHere(node) &&
      !own.has(node.id) &&
      node.collect.some(({ type }) => type !== "exim-log" && type.endsWith("-log")),
  );
  if (through.length === 0) return [];
  return judgeLoggers({
    journald: existsSync("/run/systemd/journal/socket") ? await journaldText() : null,
    rsyslog: await allOf(["/etc/rsyslog.conf"], "/etc/rsyslog.d"),
  });
}

export function judgeLoggers({ journald, rsyslog }: Loggers): Finding[] {
  const findings: Finding[] = [];
  const what = "logger";
  const why =
    "Thirty thousand lines a minute are an ordinary attack; lines that the logger drops are messages that Mailtide never saw.";
  if (journald !== null) {
    const value = (name: string, usual: string): string =>
      [...journald.matchAll(new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, "gm"))].at(-1)?.[1] ?? usual;
    const [interval, burst] = [value("RateLimitIntervalSec", "30s"), value("RateLimitBurst", "10000")];
    if (!interval.startsWith("0") && burst !== "0") {
      findings.push({
        verdict: "missing",
        what: `${what} journald`,
        says: `drops what a service writes beyond ${burst} lines in ${interval} (more where the disk is large)`,
        why,
        mend: inFile(
          "/etc/systemd/journald.conf.d/mailtide.conf; then systemctl restart systemd-journald",
          "[Journal]",
          "RateLimitIntervalSec=0",
        ),
      });
    } else findings.push(ok(`${what} journald`, "limits no rate"));
  }
  const plain = rsyslog.replaceAll(/^\s*#.*$/gm, "");
  const socket =
    /SysSock\.RateLimit\.Interval\s*=\s*"(\d+)"/i.exec(plain)?.[1] ??
    /^\s*\$SystemLogRateLimitInterval\s+(\d+)/im.exec(plain)?.[1] ??
    "0";
  if (socket !== "0") {
    findings.push({
      verdict: "missing",
      what: `${what} rsyslog`,
      says: `imuxsock limits the rate (an interval of ${socket} s)`,
      why,
      mend: inFile(
        "/etc/rsyslog.conf; then systemctl restart rsyslog",
        'module(load="imuxsock" SysSock.RateLimit.Interval="0")',
      ),
    });
  }
  if (/load="imjournal"|\$ModLoad\s+imjournal/i.test(plain)) {
    const interval =
      /\bRatelimit\.Interval\s*=\s*"(\d+)"/i.exec(plain.replaceAll(/SysSock\.\S+/gi, ""))?.[1] ??
      /^\s*\$imjournalRatelimitInterval\s+(\d+)/im.exec(plain)?.[1] ??
      "600";
    if (interval !== "0") {
      findings.push({
        verdict: "missing",
        what: `${what} rsyslog`,
        says: `imjournal takes 20,000 lines in ${interval} s as shipped and drops the rest`,
        why,
        mend: inFile(
          "/etc/rsyslog.conf; then systemctl restart rsyslog",
          'module(load="imjournal" StateFile="imjournal.state" Ratelimit.Interval="0")',
        ),
      });
    }
  }
  return findings;
}

/** Later files override earlier ones (journald.conf(5)). */
async function journaldText(): Promise<string> {
  const parts = [];
  for (const root of ["/usr/lib/systemd", "/etc/systemd", "/run/systemd"])
    parts.push(await allOf([`${root}/journald.conf`], `${root}/journald.conf.d`));
  return parts.join("\n");
}

async function allOf(files: readonly string[], folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => name.endsWith(".conf"))
    .sort()
    .slice(0, 100);
  const texts = [...files, ...names.map((name) => join(folder, name))].map((file) =>
    readFile(file, "utf8").catch(() => ""),
  );
  return (await Promise.all(texts)).map((text) => text.slice(0, 256 << 10)).join("\n");
}
