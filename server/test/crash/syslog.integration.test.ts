import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { openEngine } from "../../src/store/embedded/engine.ts";
import { makeAuthority } from "../real/certificates.ts";
import { freePort, runProgram, temporaryFolder, until } from "../real/process.ts";

const child = fileURLToPath(new URL("./child.mjs", import.meta.url));

const authority = makeAuthority();
const { certPath, keyPath } = authority.make();
afterAll(() => authority.remove());

type Way = "TCP" | "TLS";
let folder: ReturnType<typeof temporaryFolder>;
let ports: Readonly<Record<Way, number>>;
let sent = 0;
let connections: Socket[] = [];
beforeEach(async () => {
  folder = temporaryFolder("crash-syslog");
  ports = { TCP: await freePort(), TLS: await freePort() };
  sent = 0;
  writeFileSync(join(folder.path, "mailtide.yaml"), configuration(await freePort()));
});
afterEach(() => {
  for (const socket of connections.splice(0)) socket.destroy();
  folder.remove();
});

type Program = ReturnType<typeof runProgram>;

/** A built Mailtide that may kill itself at the n-th time it reaches a point, and two senders that are connected to it. */
async function run(way: Way, point = "never", nth = 1): Promise<Program> {
  const args = [child, "mailtide.yaml", "state", point, String(nth)];
  const program = runProgram(process.execPath, args, { cwd: folder.path });
  connections = await Promise.all([0, 1].map(() => until("it listens", () => dial(program, way))));
  return program;
}

async function dial(program: Program, way: Way): Promise<Socket> {
  if (program.child.exitCode !== null) throw new Error(program.output());
  const at = { port: ports[way], host: "127.0.0.1" };
  const socket = way === "TCP" ? connect(at) : connectTls({ ...at, ca: authority.ca });
  socket.on("error", () => undefined);
  const opened = way === "TCP" ? "connect" : "secureConnect";
  await new Promise((resolve, reject) => socket.once(opened, resolve).once("error", reject));
  return socket;
}

/** Half of them by each sender. */
function send(count: number): void {
  const texts: [string[], string[]] = [[], []];
  for (let n = 0; n < count; n++) {
    const id = (0xa0000000 + sent++).toString(16).toUpperCase();
    texts[n % 2]?.push(`<22>1 ${new Date().toISOString()} mx1 postfix/qmgr 7 - - ${id}: removed\n`);
  }
  for (const [at, socket] of connections.entries()) socket.write(texts[at]?.join("") ?? "");
}

/** Lines that Mailtide took from its sockets, as it keeps it; what is in the kernel's buffer when it is killed is in no count. */
const taken = (): number =>
  Number(readFileSync(join(folder.path, "state", "syslog-taken", "mx1%2Fpostfix-log"), "latin1"));

/** Lines that are stored, and lines that are said to be lost. */
function stored(): { readonly lines: number; readonly lost: number } {
  const engine = openEngine(join(folder.path, "state", "series", "series.db"));
  const [lines, lost] = engine.prepare('SELECT sum(lines), sum(lost) FROM "mail_flow_10s"').one() ?? [];
  engine.close();
  return { lines: Number(lines), lost: Number(lost) };
}

test(
  "TCP: of the lines that were taken when Mailtide is killed, none vanishes uncounted",
  { timeout: 600_000 },
  async () => {
    for (const [point, nth] of [
      ["after-read", 4],
      ["after-commit", 3],
      ["within-checkpoint", 1],
      ["kill", 1],
    ] as const) {
      const program = await run("TCP", point, nth);
      await until(`it dies at ${point}`, async () => {
        send(100);
        const all = sent;
        // Read from the socket, or it is dead and what was under way is nobody's.
        await until("they are taken", () => taken() === all || program.child.signalCode !== null);
        if (point === "kill") program.child.kill("SIGKILL");
        return program.child.signalCode === "SIGKILL";
      });
      // What the kernel had at that moment nobody took.
      await until("it has ended", () => program.child.signalCode !== null);
      sent = taken();
    }
    const last = await run("TCP");
    send(100);
    await until("every line is stored or counted", () => {
      const { lines, lost } = stored();
      return lines + lost === sent;
    });
    const { lost } = stored();
    expect(lost).toBeGreaterThanOrEqual(100);
    expect(lost).toBeLessThan(sent / 2);
    await last.stop();
  },
);

const ways: Way[] = ["TCP", "TLS"];

/** All of it, and none as a loss. */
async function isStored(way: Way): Promise<void> {
  const last = await run(way);
  await until("every line is stored", () => stored().lines === sent);
  expect(stored().lost).toBe(0);
  await last.stop();
}

test.each(ways)("%s: what is under way when Mailtide is told to end is taken", { timeout: 600_000 }, async (way) => {
  for (let round = 0; round < 3; round++) {
    const program = await run(way);
    send(30_000);
    program.child.kill("SIGTERM");
    await until("it has ended", () => program.child.exitCode !== null);
    expect(taken()).toBe(sent);
  }
  await isStored(way);
});

test.each(ways)(
  "%s: what was sent before a sender closed is taken, to a last line without its end, though Mailtide is told to end",
  { timeout: 600_000 },
  async (way) => {
    for (let round = 0; round < 3; round++) {
      const program = await run(way);
      send(30_000);
      const closed = connections.map((socket) => new Promise((resolve) => socket.once("finish", resolve)));
      for (const socket of connections) socket.end(`<22>1 2026-11-30T10:00:00Z mx1 postfix/qmgr 7 - - ABCDEF: removed`);
      sent += connections.length;
      await Promise.all(closed);
      program.child.kill("SIGTERM");
      await until("it has ended", () => program.child.exitCode !== null);
      expect(taken()).toBe(sent);
    }
    await isStored(way);
  },
);

function configuration(http: number): string {
  return `
version: 1
site: { id: crash, name: Crash, timezone: UTC }
server: { port: ${http} }
syslog:
  tcp: "127.0.0.1:${ports.TCP}"
  tls: { listen: "127.0.0.1:${ports.TLS}", cert: ${certPath}, key: ${keyPath} }
nodes: [{ id: mx1, ownDomains: [own.test], collect: [{ type: postfix-log, syslog: { address: [127.0.0.1] } }] }]
`;
}
