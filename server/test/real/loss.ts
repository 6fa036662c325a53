import { execFileSync, type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProbeObservation } from "../../src/core/observation.ts";
import { need, runProgram, until } from "./process.ts";

/** A network of one host that nobody else is in: servers and who asks them run there, and packets between them can be lost. */
export interface LosingNetwork {
  /** Starts a server of `loss-child.ts` there; its port. */
  serve(kind: string): Promise<number>;
  /** Asks as the dependency `type` with this configuration does; what it keeps is kept until it is asked with another. */
  ask(type: string, config: object): Promise<Asked>;
  /** What nftables does to packets on their way in, such as `tcp dport 25 drop`; what was told before is forgotten. */
  rules(...rules: readonly string[]): void;
  stop(): Promise<void>;
}

export interface Asked {
  readonly seen: ProbeObservation;
  readonly everySeconds: number;
}

const program = fileURLToPath(new URL("./loss-child.ts", import.meta.url));

/** Throws naming what this machine does not allow: network name spaces or nftables. */
export async function startLosingNetwork(): Promise<LosingNetwork> {
  const [unshare, ip, nft] = [need("unshare", "util-linux"), need("ip", "iproute2"), need("nft", "nftables")];
  const holder = runProgram(unshare, ["-n", "sh", "-c", "echo in; exec sleep infinity"]);
  await until("a network name space", () => {
    if (holder.child.exitCode !== null)
      throw new Error(`this machine allows no network name space (CAP_SYS_ADMIN): ${holder.output().trim()}`);
    return holder.output().includes("in");
  });
  const within = ["-t", String(holder.child.pid), "-n"];
  const inside = (...command: readonly string[]): void => {
    execFileSync(need("nsenter", "util-linux"), [...within, ...command], { stdio: ["ignore", "ignore", "pipe"] });
  };
  try {
    inside(ip, "link", "set", "lo", "up");
    inside(nft, "add table inet loss");
    inside(nft, "add chain inet loss in { type filter hook input priority 0; policy accept; }");
  } catch (error) {
    await holder.stop("SIGKILL");
    throw new Error("this machine allows no nftables in a network name space (CAP_NET_ADMIN, nf_tables)", {
      cause: error,
    });
  }
  const child = spawn("nsenter", [...within, process.execPath, "--import", "tsx", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const tell = talkTo(child);
  return {
    serve: (kind) => tell({ serve: kind }) as Promise<number>,
    ask: (type, config) => tell({ ask: type, config }) as Promise<Asked>,
    rules(...rules) {
      inside(nft, "flush chain inet loss in");
      for (const rule of rules) inside(nft, `add rule inet loss in ${rule}`);
    },
    async stop() {
      inside(nft, "flush chain inet loss in");
      await tell({ stop: true });
      child.stdin.end();
      await holder.stop("SIGKILL");
    },
  };
}

/** A line of JSON for a line of JSON, one after the other. */
function talkTo(child: ChildProcess): (command: object) => Promise<unknown> {
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  if (child.stdout === null) throw new Error("no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { value, error } = JSON.parse(line) as { value?: unknown; error?: string };
    const first = waiting.shift();
    if (error === undefined) first?.resolve(value);
    else first?.reject(new Error(error));
  });
  child.once("exit", (code) => {
    for (const each of waiting.splice(0)) each.reject(new Error(`ended with ${code}`));
  });
  return (command) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin?.write(`${JSON.stringify(command)}\n`);
    });
}
