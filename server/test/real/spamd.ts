import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { deviceLog, type RunningJournal } from "./journald.ts";
import { type RunningFamily, startFamily } from "./family.ts";
import { freePort, need, temporaryFolder } from "./process.ts";

/** An own spamd with two children on a free loopback port; it asks nobody on the net. */
export interface RunningSpamd extends RunningFamily {
  readonly port: number;
  /** Gives it a mail as a mail server does, and gets what it says: `SCORE/LIMIT`. */
  check(mail: string): string;
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
  const family = await startFamily({
    name: "spamd",
    steps: [...script, `exec ${words.join(" ")}`],
    port,
    isReady: () => attends(port),
  });
  return {
    ...family,
    port,
    check(mail) {
      const args = ["-d", "127.0.0.1", "-p", String(port), "-x", "-c"];
      return spawnSync(client, args, { input: mail, encoding: "utf8", timeout: 60_000 }).stdout.trim();
    },
    async stop() {
      await family.kill();
      folder.remove();
    },
  };
}

/** Whether one of its children has taken a connection: it answers, or hangs up on whom it does not let in. */
function attends(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING SPAMC/1.5\r\n\r\n"));
    const end = (isAttended: boolean): void => {
      socket.destroy();
      resolve(isAttended);
    };
    socket.setTimeout(10_000, () => end(false));
    socket.once("data", () => end(true));
    socket.once("end", () => end(true));
    socket.once("error", () => end(false));
  });
}
