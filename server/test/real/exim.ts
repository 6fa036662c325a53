import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceLog } from "./journald.ts";
import { freePort, listens, runProgram, said, temporaryFolder, until } from "./process.ts";
import { unpacked } from "./unpacked.ts";

export interface RunningExim {
  readonly smtpPort: number;
  readonly logPath: string;
  readonly listCommand: readonly string[];
  /** While this file is there, it puts off all recipients. */
  readonly awayPath: string;
  /** `exim4 ARGS` on its queue, as its administrator; returns what it prints. */
  exim(...args: readonly string[]): string;
  /** A client with this address says the lines, without waiting for answers; returns those. */
  session(clientIp: string, lines: readonly string[]): string;
  /** What Exim's own `exiqgrep ARGS` prints of all that has a recipient. */
  exiqgrep(...args: readonly string[]): string;
  /** What a shell of its administrator prints for a command line. */
  shell(line: string): Promise<string>;
  /** What Exim's own `exiqsumm` makes of its queue. */
  exiqsumm(): string;
  stop(): Promise<void>;
}

export interface EximOptions {
  readonly nextHopPort: number;
  /** Exim specification, chapter 53.15. */
  readonly logSelector?: string;
  /** What stands at /dev/log: it logs there, and to no file. */
  readonly devLog?: string;
  /** From one try to the next, as Exim writes it; `1s` where it is not stated. */
  readonly retry?: string;
  /** Default 500, as Exim has it: what else waits for a host goes over the same connection. */
  readonly messagesPerConnection?: number;
  /** What stands in its main configuration beside that. */
  readonly settings?: string;
}

/** A number that no Debian package takes. */
const userId = 59_901;

/**
 * An own Exim in a temporary folder. It looks its user and configuration up where it was compiled to, so it runs in a mount
 * namespace in which these files are ours.
 */
export async function startExim({
  nextHopPort,
  logSelector,
  devLog,
  retry = "1s",
  messagesPerConnection = 500,
  settings,
}: EximOptions): Promise<RunningExim> {
  const root = unpacked("exim");
  const folder = temporaryFolder("exim");
  chmodSync(folder.path, 0o755);
  const [spool, logs, etc] = ["spool", "log", "etc"].map((name) => join(folder.path, name)) as [string, string, string];
  for (const path of [spool, logs, etc]) mkdirSync(path, { mode: 0o755 });
  for (const path of [spool, logs]) chownSync(path, userId, userId);
  const smtpPort = await freePort();
  writeFileSync(
    join(etc, "exim4.conf"),
    configuration({
      smtpPort,
      spool,
      logPath: devLog === undefined ? `${logs}/%slog` : "syslog",
      nextHopPort,
      logSelector,
      retry,
      messagesPerConnection,
      settings,
    }),
  );
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
    ...(devLog === undefined ? [] : [deviceLog(folder.path, devLog)]),
    "exec /usr/sbin/exim4 -bdf -q1s",
  ].join("\n");
  const shell = ["-m", "--propagation", "private", "sh", "-c", script, "sh", passwd, group, etc, root];
  const running = runProgram("unshare", shell);
  const logPath = join(logs, "mainlog");
  await until("Exim to listen", () =>
    devLog === undefined ? readFileSync(logPath, "utf8").includes("daemon started") : listens(smtpPort),
  );
  const enter = `--mount=/proc/${running.child.pid}/ns/mnt`;
  const within = (program: string, args: readonly string[], input = ""): string =>
    execFileSync("nsenter", [enter, `/usr/sbin/${program}`, ...args], { encoding: "utf8", timeout: 60_000, input });
  const exim4 = (...args: readonly string[]): string => within("exim4", args);
  return {
    smtpPort,
    logPath,
    awayPath: awayIn(spool),
    listCommand: ["nsenter", enter, "/usr/sbin/exim4", "-bpr"],
    exim: exim4,
    session: (clientIp, lines) => within("exim4", ["-bs", "-oMa", clientIp], `${lines.join("\r\n")}\r\n`),
    exiqgrep: (...args) => within("exiqgrep", [...args, "-r", "@", "-E", "/usr/sbin/exim4"]),
    shell: (line) => said("nsenter", [enter, "sh", "-c", line]),
    exiqsumm: () => within("exiqsumm", [], exim4("-bp")),
    async stop() {
      await running.stop("SIGTERM");
      folder.remove();
    },
  };
}

interface Settings {
  readonly smtpPort: number;
  readonly spool: string;
  readonly logPath: string;
  readonly nextHopPort: number;
  readonly logSelector: string | undefined;
  readonly retry: string;
  readonly messagesPerConnection: number;
  readonly settings: string | undefined;
}

const awayIn = (spool: string): string => join(spool, "away");

const configuration = ({
  smtpPort,
  spool,
  logPath,
  nextHopPort,
  logSelector,
  retry,
  settings,
  messagesPerConnection,
}: Settings): string => `
keep_environment =
primary_hostname = mx.test
domainlist local_domains =
hostlist relay_from_hosts = 127.0.0.1
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
daemon_smtp_ports = ${smtpPort}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
spool_directory = ${spool}
log_file_path = ${logPath}
log_selector = ${logSelector ?? "+received_recipients +queue_time_overall"}
${settings ?? ""}
begin acl
check_rcpt:
  defer
    condition = \${if exists{${awayIn(spool)}}}
    message = our store is away
  deny
    local_parts = refused
    message = not here
  defer
    local_parts = later
    message = not now
  accept
check_data:
  deny
    condition = \${if match{$h_subject:}{unwanted}}
    message = not this
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if eq{$auth2}{later}{the store is away}{no}}
  server_set_id = $auth2
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
  connection_max_messages = ${messagesPerConnection}
begin retry
*  *  F,2h,${retry}
`;
