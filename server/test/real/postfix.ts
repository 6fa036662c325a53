import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, hasEnded, runProgram, temporaryFolder, until } from "./process.ts";

export interface PostfixOptions {
  /** Mail to a domain goes to this loopback port. */
  readonly routes: Readonly<Record<string, number>>;
  readonly minimalBackoffSeconds?: number;
  readonly maximalBackoffSeconds?: number;
  readonly queueRunDelaySeconds?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** More lines of master.cf. */
  readonly services?: readonly string[];
}

/** An own Postfix in a temporary folder on free loopback ports. */
export interface RunningPostfix {
  readonly smtpPort: number;
  /** Takes the PROXY protocol (version 1), so that connect lines carry the client's address too. */
  readonly proxyPort: number;
  readonly logPath: string;
  readonly configFolder: string;
  readonly listCommand: readonly string[];
  queue(): QueuedMessage[];
  flush(): void;
  stop(): Promise<void>;
}
export interface QueuedMessage {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly arrival_time: number;
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[];
}

/** Postfix refuses a main.cf that is missing even when told to read another. */
function ensureSystemMainCf(): void {
  if (existsSync("/etc/postfix/main.cf")) return;
  mkdirSync("/etc/postfix", { recursive: true });
  writeFileSync("/etc/postfix/main.cf", "compatibility_level = 3.6\n");
}

export async function startPostfix(options: PostfixOptions): Promise<RunningPostfix> {
  ensureSystemMainCf();
  const folder = temporaryFolder("postfix");
  chmodSync(folder.path, 0o755);
  const [etc, spool, data, logs] = ["etc", "spool", "data", "log"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [etc, spool, data, logs]) mkdirSync(path, { mode: 0o755 });
  chownSync(data, numberOf("passwd", "postfix"), 0);
  makeQueue(spool);
  for (const name of ["dynamicmaps.cf", "postfix-files"]) {
    const source = [`/etc/postfix/${name}`, `/usr/share/postfix/${name}`, `/usr/lib/postfix/${name}`].find((path) =>
      existsSync(path),
    );
    if (source === undefined) writeFileSync(join(etc, name), "");
    else copyFileSync(source, join(etc, name));
  }
  const [smtpPort, proxyPort] = [await freePort(), await freePort()];
  const logPath = join(logs, "mail.log");
  writeFileSync(
    join(etc, "transport"),
    Object.entries(options.routes)
      .map(([domain, port]) => `${domain} smtp:[127.0.0.1]:${port}\n`)
      .join(""),
  );
  writeFileSync(join(etc, "main.cf"), mainCf({ etc, spool, data, logPath, logs, options }));
  writeFileSync(join(etc, "master.cf"), masterCf(smtpPort, proxyPort, options.services));
  execFileSync("postfix", ["-c", etc, "start"], { stdio: "pipe", timeout: 60_000 });
  await until("Postfix to answer", () => greeted(smtpPort));

  const listCommand = ["postqueue", "-c", etc, "-j"];
  let stopped = false;
  return {
    smtpPort,
    proxyPort,
    logPath,
    configFolder: etc,
    listCommand,
    queue: () =>
      execFileSync("postqueue", ["-c", etc, "-j"], { encoding: "utf8", maxBuffer: 1 << 28 })
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as QueuedMessage),
    flush: () => void execFileSync("postqueue", ["-c", etc, "-f"], { stdio: "pipe" }),
    async stop() {
      if (stopped) return;
      stopped = true;
      const pid = Number(readFileSync(join(spool, "pid/master.pid"), "utf8").trim());
      // What `postfix stop` does too, which then looks once a second whether it has ended.
      process.kill(pid, "SIGTERM");
      await until("Postfix to end", () => hasEnded(pid));
      folder.remove();
    },
  };
}

