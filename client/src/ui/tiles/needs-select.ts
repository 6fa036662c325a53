import type { DependencyView, SqlView } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import type { Formats } from "../format.ts";

export interface PickedDependencies {
  readonly shown: readonly DependencyView[];
  readonly hidden: number;
  readonly hiddenAllWell: boolean;
}

const urgency: Readonly<Record<DependencyView["state"], number>> = { failing: 0, slow: 1, unknown: 2, ok: 3 };

/**
 * The dependencies that fit into `mostLines`, in the server's order. Where there are more, the ill ones come first: a
 * place in the list is worth less than a fault that nobody sees.
 */
export function pickDependencies(all: readonly DependencyView[], mostLines: number): PickedDependencies {
  const needed = all.reduce((sum, dependency) => sum + linesOf(dependency), 0);
  if (needed <= mostLines) return { shown: all, hidden: 0, hiddenAllWell: true };
  const shown: DependencyView[] = [];
  // One line is kept for saying how many are hidden.
  let left = mostLines - 1;
  for (const dependency of all.toSorted((a, b) => urgency[a.state] - urgency[b.state])) {
    left -= linesOf(dependency);
    if (left < 0) break;
    shown.push(dependency);
  }
  const hidden = all.filter((dependency) => !shown.includes(dependency));
  return { shown, hidden: hidden.length, hiddenAllWell: hidden.every(({ state }) => state === "ok") };
}

const linesOf = ({ note, sql, state }: DependencyView): number =>
  note === null && sql === null && state === "ok" ? 1 : 2;

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
