// How long a frame takes to reach every screen, and what it costs, beside bare Socket.IO in the same run.
// npx tsx bench/fanout.ts [--clients 1000] [--frames 20] [--bytes 2000] [--rounds 2]
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { protocolVersion } from "@mailtide/shared";
import type { ClientToServer, ServerToClient } from "@mailtide/shared";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { silentLogger } from "../server/src/observe/logger.ts";
import { createMetrics } from "../server/src/observe/metrics.ts";
import { createGateway } from "../server/src/stream/gateway.ts";
import { stateAt } from "../server/test/serving.ts";

interface Subject {
  broadcast(frame: number): void;
  close(): Promise<void>;
}
interface Result {
  readonly subject: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerFrame: number;
  readonly rssMb: number;
  readonly received: number;
}

const preciseNow = (): number => performance.timeOrigin + performance.now();

/** Sends the same bytes to everybody and does nothing else. */
function bare(server: HttpServer, bytes: number): Subject {
  const sockets = new Server(server, { serveClient: false, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    socket.on("hello", (_, reply: (ack: unknown) => void) => reply({ ok: true }));
  });
  return {
    broadcast(seq) {
      const changed = { meta: stateAt(seq, bytes).meta };
      sockets.emit("delta", { cursor: { serverEpoch: "bare", seq }, sentAtMs: preciseNow(), changed });
    },
    close: () => sockets.close(),
  };
}

/** The gateway with everything it does: sections compared, buffers looked at, credentials asked again. */
function mailtide(server: HttpServer, bytes: number, clients: number): Subject {
  const principal = { name: "bench", kind: "token", scopes: ["read"], credential: "token:bench" } as const;
  const gateway = createGateway({
    server,
    access: {
      admit: () => ({ ok: true, address: "127.0.0.1" }),
      authenticate: () => principal,
      isStillGood: () => true,
      onRevoked: () => () => {},
    },
    commands: { acknowledge: async () => ({ ok: true }), silence: async () => ({ ok: true }) },
    audit: async () => {},
    metrics: createMetrics({ process: false }),
    logger: silentLogger,
    now: preciseNow,
    limits: { clients, perAddress: clients, frameEveryMs: 0 },
  });
  gateway.publish(stateAt(0, bytes));
  return { broadcast: (seq) => gateway.publish(stateAt(seq, bytes)), close: () => gateway.close() };
}

async function measure(subject: "bare" | "mailtide", options: Options): Promise<Result> {
  const { clients, frames, bytes } = options;
  const server = createServer();
  const made = subject === "bare" ? bare(server, bytes) : mailtide(server, bytes, clients);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const child = fork(import.meta.filename, ["--connect", `http://127.0.0.1:${port}`, "--clients", String(clients)]);
  await said(child, "ready");
  // The first frames warm up both sides and are not counted.
  for (let frame = 1; frame <= 3; frame++) await broadcastAndWait(made, frame);
  child.send("start");
  await said(child, "started");
  const before = process.cpuUsage();
  for (let frame = 4; frame < 4 + frames; frame++) await broadcastAndWait(made, frame);
  const { user, system } = process.cpuUsage(before);
  const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
  const answer = said(child, "result");
  child.send("stop");
  const latencies = ((await answer) as { latencies: number[] }).latencies.sort((a, b) => a - b);
  await made.close();
  server.closeAllConnections();
  child.kill();
  const at = (share: number): number => round(latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN);
  const cpuMsPerFrame = round((user + system) / 1000 / frames);
  return { subject, p50Ms: at(0.5), p99Ms: at(0.99), cpuMsPerFrame, rssMb, received: latencies.length };
}

const round = (value: number): number => Math.round(value * 10) / 10;

async function broadcastAndWait(subject: Subject, frame: number): Promise<void> {
  subject.broadcast(frame);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}

function said(child: ChildProcess, what: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
    child.on("message", (message: { what: string }) => {
      if (message.what === what) resolve(message);
    });
  });
}

/** The other process: all the screens. */
async function beClients(url: string, clients: number): Promise<void> {
  let latencies: number[] = [];
  let counting = false;
  for (let n = 0; n < clients; n++) {
    const socket: Socket<ServerToClient, ClientToServer> = io(url, { transports: ["websocket"], forceNew: true });
    socket.on("delta", ({ sentAtMs }) => {
      if (counting) latencies.push(preciseNow() - sentAtMs);
    });
    await new Promise<void>((resolve, reject) => {
      socket.on("connect_error", reject);
      socket.on("connect", () => socket.emit("hello", { version: protocolVersion }, () => resolve()));
    });
  }
  process.on("message", (message) => {
    counting = message === "start";
    if (counting) latencies = [];
    process.send?.(counting ? { what: "started" } : { what: "result", latencies });
  });
  process.send?.({ what: "ready" });
}

interface Options {
  readonly clients: number;
  readonly frames: number;
  readonly bytes: number;
}
const { values } = parseArgs({
  options: {
    connect: { type: "string" },
    clients: { type: "string", default: "1000" },
    frames: { type: "string", default: "20" },
    bytes: { type: "string", default: "2000" },
    rounds: { type: "string", default: "2" },
  },
});
if (values.connect !== undefined) await beClients(values.connect, Number(values.clients));
else {
  const options = { clients: Number(values.clients), frames: Number(values.frames), bytes: Number(values.bytes) };
  const results: Result[] = [];
  // Alternating, so that a busy neighbour disturbs both alike.
  for (let round = 0; round < Number(values.rounds); round++) {
    results.push(await measure("bare", options), await measure("mailtide", options));
  }
  console.table(results);
  process.exit();
}
