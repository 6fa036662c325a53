import { ConfigError, findConfig, parseConfig, readConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { refusal } from "../http/protection.ts";
import { createLogger } from "../observe/logger.ts";
import { detectHost } from "../host/detect.ts";
import { fromEnvironment, portFromEnvironment, stateFolderOf } from "./environment.ts";
import { minded } from "./hang-up.ts";
import { logLevel } from "./log-level.ts";
import { clientFolder } from "./paths.ts";
import { runApp } from "./run-app.ts";

export interface ServeOptions {
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
}

/** A configuration, else the Postfix and the Exim of this host, else the demo. `MAILTIDE_FORCE=demo` or `host` overrides. */
export async function serve(options: ServeOptions, signal: AbortSignal): Promise<number> {
  const force = fromEnvironment("MAILTIDE_FORCE");
  if (force !== undefined && force !== "demo" && force !== "host")
    throw new ConfigError([`MAILTIDE_FORCE is demo or host, not "${force}"`]);
  const path = force === undefined ? findConfig(options.config, process.env, process.cwd()) : null;
  const config = force === "demo" ? null : path === null ? await hostConfig() : readConfig(path);
  if (config?.agent !== undefined)
    throw new ConfigError([`${path}: the key "agent" makes it an agent's: mailtide agent --config ${path}`]);
  if (config === null) {
    if (force === "host") throw new Error("no running Postfix or Exim was found on this host");
    console.log(
      "No configuration and no running Postfix or Exim here: playing the demo. mailtide.example.yaml shows what to write.",
    );
    const { demo } = await import("./demo.ts");
    return demo({ speed: 60, from: "11:30", ...(options.port === undefined ? {} : { port: options.port }) }, signal);
  }
  const flagged = withFlags(config, options);
  mustBeServable(flagged, path ?? "this host");
  const logger = createLogger({ level: logLevel() });
  const release = minded(path, logger);
  try {
    return await runApp(
      {
        config: flagged,
        mode: "live",
        stateFolder: stateFolderOf(config),
        clientFolder: clientFolder(),
        logger,
      },
      signal,
    );
  } finally {
    release();
  }
}

/** Throws ConfigError where the server would not start: it never stands open to others. */
export function mustBeServable({ server, auth, agent }: Config, path: string): void {
  const refused = agent === undefined ? refusal(server, auth) : null;
  if (refused !== null) throw new ConfigError([`${path}: ${refused}`]);
}

async function hostConfig(): Promise<Config | null> {
  const host = await detectHost();
  if (host === null) return null;
  console.log(
    `Watching the ${host.found.join(" and the ")} of this host. Write a mailtide.yaml to change anything (see mailtide.example.yaml).`,
  );
  for (const problem of host.problems) console.error(`mailtide: ${problem}`);
  return parseConfig(host.yaml, "this host");
}

/** Flags and `$MAILTIDE_PORT` over the file. */
export function withFlags(config: Config, { port, host }: Pick<ServeOptions, "port" | "host">): Config {
  const { server } = config;
  return {
    ...config,
    server: { ...server, host: host ?? server.host, port: port ?? portFromEnvironment() ?? server.port },
  };
}
