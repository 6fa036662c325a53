import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LogObservation, LossObservation, Observation } from "../../src/core/observation.ts";
import { parseLine } from "../../src/agent/spool/line.ts";
import { decodeTick } from "../../src/flow/journal.ts";
import { openEngine } from "../../src/store/embedded/engine.ts";
import { openStateStore } from "../../src/store/embedded/state/open.ts";
import { freePort, type RunningProgram, runProgram, until } from "../real/process.ts";

const mailtide = fileURLToPath(new URL("../../bin/mailtide.mjs", import.meta.url));
export const tokens = {
  agent: "agent-secret-0123456789",
  read: "read-secret-0123456789",
  admin: "admin-secret-0123456789",
};
const environment = { ...process.env, AGENT_TOKEN: tokens.agent, READ_TOKEN: tokens.read, ADMIN_TOKEN: tokens.admin };

/** A server and agents as a user starts them; each can be killed and started again. */
export interface Places {
  readonly folder: string;
  readonly serverPort: number;
  /** What the agent is told: the server, or something in between. */
  readonly agentPort: number;
}

export function startServer({ folder, serverPort }: Places): RunningProgram {
  const path = join(folder, "server.yaml");
  writeFileSync(
    path,
    `version: 1
site: { id: t, name: T, timezone: UTC }
server: { port: ${serverPort}, state: ${JSON.stringify(join(folder, "state"))} }
auth:
  tokens:
    - { name: mx2, secret: { env: AGENT_TOKEN }, scopes: [ingest], node: mx2 }
    - { name: reader, secret: { env: READ_TOKEN }, scopes: [read] }
    - { name: boss, secret: { env: ADMIN_TOKEN }, scopes: [admin] }
nodes: [{ id: mx2, ownDomains: [own.test], collect: [{ type: agent }] }]
`,
  );
  return runProgram(process.execPath, [mailtide, "serve", "--config", path], { env: environment, cwd: folder });
}

export interface AgentSays {
  readonly name?: string;
  readonly collect: string;
  readonly spoolMax?: string;
  /** YAML of its dependencies. */
  readonly dependencies?: string;
  /** YAML of where it listens. */
  readonly syslog?: string;
}
export function startAgent(
  { folder, agentPort }: Places,
  { name = "agent", collect, spoolMax, dependencies = "[]", syslog }: AgentSays,
): RunningProgram {
  const path = join(folder, `${name}.yaml`);
  const max = spoolMax === undefined ? "" : `, max: ${spoolMax}`;
  writeFileSync(
    path,
    `version: 1
agent: { server: "http://127.0.0.1:${agentPort}", token: { env: AGENT_TOKEN }, spool: { path: ${JSON.stringify(spoolOf(folder, name))}${max} } }
nodes: [{ id: mx2, collect: [${collect}] }]
dependencies: ${dependencies}
${syslog === undefined ? "" : `syslog: ${syslog}`}
`,
  );
  return runProgram(process.execPath, [mailtide, "agent", "--config", path], { env: environment, cwd: folder });
}

/** The last hour of a server that has ended, as `mailtide capture` writes it. */
export function capturedBy({ folder }: Places, out: string): void {
  const args = [mailtide, "capture", "--config", join(folder, "server.yaml"), "--last", "1h", "--out", out];
  execFileSync(process.execPath, args, { env: environment, cwd: folder, stdio: "pipe", timeout: 60_000 });
}

/** What `mailtide doctor` says on the server, while it runs. */
export function doctorOf({ folder }: Places): string {
  const args = [mailtide, "doctor", "--config", join(folder, "server.yaml")];
  return spawnSync(process.execPath, args, { env: environment, cwd: folder, encoding: "utf8", timeout: 60_000 }).stdout;
}

export const spoolOf = (folder: string, name: string): string => join(folder, `${name}-spool`);

/** The byte of the log up to which everything is durable on the server, while both run. */
export function durableOffset(folder: string, collector: string): number {
  const engine = openEngine(join(folder, "state", "state.db"));
  let epochs: { epoch: string; seq: number }[] = [];
  try {
    const position = engine.prepare("SELECT position FROM position WHERE collector = 'mx2/agent'").one()?.[0];
    if (typeof position === "string") epochs = (JSON.parse(position) as { epochs: typeof epochs }).epochs;
  } finally {
    engine.close();
  }
  let offset = -1;
  const spool = spoolOf(folder, "agent");
  let committed = 0;
  for (const name of readdirSync(spool).sort()) {
    for (const text of readFileSync(join(spool, name), "latin1").split("\n")) {
      const line = parseLine(Buffer.from(text, "latin1"));
      if (line?.kind === "head") committed = epochs.find(({ epoch }) => epoch === line.head.epoch)?.seq ?? 0;
      const position =
        line?.kind === "head" && line.head.firstSeq - 1 <= committed
          ? line.head.positions[collector]
          : line?.kind === "record" && line.record.collector === collector && line.record.seq <= committed
            ? line.record.position
            : undefined;
      if (position !== undefined && position !== "" && position !== "+")
        offset = (JSON.parse(position) as { offset: number }).offset;
    }
  }
  return offset;
}

/** Everything that the server's core was ever told, in order; the server must have ended. */
export async function journalOf(folder: string): Promise<Observation[]> {
  const store = await openStateStore({ folder: join(folder, "state") });
  try {
    const all: Observation[] = [];
    const { journal } = await store.recover();
    for await (const row of journal()) all.push(...decodeTick(row.journal).observations);
    return all;
  } finally {
    await store.close();
  }
}
export const logsIn = (all: readonly Observation[]): LogObservation[] => all.filter((each) => each.kind === "log");
export const lossesIn = (all: readonly Observation[]): LossObservation[] => all.filter((each) => each.kind === "loss");

export async function ask(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { Authorization: `Bearer ${tokens.read}` },
  });
  return response.text();
}

export async function answers(port: number): Promise<void> {
  await until("the server to answer", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status > 0);
}

/** A network that can be cut: connections die, in the middle of whatever they carry, and no new one is made. */
export async function startNetwork(toPort: number): Promise<{ port: number; cut(): void; mend(): void; stop(): void }> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let up = true;
  const server = createServer((socket) => {
    if (!up) {
      socket.destroy();
      return;
    }
    const far = connect(toPort, "127.0.0.1");
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => one.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    cut: () => {
      up = false;
      cutAll();
    },
    mend: () => void (up = true),
    stop: () => {
      cutAll();
      server.close();
    },
  };
}
