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

/** What a Postfix daemon says of a look-up that failed: what its client library found, then which table it was. */
export function lookupWarnings({ dependency, type, state }: Lookup, key: string): readonly string[] {
  const isFull = state === "saturated";
  const isRefused = state === "refusing";
  const file = `/etc/postfix/${dependency}.cf`;
  const failed = (table: string) => `warning: ${table} lookup error for "${key}"`;
  switch (type) {
    case "mysql": {
      const refused = isFull ? "Too many connections" : `Can't connect to MySQL server on '${dependency}' (111)`;
      const cause =
        isFull || isRefused
          ? `connect to mysql server ${dependency}: ${refused}`
          : "mysql query failed: Lost connection to MySQL server during query";
      return [`warning: ${cause}`, failed(`mysql:${file}`)];
    }
    case "postgres": {
      const refused = isFull
        ? "FATAL:  sorry, too many clients already?"
        : "could not connect to server: Connection refused?";
      const cause =
        isFull || isRefused
          ? `connect to pgsql server ${dependency}: ${refused}`
          : `pgsql query failed: fatal error from host ${dependency}: server closed the connection unexpectedly?`;
      return [`warning: ${cause}`, failed(`pgsql:${file}`)];
    }
    case "ldap": {
      const cause = isRefused
        ? `dict_ldap_connect: Unable to bind to server ldap://${dependency} with dn : -1 (Can't contact LDAP server)`
        : `dict_ldap_lookup: ${file}: Search error -5: Timed out`;
      return [`warning: ${cause}`, failed(`ldap:${file}`)];
    }
    case "dns":
      return [];
    case "tcp":
    case "redis":
    case "http":
    case "smtp":
    case "filter":
    case "roundtrip":
    case "disk":
    case "certificate": {
      const cause = isRefused ? "Connection refused" : "Connection timed out";
      return [`warning: connect to TCP map ${dependency}: ${cause}`, failed(`tcp:${dependency}`)];
    }
    default:
      return type satisfies never;
  }
}
