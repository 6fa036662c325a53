import type { EpochMs, Seconds, SentencePart, Share } from "@mailtide/shared";
import { countText, shareText } from "./figures.ts";

/** A phrase is a template in which plain words are text and the values are parts: say`${n(7287)} new sources.` */
export function say(words: TemplateStringsArray, ...values: readonly (SentencePart | string)[]): SentencePart[] {
  const parts: SentencePart[] = [];
  const add = (part: SentencePart): void => {
    const last = parts.at(-1);
    if ("text" in part && part.text === "") return;
    if ("text" in part && last !== undefined && "text" in last)
      parts[parts.length - 1] = { text: last.text + part.text };
    else parts.push(part);
  };
  words.forEach((word, index) => {
    add({ text: word });
    const value = values[index];
    if (value !== undefined) add(typeof value === "string" ? { text: value } : value);
  });
  return parts;
}

/** A decisive name. */
export const b = (text: string): SentencePart => ({ strong: text });
/** A decisive count. */
export const n = (count: number): SentencePart => ({ strong: countText(count) });
/** A decisive share. */
export const pct = (share: Share): SentencePart => ({ strong: shareText(share) });
/** A decisive duration. */
export const dur = (seconds: Seconds): SentencePart => ({ durationSeconds: seconds, strong: true });
/** A duration that is only told. */
export const plainDur = (seconds: Seconds): SentencePart => ({ durationSeconds: seconds });
export const at = (atMs: EpochMs): SentencePart => ({ atMs });
/** `1 session`, `214 sessions`: the noun follows the number. */
export const noun = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);
