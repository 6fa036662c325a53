import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { need, runProgram, temporaryFolder, until } from "./process.ts";

/** A journal daemon of our own, in a mount name space of its own; its sockets and its journal are in folders of the test. */
export interface RunningJournal {
  /** What `journalctl --directory` reads. */
  readonly folder: string;
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
  await until("the journal daemon", () => existsSync(dialogue));
  inside(["journalctl", "--flush"]);
  await until("a journal on disk", () => readdirSync(log).length > 0);
  const [machine = ""] = readdirSync(log);
  return {
    folder: log,
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
