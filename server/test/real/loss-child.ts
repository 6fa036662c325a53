// Runs in a network name space of its own: starts servers and asks them, as it is told by lines of JSON.
import { createInterface } from "node:readline";
import { dependencyId } from "@mailtide/shared";
import type { PollCollector } from "../../src/collect/collector.ts";
import { dependencyPlugins } from "../../src/collect/index.ts";
import { startNsd, startUnbound } from "./dns.ts";
import { startMariadb } from "./mariadb.ts";
import { startPostfix } from "./postfix.ts";
import { startPostgres } from "./postgres.ts";
import { asked } from "./probing.ts";
import { startRedis } from "./redis.ts";

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

const large = Array.from({ length: 12 }, (_, at) => `large TXT "${String(at).padStart(3, "0").repeat(80)}"`).join("\n");

const kinds: Readonly<Record<string, () => Promise<Server>>> = {
  /** An authority behind a resolver: its port is the one that the resolver was told last. */
  authority: () => startNsd({ "good.test": `@ MX 10 mx1\nmx1 A 192.0.2.1\n${large}` }),
  resolver: () => startUnbound({ "good.test": latest("authority") }),
  smtp: async () => {
    const postfix = await startPostfix({ routes: { "own.test": 9 } });
    return { port: postfix.smtpPort, stop: () => postfix.stop() };
  },
  postgres: () => startPostgres(),
  mysql: () => startMariadb(),
  redis: () => startRedis(),
};

const running: { readonly kind: string; readonly server: Server }[] = [];
const latest = (kind: string): number => running.findLast((each) => each.kind === kind)?.server.port ?? 0;

async function stop(): Promise<void> {
  await probe?.collector.stop();
  for (const { server } of running.splice(0).toReversed()) await server.stop();
}

let probe: { readonly key: string; readonly collector: PollCollector } | null = null;

async function probeOf(type: string, config: unknown): Promise<PollCollector> {
  const key = JSON.stringify([type, config]);
  if (probe?.key === key) return probe.collector;
  await probe?.collector.stop();
  const plugin = dependencyPlugins.find((each) => each.type === type);
  if (plugin === undefined) throw new Error(`there is no dependency ${type}`);
  const create = plugin.create as (config: unknown, context: { id: ReturnType<typeof dependencyId> }) => PollCollector;
  probe = { key, collector: create(plugin.config.parse(config), { id: dependencyId(type) }) };
  return probe.collector;
}

async function obey(command: { serve?: string; ask?: string; config?: unknown; stop?: boolean }): Promise<unknown> {
  if (command.serve !== undefined) {
    const server = await kinds[command.serve]?.();
    if (server === undefined) throw new Error(`there is no server ${command.serve}`);
    running.push({ kind: command.serve, server });
    return server.port;
  }
  if (command.ask !== undefined) {
    const collector = await probeOf(command.ask, command.config);
    const seen = await asked(collector);
    return { seen, everySeconds: collector.everySeconds };
  }
  await stop();
  return null;
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(JSON.parse(line) as object).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
// Whoever told it what to do is gone.
await stop();
