// What agents cost: a built server that 200 simulated agents send 1,000 lines/s to in all, and a real agent that follows
// 1,000 lines/s. `agents [SECONDS]`; CPU is user and system time from /proc.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createClient } from "../server/src/agent/client.ts";
import { lineReader } from "../server/src/collect/readers.ts";
import { freePort, runProgram, temporaryFolder, until } from "../server/test/real/process.ts";
import { cpuSecondsOf, memoryOf } from "./support/process-figures.ts";

const seconds = Number(process.argv[2] ?? 60);
const agents = 200;
const linesPerSecond = 1_000;
const folder = temporaryFolder("agents");
const mailtide = fileURLToPath(new URL("../server/bin/mailtide.mjs", import.meta.url));
const pack = promisify(gzip);
const env = { ...process.env, AGENT_TOKEN: "agent-secret-0123456789" };
const names = Array.from({ length: agents }, (_, index) => `mx${index}`);
for (const name of names) Object.assign(env, { [`TOKEN_${name}`]: `secret-of-${name}-0123456789` });
Object.assign(env, { TOKEN_real: env.AGENT_TOKEN });

const port = await freePort();
const all = [...names, "real"];
const serverFile = join(folder.path, "server.yaml");
writeFileSync(
  serverFile,
  `version: 1
site: { id: bench, name: Bench, timezone: UTC }
server: { port: ${port}, state: ${JSON.stringify(join(folder.path, "state"))} }
auth:
  tokens:
${all.map((name) => `    - { name: ${name}, secret: { env: TOKEN_${name} }, scopes: [ingest], node: ${name} }`).join("\n")}
nodes:
${all.map((name) => `  - { id: ${name}, ownDomains: [own.test], collect: [{ type: agent }] }`).join("\n")}
`,
);
const server = runProgram(process.execPath, [mailtide, "serve", "--config", serverFile], { env, cwd: folder.path });
const ended = new AbortController();
try {
  await until("the server", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status > 0);

  const loops = names.map((name) => simulate(name, linesPerSecond / agents));
  await pause(10);
  const fleet = await measure(server.child.pid ?? 0, seconds);
  ended.abort();
  const sent = (await Promise.all(loops)).reduce((sum, each) => sum + each, 0);
  console.log(`server, ${agents} agents, ${linesPerSecond} lines/s in all: ${said(fleet)}; ${sent} lines sent`);

  const log = join(folder.path, "mail.log");
  writeFileSync(log, "");
  const agentFile = join(folder.path, "agent.yaml");
  writeFileSync(
    agentFile,
    `version: 1
agent: { server: "http://127.0.0.1:${port}", token: { env: AGENT_TOKEN }, spool: { path: ${JSON.stringify(join(folder.path, "spool"))} } }
nodes: [{ id: real, collect: [{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }] }]
`,
  );
  const flags = ["--max-semi-space-size=2", "--max-old-space-size=64"];
  const agent = runProgram(process.execPath, [...flags, mailtide, "agent", "--config", agentFile], { env });
  await pause(3);
  const started = performance.now();
  let written = 0;
  const writing = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * linesPerSecond);
    const lines: string[] = [];
    while (written < due) lines.push(lineOf("real", written++));
    if (lines.length > 0) appendFileSync(log, `${lines.join("\n")}\n`);
  }, 100);
  const one = await measure(agent.child.pid ?? 0, seconds);
  clearInterval(writing);
  console.log(`agent, ${linesPerSecond} lines/s: ${said(one)}; ${written} lines`);
  await agent.stop();
} finally {
  ended.abort();
  await server.stop();
  folder.remove();
}

/** Speaks as an agent does, without its disk; gives how many lines it sent. */
async function simulate(node: string, perSecond: number): Promise<number> {
  const client = createClient({ url: `http://127.0.0.1:${port}`, token: `secret-of-${node}-0123456789` });
  const read = lineReader("postfix", { zone: "UTC", year: 2026 });
  const collector = `${node}/postfix-log`;
  let after = 0;
  let sent = 0;
  await pause(Math.random() * 2);
  const startedMs = performance.now();
  while (!ended.signal.aborted) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * perSecond);
    const observations: object[] = [];
    for (; sent < due; sent++) {
      const event = read?.(lineOf(node, sent));
      observations.push({ kind: "log", node, atMs: Date.now(), event });
    }
    const health = { collector, required: true, limitSeconds: 10, state: "ok", problem: null, atMs: Date.now() };
    const head = { protocol: 1, node, program: "bench", epoch: node, run: node, after, lostLines: 0 };
    const rest = { clock: { offsetMs: 0, roundTripMs: 1 }, behindSinceMs: null, spoolBytes: 0, health: [health] };
    const lines = [JSON.stringify({ ...head, ...rest })];
    if (observations.length > 0) lines.push(JSON.stringify({ seq: after + 1, collector, observations }));
    const answer = await client.post(await pack(lines.join("\n"), { level: 1 }), AbortSignal.timeout(60_000));
    after = answer.received ?? after;
    await pause(answer.pauseMs / 1000);
  }
  client.close();
  return sent;
}

/** Six lines of a message that is delivered at once, from a different client each time. */
function lineOf(node: string, index: number): string {
  const message = Math.floor(index / 6);
  const id = (0xa0000000 + message).toString(16).toUpperCase();
  const stamp = new Date().toISOString().replace("Z", "+00:00");
  const client = `mail${message % 500}.example.com[198.51.${message % 200}.${1 + (message % 250)}]`;
  const bodies = [
    `smtpd[70${message % 90}]: connect from ${client}`,
    `smtpd[70${message % 90}]: ${id}: client=${client}`,
    `cleanup[71]: ${id}: message-id=<${message}.abcdef@mail.example.com>`,
    `qmgr[72]: ${id}: from=<someone${message}@example.com>, size=${2_000 + (message % 9_000)}, nrcpt=1 (queue active)`,
    `smtp[73]: ${id}: to=<user${message % 3_000}@own.test>, relay=10.0.0.9[10.0.0.9]:25, delay=0.35, delays=0.1/0.01/0.04/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZ${message})`,
    `qmgr[72]: ${id}: removed`,
  ];
  return `${stamp} ${node} postfix/${bodies[index % 6] ?? ""}`;
}

async function measure(pid: number, forSeconds: number): Promise<{ cpuShare: number; mib: number; peakMib: number }> {
  const before = cpuSecondsOf(pid);
  const startedMs = performance.now();
  await pause(forSeconds);
  const cpuShare = (cpuSecondsOf(pid) - before) / ((performance.now() - startedMs) / 1000);
  return { cpuShare, ...memoryOf(pid) };
}

function said({ cpuShare, mib, peakMib }: { cpuShare: number; mib: number; peakMib: number }): string {
  return `${(cpuShare * 100).toFixed(1)} % of a core, ${mib.toFixed(0)} MiB, at most ${peakMib.toFixed(0)} MiB`;
}

function pause(forSeconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forSeconds * 1000));
}
