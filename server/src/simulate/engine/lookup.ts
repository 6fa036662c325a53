import type { EpochMs, Millis } from "@mailtide/shared";
import type { Scenario } from "../scenario/schema.ts";
import type { Conditions, DependencyCondition } from "./world.ts";

/** How one look-up in a dependency goes. */
export interface Lookup {
  readonly dependency: string;
  readonly type: Scenario["dependencies"][number]["type"];
  readonly state: DependencyCondition["state"];
  readonly tookMs: Millis;
  readonly failed: boolean;
}

/** A client of a table or of the resolver gives up here. */
const patienceMs: Millis = 10_000;

export type AskDependency = (dependency: string, atMs: EpochMs) => Lookup;

export function createAsking(scenario: Scenario, conditions: Conditions): AskDependency {
  const known = new Map(scenario.dependencies.map((one) => [one.id, one]));
  return (dependency, atMs) => {
    const { state, slowdown } = conditions.dependency(dependency, atMs);
    const { type = "tcp", usualSeconds = 0 } = known.get(dependency) ?? {};
    const isRefused = state === "refusing" || state === "saturated";
    const answerMs = isRefused ? usualSeconds * 1000 : usualSeconds * 1000 * slowdown;
    const isLate = !(answerMs < patienceMs) || state === "hung";
    return { dependency, type, state, tookMs: isLate ? patienceMs : answerMs, failed: isRefused || isLate };
  };
}

/** What a Postfix daemon says of a look-up that failed; the client library's words. */
export function lookupWarning({ dependency, type, state }: Lookup, key: string): string | null {
  const full = state === "saturated";
  const refused = state === "refusing";
  const table = `/etc/postfix/${dependency}.cf`;
  switch (type) {
    case "mysql":
      return full
        ? `warning: connect to mysql server ${dependency}: Too many connections`
        : refused
          ? `warning: connect to mysql server ${dependency}: Can't connect to MySQL server on '${dependency}' (111)`
          : `warning: mysql:${table}: query failed: Lost connection to MySQL server during query`;
    case "postgres":
      return full
        ? `warning: connect to pgsql server ${dependency}: FATAL:  sorry, too many clients already?`
        : refused
          ? `warning: connect to pgsql server ${dependency}: could not connect to server: Connection refused?`
          : `warning: pgsql:${table}: query failed: server closed the connection unexpectedly`;
    case "ldap":
      return refused
        ? `warning: dict_ldap_connect: Unable to bind to server ldap://${dependency} with dn : -1 (Can't contact LDAP server)`
        : `warning: dict_ldap_lookup: ${table}: Search error -5: Timed out`;
    case "redis":
    case "tcp":
    case "http":
      return `warning: problem talking to server ${dependency}: ${refused ? "Connection refused" : "Connection timed out"}`;
    case "dns":
      return null;
    case "smtp":
    case "filter":
    case "roundtrip":
    case "disk":
    case "certificate":
      return `warning: ${dependency}: table lookup problem: ${key}`;
    default:
      return type satisfies never;
  }
}
