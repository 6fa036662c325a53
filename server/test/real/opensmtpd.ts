import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, createWriteStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, runProgram, said, temporaryFolder, until } from "./process.ts";
import { speakSmtp } from "./smtp-client.ts";
import { unpacked } from "./unpacked.ts";

export interface RunningOpensmtpd {
  readonly smtpPort: number;
  readonly logPath: string;
  readonly listCommand: readonly string[];
  smtpctl(...args: readonly string[]): string;
  /** What a shell of its administrator prints for a command line. */
  shell(line: string): Promise<string>;
  stop(): Promise<void>;
}

const account = ([name, id]: readonly [string, number]): string => `${name}:x:${id}:${id}::/:/usr/sbin/nologin\n`;

/** Numbers that no Debian package takes. */
const [daemonId, queueId] = [59_902, 59_903];

/**
 * An own OpenSMTPD. Its spool and users are where it was compiled to look for them, so it runs in a mount namespace in which
 * these places are ours.
 */
export async function startOpensmtpd({ nextHopPort }: { readonly nextHopPort: number }): Promise<RunningOpensmtpd> {
  const root = unpacked("opensmtpd");
  // Whoever may write into the queue is a group of its own.
  chownSync(join(root, "usr/sbin/smtpctl"), 0, queueId);
  chmodSync(join(root, "usr/sbin/smtpctl"), 0o2555);
  const folder = temporaryFolder("opensmtpd");
  chmodSync(folder.path, 0o755);
  const smtpPort = await freePort();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const conf = file(
    "smtpd.conf",
    [
      `listen on 127.0.0.1 port ${smtpPort}`,
      `action "hop" relay host "smtp://127.0.0.1:${nextHopPort}"`,
      'match from any for any action "hop"',
      "",
    ].join("\n"),
  );
  const users = ["opensmtpd", "opensmtpq"].map((name, at) => [name, at === 0 ? daemonId : queueId] as const);
  const passwd = file("passwd", readFileSync("/etc/passwd", "utf8") + users.map(account).join(""));
  const groups = users.map(([name, id]) => `${name}:x:${id}:\n`).join("");
  const group = file("group", readFileSync("/etc/group", "utf8") + groups);
  const script = [
    "set -e",
    'mount --bind "$1" /etc/passwd',
    'mount --bind "$2" /etc/group',
    'mount -t overlay overlay -o "lowerdir=$3/usr:/usr" /usr',
    "mount -t tmpfs none /var/spool; mkdir -m 711 /var/spool/smtpd",
    "mount -t tmpfs none /var/lib; mkdir -p /var/lib/opensmtpd/empty",
    "mount -t tmpfs none /run",
    'exec /usr/sbin/smtpd -d -f "$4"',
  ].join("\n");
  const logPath = file("smtpd.log", "");
  const running = runProgram("unshare", [
    "-m",
    "--propagation",
    "private",
    "sh",
    "-c",
    script,
    "sh",
    passwd,
    group,
    root,
    conf,
  ]);
  const log = createWriteStream(logPath, { flags: "a" });
  running.child.stderr?.pipe(log);
  const within = ["nsenter", `--mount=/proc/${running.child.pid}/ns/mnt`, "smtpctl"];
  const smtpctl = (...args: readonly string[]): string =>
    execFileSync(within[0] ?? "", [...within.slice(1), ...args], { encoding: "utf8", timeout: 60_000, stdio: "pipe" });
  await until("OpenSMTPD to answer", () => existsSync(logPath) && smtpctl("show", "status").includes("MTA running"));
  // It says that it runs before it listens.
  await until("OpenSMTPD to greet", async () => (await speakSmtp(smtpPort, ["QUIT"])).length > 0);
  return {
    smtpPort,
    logPath,
    listCommand: [...within, "show", "queue"],
    smtpctl,
    shell: (line) => said(within[0] ?? "", [...within.slice(1, 2), "sh", "-c", line]),
    async stop() {
      await running.stop("SIGTERM");
      log.end();
      folder.remove();
    },
  };
}
