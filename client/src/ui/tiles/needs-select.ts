import type { DependencyView, SqlView } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import type { Formats } from "../format.ts";

const urgency: Readonly<Record<DependencyView["state"], number>> = { failing: 0, slow: 1, unknown: 2, ok: 3 };

/**
 * The dependencies that have room, in the server's order. Where there are more than fit, the ill ones come first: a
 * place in the list is worth less than a fault that nobody sees.
 */
export function pickDependencies(all: readonly DependencyView[], most: number) {
  const kept = all.length <= most ? all : all.toSorted((a, b) => urgency[a.state] - urgency[b.state]).slice(0, most);
  const ids = new Set(kept.map(({ id }) => id));
  return {
    shown: all.length <= most ? all : kept,
    hidden: all.length - kept.length,
    hiddenAllWell: all.every(({ id, state }) => ids.has(id) || state === "ok"),
  };
}

/** Locks first, then connections: the order in which they stop mail. */
export function dependencyFacts(sql: SqlView | null, formats: Formats): readonly string[] {
  if (sql === null) return [];
  const facts: string[] = [];
  if (sql.lockWaits !== null && sql.lockWaits > 0) facts.push(text.dependencies.locks(formats.number(sql.lockWaits)));
  if (sql.connectionsUsed !== null && sql.connectionsMax !== null) {
    facts.push(text.dependencies.connections(formats.number(sql.connectionsUsed), formats.number(sql.connectionsMax)));
  }
  return facts;
}
