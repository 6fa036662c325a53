import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, runProgram, temporaryFolder, until } from "./process.ts";
import { unpacked } from "./unpacked.ts";

export interface RunningExim {
  readonly smtpPort: number;
  readonly logPath: string;
  readonly listCommand: readonly string[];
  /** `exim4 ARGS` on its queue, as its administrator; returns what it prints. */
  exim(...args: readonly string[]): string;
  stop(): Promise<void>;
}

export interface EximOptions {
  readonly nextHopPort: number;
  /** Exim specification, chapter 53.15. */
  readonly logSelector?: string;
}

/** A number that no Debian package takes. */
const userId = 59_901;

/**
 * An own Exim in a temporary folder. It looks its user and configuration up where it was compiled to, so it runs in a mount
 * namespace in which these files are ours.
 */
export async function startExim({ nextHopPort, logSelector }: EximOptions): Promise<RunningExim> {
  const root = unpacked("exim");
  const folder = temporaryFolder("exim");
  chmodSync(folder.path, 0o755);
  const [spool, logs, etc] = ["spool", "log", "etc"].map((name) => join(folder.path, name)) as [string, string, string];
  for (const path of [spool, logs, etc]) mkdirSync(path, { mode: 0o755 });
  for (const path of [spool, logs]) chownSync(path, userId, userId);
  const smtpPort = await freePort();
  writeFileSync(join(etc, "exim4.conf"), configuration({ smtpPort, spool, logs, nextHopPort, logSelector }));
  const passwd = join(folder.path, "passwd");
  const group = join(folder.path, "group");
  writeFileSync(
    passwd,
    `${readFileSync("/etc/passwd", "utf8")}Debian-exim:x:${userId}:${userId}::/:/usr/sbin/nologin\n`,
  );
  writeFileSync(group, `${readFileSync("/etc/group", "utf8")}Debian-exim:x:${userId}:\n`);
  const script = [
    "set -e",
    'mount --bind "$1" /etc/passwd',
    'mount --bind "$2" /etc/group',
    "mkdir -p /etc/exim4",
    'mount --bind "$3" /etc/exim4',
    'mount -t overlay overlay -o "lowerdir=$4/usr:/usr" /usr',
    "exec /usr/sbin/exim4 -bdf -q1s",
  ].join("\n");
  const shell = ["-m", "--propagation", "private", "sh", "-c", script, "sh", passwd, group, etc, root];
  const running = runProgram("unshare", shell);
  const logPath = join(logs, "mainlog");
  await until("Exim to listen", () => readFileSync(logPath, "utf8").includes("daemon started"));
  const within = ["nsenter", `--mount=/proc/${running.child.pid}/ns/mnt`, "/usr/sbin/exim4"];
  return {
    smtpPort,
    logPath,
    listCommand: [...within, "-bpr"],
    exim: (...args) =>
      execFileSync(within[0] ?? "", [...within.slice(1), ...args], { encoding: "utf8", timeout: 10_000 }),
    async stop() {
      await running.stop("SIGTERM");
      folder.remove();
    },
  };
}

interface Settings {
  readonly smtpPort: number;
  readonly spool: string;
  readonly logs: string;
  readonly nextHopPort: number;
  readonly logSelector: string | undefined;
}

const configuration = ({ smtpPort, spool, logs, nextHopPort, logSelector }: Settings): string => `
keep_environment =
primary_hostname = mx.test
domainlist local_domains =
hostlist relay_from_hosts = 127.0.0.1
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
daemon_smtp_ports = ${smtpPort}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
spool_directory = ${spool}
log_file_path = ${logs}/%slog
log_selector = ${logSelector ?? "+received_recipients +queue_time_overall"}
begin acl
check_rcpt:
  deny
    local_parts = refused
    message = not here
  defer
    local_parts = later
    message = not now
  accept
begin routers
hop:
  driver = manualroute
  route_list = * 127.0.0.1::${nextHopPort} byname
  self = send
  transport = remote
begin transports
remote:
  driver = smtp
  hosts_try_fastopen =
begin retry
*  *  F,2h,1s
`;
