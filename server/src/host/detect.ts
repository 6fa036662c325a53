import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { plainDomains, readPostfix } from "./postconf.ts";
import { run } from "./run.ts";

/** What runs on this host and could be watched without a configuration. */
export interface HostFindings {
  /** The mail systems, for whoever reads it. */
  readonly found: readonly string[];
  readonly yaml: string;
  readonly problems: readonly string[];
}

/** A node of the configuration, in YAML. */
interface Found {
  readonly name: string;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

/** Where to look; all of the host, unless somebody says less. */
export interface Places {
  readonly processes: string;
  readonly eximLogs: readonly string[];
}
const everywhere: Places = {
  processes: "/proc",
  eximLogs: ["/var/log/exim4/mainlog", "/var/log/exim/main.log", "/var/log/exim/mainlog", "/var/log/exim_mainlog"],
};

/** Looks for a *running* Postfix or Exim, both if both run; an installed but stopped one is nobody's mail flow. */
export async function detectHost({ processes, eximLogs }: Places = everywhere): Promise<HostFindings | null> {
  const running = runningPrograms(processes);
  const found: Found[] = [];
  if (postfixRuns(processes) || running.has("qmgr")) found.push(await describePostfix(nodeName()));
  const exim = ["exim4", "exim"].find((name) => running.has(name));
  const eximNode = found.length === 0 ? nodeName() : `${nodeName()}-exim`;
  if (exim !== undefined) found.push(await describeExim(exim, eximNode, eximLogs));
  if (found.length === 0) return null;
  const yaml = [
    "version: 1",
    `site: { name: ${quoted(hostname())}, timezone: ${quoted(localZone())} }`,
    "nodes:",
    ...found.flatMap(({ lines }) => lines),
    "",
  ].join("\n");
  return { found: found.map(({ name }) => name), yaml, problems: found.flatMap(({ problems }) => problems) };
}

const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

async function describePostfix(node: string): Promise<Found> {
  const settings = (await readPostfix(null)) ?? { get: () => "" };
  const configured = settings.get("maillog_file");
  const candidates = [configured, "/var/log/mail.log", "/var/log/maillog"].filter((path) => path !== "");
  const log = candidates.find((path) => existsSync(path)) ?? candidates[0] ?? "/var/log/mail.log";
  const inJournal = logsToJournal(configured, existsSync(log), existsSync);
  const domains = ["mydestination", "relay_domains", "virtual_mailbox_domains"].flatMap((name) =>
    plainDomains(settings.get(name)),
  );
  const lines = [
    `  - id: ${quoted(node)}`,
    `    ownDomains: [${[...new Set(domains)].map(quoted).join(", ")}]`,
    `    timezone: ${quoted(localZone())}`,
    `    backoff: { minimal: ${time(settings, "minimal_backoff_time", "300s")}, maximal: ${time(settings, "maximal_backoff_time", "4000s")}, queueRunDelay: ${time(settings, "queue_run_delay", "300s")} }`,
    "    collect:",
    inJournal ? "      - { type: postfix-log, journald: {} }" : `      - { type: postfix-log, path: ${quoted(log)} }`,
    "      - { type: postfix-queue, every: 30s }",
  ];
  const problem = inJournal
    ? null
    : unreadable(log, "set maillog_file in Postfix, or write mail.log with the system's logger");
  return { name: "Postfix", lines, problems: problem === null ? [] : [problem] };
}

/** As Debian 12 is shipped: Postfix logs to syslog, which is journald's socket, and no program writes a file of it. */
export const logsToJournal = (maillogFile: string, hasFile: boolean, exists: (path: string) => boolean): boolean =>
  maillogFile === "" && !hasFile && exists("/run/systemd/journal/dev-log");

/** Debian's Exim is called exim4, everybody else's exim. */
async function describeExim(program: string, node: string, logs: readonly string[]): Promise<Found> {
  const log = logs.find((path) => existsSync(path)) ?? logs[0] ?? "";
  const listed = await run(program, ["-bpc"], 10_000);
  const refused = listed.ok ? null : listed.why;
  const lines = [
    `  - id: ${quoted(node)}`,
    `    ownDomains: [${plainDomains(debianDomains()).map(quoted).join(", ")}]`,
    `    timezone: ${quoted(localZone())}`,
    "    collect:",
    `      - { type: exim-log, path: ${quoted(log)} }`,
    ...(refused === null ? [`      - { type: exim-queue, every: 30s, command: [${quoted(program)}, "-bpr"] }`] : []),
  ];
  const problems = [
    unreadable(log, "set log_file_path in Exim to a file"),
    refused === null
      ? null
      : `${program} does not list its queue for this user (${refused}): ${/permission/i.test(refused) ? "set queue_list_requires_admin = false in Exim" : "its queue is then known as far as the log tells"}`,
  ];
  return { name: "Exim", lines, problems: problems.filter((problem) => problem !== null) };
}

/** What Debian's configuration calls its own, apart from the host's name. */
function debianDomains(): string {
  try {
    const settings = readFileSync("/etc/exim4/update-exim4.conf.conf", "utf8");
    return ["dc_other_hostnames", "dc_relay_domains"]
      .map((name) => new RegExp(`^${name}='([^']*)'`, "m").exec(settings)?.[1] ?? "")
      .join(" ")
      .replaceAll(/[:;]/g, " ");
  } catch {
    return "";
  }
}

const quoted = (text: string): string => JSON.stringify(text);

/** The node id comes from the host's own name, made to fit what an id may be. */
function nodeName(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9._-]/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, 63) || "node"
  );
}

function time(settings: { get(name: string): string }, name: string, fallback: string): string {
  const value = settings.get(name);
  return /^\d+[smhdw]$/.test(value) ? value : fallback;
}

/** Why a log cannot be read, and what would help. */
function unreadable(path: string, remedy: string): string | null {
  try {
    accessSync(path, constants.R_OK);
    return null;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing
      ? `${path} does not exist: ${remedy}`
      : `${path} cannot be read: run Mailtide as a member of the group that owns it (adm on Debian)`;
  }
}

function postfixRuns(processes: string): boolean {
  try {
    const pid = Number(readFileSync("/var/spool/postfix/pid/master.pid", "utf8").trim());
    return Number.isInteger(pid) && pid > 0 && existsSync(`${processes}/${pid}`);
  } catch {
    return false;
  }
}

/** Names of the programs in /proc whose executable can be told; others' executables need no permission by `comm`. */
function runningPrograms(processes: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const pid of existsSync(processes) ? readdirSync(processes).filter((name) => /^\d+$/.test(name)) : []) {
    try {
      names.add(readFileSync(`${processes}/${pid}/comm`, "utf8").trim());
      names.add(readlinkSync(`${processes}/${pid}/exe`).split("/").pop() ?? "");
    } catch {
      // A process that ended while we looked, or somebody else's.
    }
  }
  return names;
}
