import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningProgram, freePort, freezeAll, runProgram, temporaryFolder, until } from "./process.ts";

/** A real influxd of our own: private configuration, temporary data, loopback ports, no continuous queries. */
export interface RealInflux {
  readonly url: string;
  /** Runs InfluxQL and gives the parsed answer; for looking behind the back of what is tested. */
  query(text: string, database?: string): Promise<unknown>;
  /** Stops answering without closing a connection, as a hung server does; resolves when it stands still. */
  freeze(): Promise<void>;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts again on the same data and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** `admin`: requests must then be made by an account, and this one may do everything. */
export async function startInflux({ admin }: { readonly admin?: Account } = {}): Promise<RealInflux> {
  const folder = temporaryFolder("influx");
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const config = join(folder.path, "influxdb.conf");
  for (const name of ["meta", "data", "wal"]) mkdirSync(join(folder.path, name));
  writeFileSync(config, configuration(folder.path, httpPort, rpcPort, admin !== undefined));
  const url = `http://127.0.0.1:${httpPort}`;
  let program: RunningProgram | undefined;
  let account: Account | undefined;

  const influx: RealInflux = {
    url,
    async query(text, database) {
      const body = new URLSearchParams({ q: text, epoch: "ms", ...(database !== undefined && { db: database }) });
      const authorization = account && `Basic ${btoa(`${account.username}:${account.password}`)}`;
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await fetch(`${url}/query`, {
        method: "POST",
        body,
        headers,
        signal: AbortSignal.timeout(60_000),
      });
      return answer.json();
    },
    async freeze() {
      freezeAll([program?.child.pid ?? 0]);
    },
    thaw: () => void program?.child.kill("SIGCONT"),
    kill: async () => program?.stop("SIGKILL"),
    async start() {
      const started = runProgram("influxd", ["run", "-config", config]);
      program = started;
      await until(`influxd answers at ${url}\n${started.output()}`, async () => {
        const answer = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000) });
        return answer.status === 204;
      });
    },
    async stop() {
      await program?.stop();
      folder.remove();
    },
  };
  await influx.start();
  if (admin !== undefined) {
    await influx.query(`CREATE USER "${admin.username}" WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`);
    // The first account is made without one.
    account = admin;
  }
  return influx;
}

const configuration = (folder: string, httpPort: number, rpcPort: number, auth: boolean): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[retention]
  enabled = true
  check-interval = "1s"
[http]
  enabled = true
  bind-address = "127.0.0.1:${httpPort}"
  log-enabled = false
  auth-enabled = ${auth}
[continuous_queries]
  enabled = false
[monitor]
  store-enabled = false
`;
