import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceLog, type RunningJournal } from "./journald.ts";
import {
  freePort,
  idsOf,
  listens,
  need,
  processesOf,
  type RunningProgram,
  runProgram,
  signalAll,
  temporaryFolder,
  until,
} from "./process.ts";
import { speakSmtp } from "./smtp-client.ts";

/** An own amavisd with two children: it looks for spam, discards it, and gives the rest to a port of this host. */
export interface RunningAmavis {
  readonly port: number;
  /** All of it, or only what talks to clients. */
  freeze(which?: "all" | "children"): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface AmavisOptions {
  readonly returnPort: number;
  readonly journal: RunningJournal;
}

export async function startAmavis({ returnPort, journal }: AmavisOptions): Promise<RunningAmavis> {
  const program = need("amavisd", "amavisd-new");
  const folder = temporaryFolder("amavis");
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const home = join(folder.path, "home");
  for (const path of [home, join(home, "tmp")]) {
    mkdirSync(path);
    const owner = idsOf("amavis");
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  }
  const conf = join(folder.path, "amavisd.conf");
  writeFileSync(conf, configuration({ home, port, returnPort }));
  let running: RunningProgram;
  const start = async (): Promise<void> => {
    const steps = ["set -e", deviceLog(folder.path, journal.devLog), `exec ${program} -c '${conf}' foreground`];
    running = runProgram(need("unshare", "util-linux"), [
      "-m",
      "--propagation",
      "private",
      "sh",
      "-c",
      steps.join("\n"),
    ]);
    const greets = async (): Promise<boolean> => {
      if (running.child.exitCode !== null) throw new Error(`amavisd ended: ${running.output()}`);
      return (await speakSmtp(port, ["QUIT"])).length > 0;
    };
    await until("amavisd to greet", greets, { withinMs: 40_000, everyMs: 200 });
  };
  await start();
  const everybody = (): readonly number[] => processesOf(running.child.pid ?? 0);
  const kill = async (): Promise<void> => {
    const [, ...children] = everybody();
    await running.stop("SIGKILL");
    signalAll(children, "SIGKILL");
    await until("the last child to be gone", async () => !(await listens(port)));
  };
  return {
    port,
    freeze: (which = "all") => signalAll(everybody().slice(which === "all" ? 0 : 1), "SIGSTOP"),
    thaw: () => signalAll(everybody(), "SIGCONT"),
    kill,
    start,
    async stop() {
      await kill();
      folder.remove();
    },
  };
}

interface Places {
  readonly home: string;
  readonly port: number;
  readonly returnPort: number;
}

/** The syslog settings are Debian's; lines by recipient, which Debian leaves out, are as shipped by amavis itself. */
const configuration = ({ home, port, returnPort }: Places): string => `use strict;
$max_servers = 2;
$daemon_user = 'amavis';
$daemon_group = 'amavis';
$MYHOME = '${home}';
$TEMPBASE = "$MYHOME/tmp";
$ENV{TMPDIR} = $TEMPBASE;
$pid_file = "$MYHOME/amavisd.pid";
$lock_file = "$MYHOME/amavisd.lock";
$QUARANTINEDIR = undef;
$spam_quarantine_method = undef;
$enable_db = 0;
$enable_zmq = 0;
$enable_dkim_verification = 0;
$myhostname = 'mx.test';
@local_domains_maps = (['.own.test']);
$do_syslog = 1;
$syslog_ident = 'amavis';
$syslog_facility = 'mail';
$log_level = 0;
$inet_socket_bind = '127.0.0.1';
$inet_socket_port = ${port};
$forward_method = 'smtp:[127.0.0.1]:${returnPort}';
$notify_method = $forward_method;
$final_spam_destiny = D_DISCARD;
@bypass_virus_checks_maps = (1);
$sa_local_tests_only = 1;
$sa_tag2_level_deflt = 6;
$sa_kill_level_deflt = 6;
1;
`;
