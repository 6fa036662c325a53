import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceLog, type RunningJournal } from "./journald.ts";
import {
  freePort,
  listens,
  need,
  processesOf,
  type RunningProgram,
  runProgram,
  signalAll,
  temporaryFolder,
  until,
} from "./process.ts";

/** An own spamd with two children on a free loopback port; it asks nobody on the net. */
export interface RunningSpamd {
  readonly port: number;
  /** Gives it a mail as a mail server does, and gets what it says: `SCORE/LIMIT`. */
  check(mail: string): string;
  /** All of it, or only what looks at mail. */
  freeze(which?: "all" | "children"): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface SpamdOptions {
  /** Where it logs; without one to nowhere. */
  readonly journal?: RunningJournal;
  /** More lines of local.cf. */
  readonly rules?: readonly string[];
  /** Whom it lets in. */
  readonly allowed?: string;
}

export async function startSpamd({
  journal,
  rules = [],
  allowed = "127.0.0.1",
}: SpamdOptions = {}): Promise<RunningSpamd> {
  const [program, client] = [need("spamd", "spamd"), need("spamc", "spamc")];
  const folder = temporaryFolder("spamd");
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  cpSync("/etc/spamassassin", folder.path, { recursive: true });
  writeFileSync(join(folder.path, "local.cf"), `${["use_bayes 0", ...rules].join("\n")}\n`);
  const words = [
    program,
    "--nouser-config --local --syslog-socket=unix --username=nobody --listen=127.0.0.1",
    `--allowed-ips=${allowed} --port=${port} --max-children=2 --min-children=2 --min-spare=1 --max-spare=2`,
    `--siteconfigpath='${folder.path}' --helper-home-dir='${folder.path}'`,
    `--syslog=${journal === undefined ? "null" : "mail"}`,
  ];
  const script = ["set -e", ...(journal === undefined ? [] : [deviceLog(folder.path, journal.devLog)])];
  let running: RunningProgram;
  const start = async (): Promise<void> => {
    const steps = [...script, `exec ${words.join(" ")}`].join("\n");
    running = runProgram(need("unshare", "util-linux"), ["-m", "--propagation", "private", "sh", "-c", steps]);
    const ready = async (): Promise<boolean> => {
      if (running.child.exitCode !== null) throw new Error(`spamd ended: ${running.output()}`);
      return listens(port);
    };
    await until("spamd to listen", ready, { withinMs: 40_000, everyMs: 200 });
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
    check(mail) {
      const args = ["-d", "127.0.0.1", "-p", String(port), "-x", "-c"];
      return spawnSync(client, args, { input: mail, encoding: "utf8", timeout: 20_000 }).stdout.trim();
    },
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
