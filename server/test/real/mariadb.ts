import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import { join } from "node:path";
import {
  freePort,
  freezeAll,
  idsOf,
  need,
  type RunningProgram,
  runProgram,
  temporaryFolder,
  until,
} from "./process.ts";

export interface RealMariadb {
  readonly port: number;
  url(role?: string, database?: string): string;
  /** Runs statements as root through the client; gives its output, without headings. */
  sql(text: string): string;
  freeze(): void;
  thaw(): void;
  /** kill -9, as a crash. */
  kill(): Promise<void>;
  /** After `kill`, on the same port with the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A private server on a free loopback port with a database `mail`; roles made without a password may log in. */
export async function startMariadb(options: readonly string[] = []): Promise<RealMariadb> {
  const server = need("mariadbd", "mariadb-server");
  const folder = temporaryFolder("mariadb");
  const owner = idsOf("mysql");
  if (owner !== null) chownSync(folder.path, owner.uid, owner.gid);
  const dropped = { ...owner, cwd: folder.path };
  const data = join(folder.path, "data");
  const socket = join(folder.path, "sock");
  execFileSync(
    need("mariadb-install-db", "mariadb-server"),
    ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"],
    { ...dropped, stdio: "ignore" },
  );
  const port = await freePort();
  let running: RunningProgram;
  const sql = (text: string): string =>
    execFileSync(
      need("mariadb", "mariadb-client"),
      ["--no-defaults", "-uroot", `--socket=${socket}`, "-N", "-B", "-e", text],
      { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] },
    ).trim();
  const start = async (): Promise<void> => {
    running = runProgram(
      server,
      [
        "--no-defaults",
        `--datadir=${data}`,
        `--socket=${socket}`,
        `--port=${port}`,
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=2",
        "--max-connections=12",
        "--plugin-load-add=metadata_lock_info",
        ...options,
      ],
      dropped,
    );
    await until("MariaDB answers", () => sql("SELECT 1") === "1").catch((error: unknown) => {
      throw new Error(`MariaDB did not start: ${running.output()}`, { cause: error });
    });
  };
  await start();
  sql("CREATE DATABASE mail");
  return {
    port,
    url: (role = "root", database = "mail") => `mysql://${role}@127.0.0.1:${port}/${database}`,
    sql,
    freeze: () => freezeAll([running.child.pid ?? 0]),
    thaw: () => void running.child.kill("SIGCONT"),
    kill: () => running.stop("SIGKILL"),
    start,
    async stop() {
      await running.stop("SIGKILL");
      folder.remove();
    },
  };
}
