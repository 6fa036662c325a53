import type { Sentence, SentenceParam } from "@mailtide/shared";
import { cleanText } from "./clean.ts";
import { en } from "./en/index.ts";

type Table = typeof en;
/** Every text that Mailtide can say. Another language is another table with the same ids. */
export type PhraseId = keyof Table;
type Params = Readonly<Record<string, SentenceParam>>;

/** Makes a sentence from its id and parameters. Parameters are cleaned here and nowhere else. */
export function sentence<Id extends PhraseId>(id: Id, ...[params]: Parameters<Table[Id]>): Sentence {
  const safe: Record<string, SentenceParam> = {};
  for (const [name, value] of Object.entries((params ?? {}) as Params))
    safe[name] = typeof value === "string" ? cleanText(value) : value;
  const phrase = en[id] as (params: Params) => Sentence["parts"];
  return { id, params: safe, parts: phrase(safe) };
}
