import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type ListenOptions, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { steadyMs } from "../steady-clock.ts";

/** Below those that the kernel gives to who asks for any (net.ipv4.ip_local_port_range): nobody is given one by chance. */
const ports = { first: 10_000, count: 22_000 };

/** A free loopback port. Tests run side by side: as long as this program lives, no other is given the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.first + Math.floor(Math.random() * ports.count);
    if ((await taken(`\0mailtide-test-port-${port}`)) === null) continue;
    const probe = await taken({ port, host: "127.0.0.1" });
    if (probe === null) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

/** What listens there until this program ends; null when somebody does already. */
async function taken(at: string | ListenOptions): Promise<Server | null> {
  const server = createServer().unref();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen(at, () => resolve(server));
  });
}

/** Whether somebody takes connections there. */
export async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (ok: boolean): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/** Where a program is, also those that are root's; throws naming the Debian package that has it. */
export function need(program: string, debianPackage: string): string {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${program} is not installed: apt-get install ${debianPackage}`);
  return found;
}

/** The numbers of a system user whom a program runs as when the tests are root; null when they are not. */
export function idsOf(user: string): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${user}:`));
  if (entry === undefined) throw new Error(`there is no user ${user}`);
  const [, , uid, gid] = entry.split(":").map(Number);
  return { uid: uid ?? 65_534, gid: gid ?? 65_534 };
}

/** A temporary folder that anybody may traverse (daemons drop privileges), removed by `remove`. */
export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `mailtide-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * Polls a condition until it gives something other than undefined, null or false; fails naming what was awaited. The bound is
 * for what never comes: a machine that is busy with other tests takes its time, and when it stands still nothing is counted.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = 120_000, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadlineMs = steadyMs() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<T, false>>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (steadyMs() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A process and all that it has started, as long as they live. */
export function processesOf(pid: number): readonly number[] {
  let children: number[] = [];
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    children = text.trim().split(/\s+/u).filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return [pid, ...children.flatMap((child) => processesOf(child))];
}

/** A program whose parent is gone waits for the system's first process to take note of its end, which may take that seconds. */
export function hasEnded(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.startsWith("Z") ?? false;
  } catch {
    return true;
  }
}

/** Those that have ended meanwhile are left out. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
}

/** Stops them, and returns once they stand still: the signal is there at once, but each thread stops when it next comes to see it. */
export function freezeAll(pids: readonly number[]): void {
  signalAll(pids, "SIGSTOP");
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  for (let look = 0; !pids.every(standsStill); look += 1) {
    if (look > 60_000) throw new Error(`SIGSTOP does not stop ${pids.join(", ")}`);
    Atomics.wait(sleeping, 0, 0, 1);
  }
}

function standsStill(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  try {
    return readdirSync(tasks).every((thread) => /\) [TtZX] /.test(readFileSync(`${tasks}/${thread}/stat`, "utf8")));
  } catch (error) {
    // A thread, or all of it, has ended meanwhile.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return !existsSync(tasks);
    throw error;
  }
}

/** A program that runs until `stop`; its output is kept (the last 64 KiB) for failures. */
export interface RunningProgram {
  readonly child: ChildProcess;
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): RunningProgram {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let text = "";
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString("utf8")).slice(-65_536);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      text += String(error);
      resolve();
    });
  });
  return {
    child,
    output: () => text,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGCONT");
        child.kill(signal);
        const giveUp = setTimeout(() => child.kill("SIGKILL"), 30_000);
        await ended;
        clearTimeout(giveUp);
      }
    },
  };
}

/** What a program prints; the test goes on meanwhile. Rejects when it fails or takes over a minute. */
export async function said(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { encoding: "utf8", timeout: 60_000, env });
  return stdout;
}
