import { ConfigError } from "../config/error.ts";
import type { Config } from "../config/schema.ts";

/** A variable of the environment; one that is empty is as good as none. */
export function fromEnvironment(name: `MAILTIDE_${string}`): string | undefined {
  const text = process.env[name];
  return text === "" ? undefined : text;
}

/** Throws ConfigError where there is one that is no port. */
export function portFromEnvironment(): number | undefined {
  const text = fromEnvironment("MAILTIDE_PORT");
  if (text === undefined) return undefined;
  const port = Number(text);
  if (text.trim() !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError([`MAILTIDE_PORT is a port, 0 to 65535, not "${text}"`]);
}

export const stateFolderOf = ({ server }: Config): string =>
  server.state ?? fromEnvironment("MAILTIDE_STATE") ?? ".mailtide";
