import type { DependencyView, SqlView } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import type { Formats } from "../format.ts";

export interface PickedDependencies {
  readonly shown: readonly DependencyView[];
  /** How many lines a detail of theirs may take. */
  readonly detailLines: number;
  readonly hidden: number;
  readonly hiddenAllWell: boolean;
}

/** Where room is short: how many characters of a detail stand on a line, about. */
export type LineCharacters = number;

const urgency: Readonly<Record<DependencyView["state"], number>> = { failing: 0, slow: 1, unknown: 2, ok: 3 };

/** A long detail takes two where there is room for two. */
const mostDetailLines = 2;

/**
 * The dependencies that fit into `mostLines`, in the server's order. Where there are more, the ill ones come first: a
 * place in the list is worth less than a fault that nobody sees. Where not even those fit, what they say is cut to a line,
 * and then left out: that a fourth one is ill too is worth more than the rest of what the first says.
 */
export function pickDependencies(
  all: readonly DependencyView[],
  mostLines: number,
  detailLinesOf: (dependency: DependencyView) => number,
): PickedDependencies {
  const linesOf = (dependency: DependencyView, most: number): number => 1 + Math.min(most, detailLinesOf(dependency));
  const sumOf = (some: readonly DependencyView[], most: number): number =>
    some.reduce((sum, dependency) => sum + linesOf(dependency, most), 0);
  if (sumOf(all, mostDetailLines) <= mostLines)
    return { shown: all, detailLines: mostDetailLines, hidden: 0, hiddenAllWell: true };
  const ill = all.filter(({ state }) => state !== "ok");
  const room = ill.length === all.length ? mostLines : mostLines - 1;
  let detailLines = mostDetailLines;
  while (detailLines > 0 && sumOf(ill, detailLines) > room) detailLines -= 1;
  const shown: DependencyView[] = [];
  // One line is kept for saying how many are hidden.
  let left = sumOf(all, detailLines) <= mostLines ? mostLines : mostLines - 1;
  for (const dependency of all.toSorted((a, b) => urgency[a.state] - urgency[b.state])) {
    left -= linesOf(dependency, detailLines);
    if (left < 0) break;
    shown.push(dependency);
  }
  const hidden = all.filter((dependency) => !shown.includes(dependency));
  return { shown, detailLines, hidden: hidden.length, hiddenAllWell: hidden.every(({ state }) => state === "ok") };
}

/** The first detail always, each further one whole or not at all: half a number is worse than none. */
export function fittingDetails(details: readonly string[], line: LineCharacters): readonly string[] {
  let left = line;
  const firstTooLong = details.findIndex((detail, index) => {
    left -= detail.length + separator.length;
    return index > 0 && left < 0;
  });
  return firstTooLong < 0 ? details : details.slice(0, firstTooLong);
}
const separator = " · ";

/** The state in a word, then the note; a note that begins with the word says it once. */
export function stateAndNote(word: string, note: string): readonly string[] {
  if (!note.startsWith(word)) return [word, note];
  const rest = note.slice(word.length);
  return /^[\s,:]/.test(rest) ? [word, rest.replace(/^[\s,:]+/, "")] : [note];
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
