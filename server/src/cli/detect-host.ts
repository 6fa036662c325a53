import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { promisify } from "node:util";

/** What runs on this host and could be watched without a configuration. */
export interface HostFindings {
  readonly postfix: { readonly yaml: string; readonly problems: readonly string[] } | null;
  readonly eximRuns: boolean;
}

/** Looks for a *running* Postfix or Exim; an installed but stopped one is nobody's mail flow. */
export async function detectHost(): Promise<HostFindings> {
  const running = runningPrograms();
  const eximRuns = running.has("exim4") || running.has("exim");
  return { postfix: postfixRuns() || running.has("qmgr") ? await describePostfix() : null, eximRuns };
}

async function describePostfix(): Promise<HostFindings["postfix"]> {
  const names = [
    "maillog_file",
    "mydestination",
    "relay_domains",
    "virtual_mailbox_domains",
    "minimal_backoff_time",
    "maximal_backoff_time",
    "queue_run_delay",
  ];
  const settings = await postconf(names);
  const configured = settings.get("maillog_file");
  const candidates = [configured, "/var/log/mail.log", "/var/log/maillog"].filter(
    (path) => path !== undefined && path !== "",
  );
  const log = candidates.find((path) => path !== undefined && existsSync(path)) ?? candidates[0] ?? "/var/log/mail.log";
  const domains = ["mydestination", "relay_domains", "virtual_mailbox_domains"].flatMap((name) =>
    plainDomains(settings.get(name) ?? ""),
  );
  const problems = [unreadable(log)].filter((problem) => problem !== null);
  const yaml = [
    "version: 1",
    `site: { name: ${quoted(hostname())}, timezone: ${quoted(Intl.DateTimeFormat().resolvedOptions().timeZone)} }`,
    "nodes:",
    `  - id: ${quoted(nodeName())}`,
    `    ownDomains: [${[...new Set(domains)].map(quoted).join(", ")}]`,
    `    timezone: ${quoted(Intl.DateTimeFormat().resolvedOptions().timeZone)}`,
    `    backoff: { minimal: ${time(settings, "minimal_backoff_time", "300s")}, maximal: ${time(settings, "maximal_backoff_time", "4000s")}, queueRunDelay: ${time(settings, "queue_run_delay", "300s")} }`,
    "    collect:",
    `      - { type: postfix-log, path: ${quoted(log)} }`,
    "      - { type: postfix-queue, every: 30s }",
    "",
  ].join("\n");
  return { yaml, problems };
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

/** Names only: a look-up table or a variable is not a domain. */
function plainDomains(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => /^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}$/.test(word));
}

function time(settings: ReadonlyMap<string, string>, name: string, fallback: string): string {
  const value = settings.get(name) ?? "";
  return /^\d+[smhdw]$/.test(value) ? value : fallback;
}

async function postconf(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  try {
    const { stdout } = await promisify(execFile)("postconf", ["-x", ...names], { timeout: 5_000 });
    return new Map(
      stdout.split("\n").flatMap((line) => {
        const at = line.indexOf(" = ");
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 3).trim()] as const];
      }),
    );
  } catch {
    return new Map();
  }
}

function unreadable(path: string): string | null {
  try {
    accessSync(path, constants.R_OK);
    return null;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing
      ? `${path} does not exist: set maillog_file in Postfix, or write mail.log with the system's logger`
      : `${path} cannot be read: run Mailtide as a member of the group that owns it (adm on Debian)`;
  }
}

function postfixRuns(): boolean {
  try {
    const pid = Number(readFileSync("/var/spool/postfix/pid/master.pid", "utf8").trim());
    return Number.isInteger(pid) && pid > 0 && existsSync(`/proc/${pid}`);
  } catch {
    return false;
  }
}

/** Names of the programs in /proc whose executable can be told; others' executables need no permission by `comm`. */
function runningPrograms(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const pid of existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : []) {
    try {
      names.add(readFileSync(`/proc/${pid}/comm`, "utf8").trim());
      names.add(readlinkSync(`/proc/${pid}/exe`).split("/").pop() ?? "");
    } catch {
      // A process that ended while we looked, or somebody else's.
    }
  }
  return names;
}
