import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { need, runProgram, temporaryFolder, until } from "./process.ts";

/** A journal daemon of our own, in a mount name space of its own; its sockets and its journal are in folders of the test. */
export interface RunningJournal {
  /** What `journalctl --directory` reads. */
  readonly folder: string;
  /** What stands where syslog(3) looks for it on a host: `deviceLog` of a script in a mount name space puts it there. */
  readonly devLog: string;
  /** All that was logged of mail, in the form of a mail.log. */
  mailLog(): string[];
  /** As syslog(3) sends it: by the datagram socket. */
  log(lines: readonly string[], tag?: string, facility?: string): void;
  /** As sd_journal_send(3) sends it: `FIELD=value` lines; several MESSAGE make one of several lines. */
  send(fields: Buffer): void;
  rotate(): void;
  /** Forgets all but the file that is written to. */
  vacuum(): void;
  stop(): Promise<void>;
}

const daemon = "/lib/systemd/systemd-journald";

export async function startJournald(): Promise<RunningJournal> {
  if (!existsSync(daemon)) throw new Error(`${daemon} is not installed: apt-get install systemd`);
  need("journalctl", "systemd");
  const folder = temporaryFolder("journald");
  // Daemons that have given up being root log to it.
  chmodSync(folder.path, 0o755);
  const [run, log] = [join(folder.path, "run"), join(folder.path, "log")];
  for (const path of [run, log]) mkdirSync(path);
  // It moves a journal out of /run only where that is a file system in memory.
  const steps = [
    "mount -t tmpfs tmpfs /run",
    "mkdir -p /run/systemd/journal /var/log/journal",
    `mount --bind '${run}' /run/systemd/journal`,
    `mount --bind '${log}' /var/log/journal`,
    `exec ${daemon}`,
  ];
  const program = runProgram("unshare", ["-m", "sh", "-c", steps.join(" && ")]);
  const { pid } = program.child;
  if (pid === undefined) throw new Error(`unshare did not start: ${program.output()}`);
  const inside = (command: readonly string[], input?: Buffer): void => {
    const { status, stderr } = spawnSync("nsenter", ["-t", String(pid), "-m", ...command], { input });
    if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}${program.output()}`);
  };
  const dialogue = join(run, "io.systemd.journal");
  // The socket is there a moment before anybody listens.
  try {
    await until("the journal daemon", () => {
      if (!existsSync(dialogue)) return false;
      inside(["journalctl", "--flush"]);
      return true;
    });
    await until("a journal on disk", () => readdirSync(log).length > 0);
  } catch (error) {
    await program.stop();
    folder.remove();
    throw error;
  }
  const [machine = ""] = readdirSync(log);
  return {
    folder: log,
    devLog: join(run, "dev-log"),
    mailLog() {
      const args = [`--directory=${log}`, "--output=short", "--all", "--quiet", "--facility=mail"];
      return execFileSync("journalctl", args, { encoding: "utf8", maxBuffer: 1 << 26 })
        .split("\n")
        .slice(0, -1);
    },
    log(lines, tag = "postfix/qmgr", facility = "mail") {
      const socket = join(run, "dev-log");
      execFileSync("logger", ["--socket", socket, "--socket-errors=on", "-p", `${facility}.info`, "-t", tag], {
        input: `${lines.join("\n")}\n`,
      });
    },
    send: (fields) => inside(["logger", "--journald"], fields),
    rotate: () => inside(["journalctl", "--rotate"]),
    vacuum() {
      execFileSync("journalctl", [`--directory=${log}`, "--vacuum-files=1"], { stdio: "pipe" });
      if (readdirSync(join(log, machine)).length !== 1) throw new Error("the journal forgot nothing");
    },
    async stop() {
      await program.stop();
      folder.remove();
    },
  };
}

/** Lines of a shell script in a mount name space that make `socket` its /dev/log, in a /dev of its own below `folder`. */
export function deviceLog(folder: string, socket: string): string {
  return [
    `mkdir -p '${folder}/dev'`,
    `mount -t tmpfs tmpfs '${folder}/dev'`,
    `for each in null zero full random urandom tty; do : > '${folder}'/dev/$each; mount --bind /dev/$each '${folder}'/dev/$each; done`,
    `ln -s /proc/self/fd '${folder}/dev/fd'`,
    `ln -s '${socket}' '${folder}/dev/log'`,
    `mount --rbind '${folder}/dev' /dev`,
  ].join("\n");
}
