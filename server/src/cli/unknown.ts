import { meant } from "../config/complaints.ts";

/** A word that nobody knows, with the nearest that is known and all others. */
export function unknown(what: string, known: readonly string[], word: string): string {
  const near = meant(word, known);
  return `${what}${near === "" ? "." : near} Known: ${known.join(", ")}`;
}
