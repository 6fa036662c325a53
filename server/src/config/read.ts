import { existsSync, readFileSync } from "node:fs";
import { ignoredIn } from "./ignored.ts";
import { type Config, configSchema } from "./schema.ts";
import { ConfigError } from "./error.ts";
import { unreadable } from "./unreadable.ts";
import { parseYaml } from "./yaml.ts";

export { ConfigError };

/** The first that exists of: the flag, `$MAILTIDE_CONFIG`, `./mailtide.yaml`, `/etc/mailtide/mailtide.yaml`. */
export function findConfig(flag: string | undefined, environment: NodeJS.ProcessEnv, directory: string): string | null {
  const named = flag ?? environment["MAILTIDE_CONFIG"];
  if (named !== undefined && named !== "") return named;
  return [`${directory}/mailtide.yaml`, "/etc/mailtide/mailtide.yaml"].find((path) => existsSync(path)) ?? null;
}

/** Reads and validates a file. Throws ConfigError with one sentence a problem. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path}: ${unreadable(error as NodeJS.ErrnoException)}`]);
  }
  return parseConfig(text, path);
}

/** `name` stands in the messages. */
export function parseConfig(text: string, name: string): Config {
  const document = parseYaml(text, name, configSchema);
  const ignored = ignoredIn(document);
  if (ignored.length > 0) throw new ConfigError(ignored.map(({ path, message }) => document.problem(path, message)));
  return document.value;
}
