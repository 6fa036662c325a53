import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningProgram, runProgram, temporaryFolder, until } from "../server/test/real/process.ts";
import { freePort } from "../server/test/real/process.ts";

const program = fileURLToPath(new URL("../server/bin/mailtide.mjs", import.meta.url));
export const readToken = "end-to-end-read-token-0123456789";
export const routingKey = (name: string): string => name.padEnd(32, "0");

export interface Watched {
  readonly name: string;
  readonly logPath: string;
  readonly listCommand: readonly string[];
  readonly ownHop: string;
  readonly databaseUrl: string;
  readonly pagerDutyUrl: string;
  /** YAML of `store.series`. */
  readonly series: string;
}

/** A built Mailtide as an operator runs it: a process of its own with a configuration file. */
export interface RunningMailtide {
  readonly url: string;
  output(): string;
  /** Through the API, with the read token. */
  incidents(): Promise<readonly ApiIncident[]>;
  stop(): Promise<void>;
}
export interface ApiIncident {
  readonly id: string;
  readonly state: string;
  readonly startedAt: string;
  readonly resolvedAt: string | null;
  readonly alerts: readonly {
    readonly rule: string;
    readonly cause: string;
    readonly severity: string;
    readonly state: string;
    readonly startedAt: string;
    readonly firedAt: string | null;
    readonly resolvedAt: string | null;
    readonly evidence: readonly unknown[];
  }[];
}

export async function startMailtide(watched: Watched): Promise<RunningMailtide> {
  const folder = temporaryFolder(`server-${watched.name}`);
  const port = await freePort();
  const configPath = join(folder.path, "mailtide.yaml");
  writeFileSync(configPath, configuration(watched, port, join(folder.path, "state")));
  const running = await serve(configPath, port, { READ_TOKEN: readToken, ROUTING_KEY: routingKey(watched.name) });
  return {
    ...running,
    async stop() {
      await running.stop();
      folder.remove();
    },
  };
}

/** Runs it on a configuration that states this port, until it serves; `readToken` must be among its tokens. */
export async function serve(
  configPath: string,
  port: number,
  env: NodeJS.ProcessEnv,
): Promise<RunningMailtide & { kill(): Promise<void> }> {
  const running: RunningProgram = runProgram(process.execPath, [program, "serve", "--config", configPath], {
    env: { ...process.env, ...env },
    cwd: dirname(configPath),
  });
  const url = `http://127.0.0.1:${port}`;
  const get = (path: string): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${readToken}` } });
  await until("Mailtide to serve", async () => (await get("/healthz")).ok).catch((error: unknown) => {
    throw new Error(`Mailtide did not start: ${running.output()}`, { cause: error });
  });
  return {
    url,
    output: running.output,
    incidents: async () => ((await (await get("/api/v1/incidents")).json()) as { incidents: ApiIncident[] }).incidents,
    stop: () => running.stop(),
    kill: () => running.stop("SIGKILL"),
  };
}

/** Short times, so that an incident from onset to resolution fits into a test. */
function configuration(watched: Watched, port: number, state: string): string {
  const text = JSON.stringify;
  return `
version: 1
site: { id: e2e, name: End to end, timezone: UTC }
server: { port: ${port}, state: ${text(state)} }
auth: { tokens: [{ name: wall, secret: { env: READ_TOKEN }, scopes: [read] }] }
nodes:
  - id: mx1
    ownDomains: [own.test, foreign.test]
    ownHops: [${text(watched.ownHop)}]
    backoff: { minimal: 5s, maximal: 10s, queueRunDelay: 5s }
    collect:
      - { type: postfix-log, path: ${text(watched.logPath)}, from: start }
      - { type: postfix-queue, every: 5s, command: ${text(watched.listCommand)} }
dependencies:
  - { id: mail-db, type: postgres, url: ${text(watched.databaseUrl)}, privileged: ${text(watched.databaseUrl)}, every: 1s, deadline: 2s, affects: [mx1] }
store: { series: ${watched.series} }
delay: { target: 30s }
alerts: { resolveAfter: 10s }
notify:
  - { id: pager, type: pagerduty, routingKey: { env: ROUTING_KEY }, url: ${text(watched.pagerDutyUrl)}, severities: [page] }
`;
}
