import type { EpochMs, Seconds } from "./units.ts";

/**
 * Text made by the server from an id and parameters, in pieces, so that the reader decides how a piece looks:
 * `strong` is a decisive figure or name; `atMs` is an instant, shown in the reader's zone;
 * `durationSeconds` is a duration, shown as people say it (2 h 35 min).
 */
export type SentencePart =
  | { readonly text: string }
  | { readonly strong: string }
  | { readonly atMs: EpochMs; readonly strong?: true }
  | { readonly durationSeconds: Seconds; readonly strong?: true };

export type SentenceParam = string | number | boolean | null;

export interface Sentence {
  /** Names the phrase in the text table, for example `database.schema-lock`. */
  readonly id: string;
  readonly params: Readonly<Record<string, SentenceParam>>;
  readonly parts: readonly SentencePart[];
}
