import { createHmac } from "node:crypto";
import { createMemory } from "./memory.ts";

/** A pseudonym of a word: the same for the same word and context, and no way back without the key. */
export type Words = (word: string, context?: string) => string;

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const letters = 9;

/**
 * Ten characters made by HMAC-SHA-256 of the word in lower case. Spellings of a word that differ in case stay apart and
 * stay the same without case, as mail addresses do.
 */
export function createWords(key: Uint8Array): Words {
  const make = createMemory((text) => {
    const context = text.slice(0, text.indexOf("\0"));
    const word = text.slice(context.length + 1);
    const lower = word.toLowerCase();
    const made = `p${spell(createHmac("sha256", key).update(`word\0${context}\0${lower}`).digest())}`;
    if (word === lower) return made;
    const mask = createHmac("sha256", key).update(`case\0${word}`).digest();
    const spelt = Array.from(made, (letter, index) =>
      index > 0 && ((mask[index] ?? 0) & 1) === 1 ? letter.toUpperCase() : letter,
    );
    // The first one is always turned, so that no spelling is the lower one.
    return `P${spelt.join("").slice(1)}`;
  });
  return (word, context = "") => (word === "" ? "" : make(`${context}\0${word}`));
}

function spell(digest: Uint8Array): string {
  return Array.from(digest.subarray(0, letters), (byte) => alphabet[byte & 31]).join("");
}