export interface RunningSink {
  readonly port: number;
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** smtp-sink takes all mail and keeps none. */
export async function startSink(port?: number, extra: readonly string[] = []): Promise<RunningSink> {
  const at = port ?? (await freePort());
  const launch = async (): Promise<ReturnType<typeof runProgram>> => {
    const program = runProgram("smtp-sink", ["-u", "postfix", ...extra, `127.0.0.1:${at}`, "1000"]);
    await until("smtp-sink to listen", () => greeted(at));
    return program;
  };
  let program: ReturnType<typeof runProgram> | null = await launch();
  return {
    port: at,
    async stop() {
      const running = program;
      program = null;
      await running?.stop("SIGKILL");
    },
    async start() {
      program ??= await launch();
    },
  };
}

/** Whether somebody says something to who connects. */
export async function greeted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (ok: boolean): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once("data", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

function numberOf(file: "passwd" | "group", name: string): number {
  const line = readFileSync(`/etc/${file}`, "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${name}:`));
  return Number(line?.split(":")[2]);
}

/** The folders that its integrity check would make. It takes a second or two, and a mark tells Postfix to start without. */
function makeQueue(spool: string): void {
  const owner = numberOf("passwd", "postfix");
  const dropGroup = numberOf("group", "postdrop");
  const own = "active bounce corrupt defer deferred flush hold incoming private saved trace".split(" ");
  const folders = [
    ...own.map((name) => ({ name, mode: 0o700, uid: owner, gid: 0 })),
    { name: "maildrop", mode: 0o730, uid: owner, gid: dropGroup },
    { name: "public", mode: 0o710, uid: owner, gid: dropGroup },
    { name: "pid", mode: 0o755, uid: 0, gid: 0 },
  ];
  for (const { name, mode, uid, gid } of folders) {
    mkdirSync(join(spool, name));
    chownSync(join(spool, name), uid, gid);
    chmodSync(join(spool, name), mode);
  }
  writeFileSync(join(spool, "quick-start"), "");
}

interface Places {
  readonly etc: string;
  readonly spool: string;
  readonly data: string;
  readonly logPath: string;
  readonly logs: string;
  readonly options: PostfixOptions;
}

function mainCf({ etc, spool, data, logPath, logs, options }: Places): string {
  const settings: Record<string, string> = {
    compatibility_level: "3.6",
    queue_directory: spool,
    data_directory: data,
    maillog_file: logPath,
    maillog_file_prefixes: logs,
    myhostname: "mx.mailtide.test",
    mydestination: "",
    local_recipient_maps: "",
    mynetworks: "127.0.0.0/8",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    relay_domains: Object.keys(options.routes).join(", "),
    transport_maps: `texthash:${etc}/transport`,
    alias_maps: "",
    alias_database: "",
    disable_dns_lookups: "yes",
    smtp_host_lookup: "native",
    smtpd_peername_lookup: "no",
    smtpd_authorized_xclient_hosts: "127.0.0.0/8",
    smtpd_client_connection_count_limit: "0",
    smtpd_client_connection_rate_limit: "0",
    smtpd_error_sleep_time: "0",
    smtpd_recipient_restrictions: "check_recipient_access inline:{{refused@own.test=REJECT not here}}, permit",
    smtpd_relay_restrictions: "permit_mynetworks, permit_auth_destination, reject",
    in_flow_delay: "0",
    default_process_limit: "40",
    minimal_backoff_time: `${options.minimalBackoffSeconds ?? 300}s`,
    maximal_backoff_time: `${options.maximalBackoffSeconds ?? 4000}s`,
    queue_run_delay: `${options.queueRunDelaySeconds ?? 300}s`,
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function masterCf(smtpPort: number, proxyPort: number, more: readonly string[] = []): string {
  const services = [
    `127.0.0.1:${smtpPort} inet n - n - - smtpd`,
    `127.0.0.1:${proxyPort} inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy`,
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "postlog unix-dgram n - n - 1 postlogd",
    ...["rewrite trivial-rewrite", "proxymap proxymap"].map((pair) => service(pair)),
    ...["bounce", "defer", "trace"].map((name) => `${name} unix - - n - 0 bounce`),
    ...["smtp smtp", "relay smtp", "error error", "retry error", "discard discard", "lmtp lmtp"].map((pair) =>
      service(pair),
    ),
    // These start only with one process, or with privileges.
    "scache unix - - n - 1 scache",
    "local unix - n n - - local",
    "virtual unix - n n - - virtual",
    "flush unix n - n 1000? 0 flush",
    "showq unix n - n - - showq",
    "verify unix - - n - 1 verify",
    "anvil unix - - n - 1 anvil",
    ...more,
  ];
  return `${services.join("\n")}\n`;
}

function service(pair: string): string {
  const [name = "", program = ""] = pair.split(" ");
  return `${name} unix - - n - - ${program}`;
}
