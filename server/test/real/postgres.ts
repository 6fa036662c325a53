import { execFileSync } from "node:child_process";
import { chownSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, freezeAll, type RunningProgram, runProgram, temporaryFolder, until } from "./process.ts";

export interface RealPostgres {
  readonly port: number;
  /** The postmaster. */
  readonly pid: number;
  /** Superuser; also the role of `url()` when none is named. */
  readonly superUrl: string;
  url(role?: string, database?: string): string;
  /** Runs statements as the superuser through psql; gives its output. */
  sql(text: string): string;
  /** SIGSTOP to the postmaster and every backend: nothing answers, nothing closes. */
  freeze(): void;
  thaw(): void;
  /** kill -9, as a crash. */
  kill(): Promise<void>;
  /** After `kill` or `halt`, on the same port with the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A private server with trust authentication on a free loopback port; `settings` as in postgresql.conf. */
export const startPostgres = (settings: Readonly<Record<string, string | number>> = {}): Promise<RealPostgres> =>
  run(settings, null);

/** One that copies another's changes as they come, through a replication slot of the name `standby`. */
export const startStandby = (primary: RealPostgres): Promise<RealPostgres> => run({}, primary);

async function run(
  settings: Readonly<Record<string, string | number>>,
  primary: RealPostgres | null,
): Promise<RealPostgres> {
  const folder = temporaryFolder("postgres");
  const data = join(folder.path, "data");
  const owner = serverUser();
  if (owner !== null) chownSync(folder.path, owner.uid, owner.gid);
  const dropped = { ...owner, cwd: folder.path };
  const made = { ...dropped, stdio: "ignore", env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" } } as const;
  if (primary === null)
    execFileSync(program("initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], made);
  else {
    const copy = ["-D", data, "-d", primary.superUrl, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
    execFileSync(program("pg_basebackup"), [...copy, "-C", "-S", "standby"], made);
  }
  const port = await freePort();
  const options = Object.entries({ fsync: "off", max_connections: 30, ...settings }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  let running: RunningProgram;
  const url = (role = "postgres", database = "postgres"): string => `postgres://${role}@127.0.0.1:${port}/${database}`;
  const sql = (text: string): string =>
    execFileSync(program("psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(), "-c", text], {
      encoding: "utf8",
      timeout: 60_000,
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  const pid = (): number => running.child.pid ?? Number.NaN;
  const start = async (): Promise<void> => {
    const place = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder.path];
    running = runProgram(program("postgres"), [...place, ...options], dropped);
    await until(`PostgreSQL answers on port ${port}`, () => sql("SELECT 1") === "1").catch((error: unknown) => {
      throw new Error(`PostgreSQL did not start: ${running.output()}`, { cause: error });
    });
  };
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const each of [pid(), ...childrenOf(pid())]) send(each, signal);
  };
  await start();
  return {
    port,
    get pid() {
      return pid();
    },
    superUrl: url(),
    url,
    sql,
    freeze: () => freezeAll([pid(), ...childrenOf(pid())]),
    thaw: () => signalAll("SIGCONT"),
    async kill() {
      signalAll("SIGKILL");
      await running.stop("SIGKILL");
    },
    start,
    async stop() {
      signalAll("SIGCONT");
      // Fast shutdown: does not wait for clients to leave.
      await running.stop("SIGINT");
      folder.remove();
    },
  };
}

function program(name: string): string {
  const path = find(name);
  if (path === null) throw new Error(`PostgreSQL's ${name} is not installed`);
  return path;
}

function find(name: string): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(":"),
    ...versions.map((version) => join(debian, version, "bin")),
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** PostgreSQL refuses to run as root: then it runs as the user postgres, who must exist. */
function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith("postgres:"));
  if (entry === undefined) throw new Error("there is no user postgres to run PostgreSQL as");
  const [, , uid, gid] = entry.split(":").map(Number);
  return { uid: uid ?? 65_534, gid: gid ?? 65_534 };
}

function childrenOf(parent: number): number[] {
  try {
    return readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
      .trim()
      .split(/\s+/u)
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
