import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, freezeAll, listens, processesOf, runProgram, signalAll, temporaryFolder, until } from "./process.ts";

/** An own rspamd in a temporary folder, as a milter on a free loopback port. */
export interface RunningRspamd {
  readonly milterPort: number;
  /** Of its web server, which tells what it counts. */
  readonly controllerPort: number;
  /** Of its worker that looks at mail by HTTP. */
  readonly normalPort: number;
  readonly logPath: string;
  /** All of it, or only its workers. */
  freeze(which?: "all" | "workers"): void;
  thaw(): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** All that would ask somebody on the net. */
const outward =
  "antivirus arc asn bimi clickhouse dkim dkim_signing dmarc elastic fuzzy_check greylist hfilter http_headers mx_check neural phishing rbl ratelimit redis reputation spf surbl url_redirector whitelist".split(
    " ",
  );

/** `overrides`: files of override.d and what they hold. */
export async function startRspamd(overrides: Readonly<Record<string, string>> = {}): Promise<RunningRspamd> {
  const folder = temporaryFolder("rspamd");
  const at = (name: string): string => join(folder.path, name);
  cpSync("/etc/rspamd", at("etc"), { recursive: true });
  for (const name of ["db", "run", "log", "etc/override.d"]) mkdirSync(at(name), { recursive: true });
  const [milterPort, normal, controller] = [await freePort(), await freePort(), await freePort()];
  const override = (name: string, text: string): void => writeFileSync(at(`etc/override.d/${name}`), text);
  for (const name of outward) override(`${name}.conf`, "enabled = false;\n");
  // Nobody answers there: no query leaves the machine. Few suffixes and one language: the rest is most of its start.
  writeFileSync(at("suffixes"), "com\ntest\n");
  mkdirSync(at("languages"));
  cpSync("/usr/share/rspamd/languages/en.json", at("languages/en.json"));
  override(
    "options.inc",
    `filters = "";
disable_hyperscan = true;
url_tld = "${at("suffixes")}";
dns { nameserver = ["127.0.0.1:9:1"]; timeout = 100ms; retransmits = 1; sockets = 1; }
control_socket = "${at("run/control.sock")} mode=0600";
`,
  );
  writeFileSync(at("etc/rspamd.conf.local"), `lang_detection { languages = "${at("languages")}"; }\n`);
  override("worker-normal.inc", `bind_socket = "127.0.0.1:${normal}";\ncount = 1;\n`);
  override("worker-controller.inc", `bind_socket = "127.0.0.1:${controller}";\n`);
  override(
    "worker-proxy.inc",
    `bind_socket = "127.0.0.1:${milterPort}";\nmilter = yes;\nupstream "local" { default = yes; self_scan = yes; }\n`,
  );
  for (const [name, text] of Object.entries(overrides)) override(name, text);
  const variables = {
    CONFDIR: at("etc"),
    LOCAL_CONFDIR: at("etc"),
    DBDIR: at("db"),
    RUNDIR: at("run"),
    LOGDIR: at("log"),
  };
  const program = runProgram("rspamd", [
    "--no-fork",
    "--insecure",
    "--config",
    at("etc/rspamd.conf"),
    ...Object.entries(variables).map(([name, value]) => `--var=${name}=${value}`),
  ]);
  const logPath = at("log/rspamd.log");
  const everybody = (): readonly number[] => processesOf(program.child.pid ?? 0);
  const end = async (signal?: NodeJS.Signals): Promise<void> => {
    // Its workers outlive it when it is stopped while it starts them, and when it is killed.
    const [, ...workers] = everybody();
    signalAll(workers, "SIGCONT");
    await program.stop(signal);
    signalAll(workers, "SIGKILL");
  };
  const stop = async (): Promise<void> => {
    await end();
    folder.remove();
  };
  const ready = async (): Promise<boolean> => {
    if (program.child.exitCode !== null) throw new Error(`rspamd ended: ${program.output()}`);
    return (
      (await listens(milterPort)) && (await listens(normal)) && readFileSync(logPath, "utf8").includes("rspamd_proxy")
    );
  };
  try {
    await until("rspamd to listen", ready);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    milterPort,
    controllerPort: controller,
    normalPort: normal,
    logPath,
    freeze: (which = "all") => freezeAll(everybody().slice(which === "all" ? 0 : 1)),
    thaw: () => signalAll(everybody(), "SIGCONT"),
    async kill() {
      await end("SIGKILL");
      await until("the last worker to be gone", async () => !(await listens(normal)));
    },
    stop,
  };
}
