import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import {
  freePort,
  freezeAll,
  need,
  processesOf,
  type RunningProgram,
  runProgram,
  signalAll,
  temporaryFolder,
  until,
} from "./process.ts";

export interface RealDns {
  readonly port: number;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** NSD, which answers for the given zones and refuses all others; `zones`: name -> records, one a line. */
export async function startNsd(zones: Readonly<Record<string, string>>): Promise<RealDns> {
  return serveDns("nsd", "nsd", (folder, port) => {
    const entries = Object.entries(zones).map(([name, records]) => {
      writeFileSync(
        join(folder, name),
        `$ORIGIN ${name}.\n$TTL 60\n@ SOA ns.${name}. root.${name}. 1 3600 600 86400 60\n@ NS ns.${name}.\nns A 127.0.0.1\n${records}\n`,
      );
      return `zone:\n  name: ${name}\n  zonefile: ${name}\n`;
    });
    const settings = {
      username: '""',
      "ip-address": `127.0.0.1@${port}`,
      zonesdir: folder,
      pidfile: join(folder, "pid"),
      xfrdfile: join(folder, "xfrd"),
      zonelistfile: join(folder, "zonelist"),
      database: '""',
      "server-count": 1,
      // Answers that are larger are truncated.
      "ipv4-edns-size": 1232,
    };
    const conf = join(folder, "nsd.conf");
    writeFileSync(conf, `server:\n${linesOf(settings)}\nremote-control:\n  control-enable: no\n${entries.join("")}`);
    return ["-d", "-c", conf];
  });
}

/** unbound, which asks the given ports of this host for the given zones and keeps nothing; `settings` of its `server:`. */
export async function startUnbound(
  zones: Readonly<Record<string, number>>,
  more: Readonly<Record<string, string>> = {},
): Promise<RealDns> {
  return serveDns("unbound", "unbound", (folder, port) => {
    const settings = {
      "do-daemonize": "no",
      username: '""',
      chroot: '""',
      directory: folder,
      pidfile: '""',
      interface: `127.0.0.1@${port}`,
      "do-not-query-localhost": "no",
      "module-config": '"iterator"',
      "cache-max-ttl": 0,
      "cache-max-negative-ttl": 0,
      // A server that did not answer is asked again at once.
      "infra-host-ttl": 1,
      "infra-keep-probing": "yes",
      ...more,
    };
    const stubs = Object.entries(zones).map(
      ([zone, at]) => `stub-zone:\n  name: ${zone}\n  stub-addr: 127.0.0.1@${at}\n`,
    );
    // What is for tests only, or for nobody, unbound answers itself unless it is told otherwise (RFC 6761, RFC 6303).
    const own = Object.keys(zones).map((zone) => `  local-zone: ${reserved(zone)} nodefault\n`);
    const conf = join(folder, "unbound.conf");
    writeFileSync(
      conf,
      `server:\n${linesOf(settings)}\n${[...new Set(own)].join("")}remote-control:\n  control-enable: no\n${stubs.join("")}`,
    );
    return ["-d", "-c", conf];
  });
}

/** A port that takes every question and answers none, as behind a firewall that drops. */
export async function startBlackHole(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, stop: () => new Promise((resolve) => socket.close(() => resolve())) };
}

const reserved = (zone: string): string => (zone.endsWith(".test") ? "test" : zone);

const linesOf = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `  ${name}: ${value}`)
    .join("\n");

async function serveDns(
  program: string,
  debianPackage: string,
  configure: (folder: string, port: number) => readonly string[],
): Promise<RealDns> {
  const path = need(program, debianPackage);
  const folder = temporaryFolder(program);
  const port = await freePort();
  const args = configure(folder.path, port);
  let running: RunningProgram;
  const start = async (): Promise<void> => {
    running = runProgram(path, args, { cwd: folder.path });
    const resolver = new Resolver({ timeout: 300, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    await until(`${program} answers`, async () => {
      const code = await resolver.resolve4("no.such.invalid").then(
        () => "",
        (error: unknown) => (error as { code: string }).code,
      );
      return code !== "ETIMEOUT" && code !== "ECONNREFUSED";
    }).catch((error: unknown) => {
      throw new Error(`${program} did not start: ${running.output()}`, { cause: error });
    });
  };
  await start();
  // NSD has a process that answers and one that watches over it.
  const signal = (name: NodeJS.Signals): void => signalAll(processesOf(running.child.pid ?? 0), name);
  return {
    port,
    freeze: () => freezeAll(processesOf(running.child.pid ?? 0)),
    thaw: () => signal("SIGCONT"),
    async kill() {
      signal("SIGKILL");
      await running.stop("SIGKILL");
    },
    start,
    async stop() {
      signal("SIGKILL");
      await running.stop("SIGKILL");
      folder.remove();
    },
  };
}
