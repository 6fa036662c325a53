import { execFileSync } from "node:child_process";
import { freePort, freezeAll, need, type RunningProgram, runProgram, temporaryFolder, until } from "./process.ts";

export interface RealRedis {
  readonly port: number;
  readonly folder: string;
  /** Runs one command as the default user through redis-cli; gives its answer. */
  cli(...words: readonly string[]): string;
  /** A command that runs on while the test does. */
  send(...words: readonly string[]): RunningProgram;
  freeze(): void;
  thaw(): void;
  /** kill -9, as a crash. */
  kill(): Promise<void>;
  /** After `kill`, on the same port with the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A private server on a free loopback port that keeps nothing on disk; `settings` as in redis.conf. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RealRedis> {
  const program = need("redis-server", "redis-server");
  const folder = temporaryFolder("redis");
  const port = await freePort();
  const given = Object.entries({ save: "", dir: folder.path, ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    ...(value === "" ? [""] : value.split(" ")),
  ]);
  let running: RunningProgram;
  const place = ["-h", "127.0.0.1", "-p", String(port)];
  const cli = (...words: readonly string[]): string =>
    execFileSync(need("redis-cli", "redis-tools"), [...place, ...words], { encoding: "utf8", timeout: 60_000 }).trim();
  const start = async (): Promise<void> => {
    running = runProgram(program, ["--port", String(port), "--bind", "127.0.0.1", ...given]);
    await until("Redis answers", () => /PONG|LOADING|NOAUTH/u.test(cli("PING"))).catch((error: unknown) => {
      throw new Error(`Redis did not start: ${running.output()}`, { cause: error });
    });
  };
  await start();
  return {
    port,
    folder: folder.path,
    cli,
    send: (...words) => runProgram(need("redis-cli", "redis-tools"), [...place, ...words]),
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
