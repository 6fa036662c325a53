import type { DependencySection, DependencyView } from "@mailtide/shared";
import type { SqlKind } from "./commands.ts";
import type { RuleInput } from "./rule.ts";

export type SqlView = DependencyView & { readonly type: SqlKind };

export function databases({ sections: { dependencies: section } }: RuleInput): readonly SqlView[] {
  let found = known.get(section);
  if (found === undefined) known.set(section, (found = databasesOf(section)));
  return found;
}

/** Asked for three times a second, new when a probe has said something. */
const known = new WeakMap<DependencySection, readonly SqlView[]>();

const databasesOf = ({ dependencies }: DependencySection): readonly SqlView[] =>
  dependencies.filter((view): view is SqlView => view.type === "postgres" || view.type === "mysql");

/** It answers, whatever else fails: what it says of connections and locks is of now. */
export const isAnswering = ({ state, fault }: DependencyView): boolean =>
  state !== "unknown" && (state !== "failing" || fault !== undefined);

/** What kind of statement it is, from a closed list: nothing that a stranger wrote. */
export function statementKind(statement: string): string {
  const words =
    /^\s*(?:\/\*.{0,200}?\*\/\s*)?([A-Za-z]+)(?:\s+(?:(?:UNIQUE|OR|REPLACE|TEMP|TEMPORARY|MATERIALIZED)\s+)*([A-Za-z]+))?/s.exec(
      statement.slice(0, 400),
    );
  const verb = words?.[1]?.toUpperCase() ?? "";
  const object = words?.[2]?.toUpperCase() ?? "";
  if (!verbs.has(verb)) return "A schema change";
  return objects.has(object) ? `${verb} ${object}` : verb;
}

const verbs = new Set([
  "ALTER",
  "CREATE",
  "DROP",
  "TRUNCATE",
  "REINDEX",
  "VACUUM",
  "CLUSTER",
  "LOCK",
  "REFRESH",
  "RENAME",
  "OPTIMIZE",
  "COMMENT",
  "GRANT",
  "REVOKE",
  "ANALYZE",
]);
const objects = new Set([
  "TABLE",
  "INDEX",
  "VIEW",
  "SCHEMA",
  "SEQUENCE",
  "TYPE",
  "DATABASE",
  "TRIGGER",
  "FUNCTION",
  "COLUMN",
  "FULL",
  "TABLES",
]);

/** Literals are somebody's data: they do not belong on a wall. */
export const maskLiterals = (statement: string): string => statement.replace(/'(?:[^']|'')*'?/g, "'…'");
