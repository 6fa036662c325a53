import { createCollectors } from "../build.ts";
import { mostProbes } from "../collect/agent/wire.ts";
import { ConfigError, findConfig, readConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { probesOf } from "../core-config.ts";
import { createLogger } from "../observe/logger.ts";
import { type AgentOptions, startAgent } from "../agent/agent.ts";
import { minded } from "./hang-up.ts";
import { logLevel } from "./log-level.ts";

/** Collects here and sends to a server, until the signal. */
export async function agent({ config: flag }: { readonly config?: string }, signal: AbortSignal): Promise<number> {
  const path = findConfig(flag, process.env, process.cwd());
  if (path === null) throw new ConfigError(["no configuration: give --config (docs/agents.md shows one)"]);
  const settings = agentSettings(readConfig(path), path);
  const logger = createLogger({ level: logLevel() });
  const release = minded(path, logger);
  try {
    const running = await startAgent({ ...settings, logger });
    console.log(`Mailtide agent of ${settings.node}, for ${settings.server.url}`);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await running.close();
    return 0;
  } finally {
    release();
  }
}

/** Throws ConfigError where the configuration is none of an agent. */
export function agentSettings(config: Config, path: string): Omit<AgentOptions, "logger"> {
  const { agent: settings, nodes } = config;
  const problems: string[] = [];
  if (settings === undefined) problems.push(`${path}: an agent needs the key "agent" with its server and its token`);
  const [node] = nodes;
  if (node === undefined) problems.push(`${path}: an agent has one of "nodes", the one that its token was made for`);
  const probes = [...new Set(probesOf(config))];
  if (probes.length > mostProbes)
    problems.push(`${path}: an agent's round trips go to at most ${mostProbes} mailboxes, not ${probes.length}`);
  if (settings === undefined || node === undefined || problems.length > 0) throw new ConfigError(problems);
  const { server, token, ca, spool } = settings;
  return {
    node: node.id,
    collectors: createCollectors(config, spool.path),
    probes,
    server: { url: server, token: token.reveal(), ca },
    spool: { folder: spool.path, maxBytes: spool.max },
  };
}
