/** The longest text that a parameter may bring into a sentence, in UTF-16 units. */
const longestParam = 200;

/**
 * Makes a text that a stranger chose safe to show: control characters and line ends become a space, characters that
 * reorder or hide what stands around them (bidirectional controls, zero width, tags, lone surrogates) go, and the
 * length is capped. The only place that does this for sentences.
 */
export function cleanText(text: string, longest = longestParam): string {
  // A giant field must not cost a giant replacement.
  const head = text.length > longest * 4 ? text.slice(0, longest * 4) : text;
  const clean = head
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/ {2,}/g, " ")
    .trim();
  return clean.length <= longest && head.length === text.length ? clean : cut(clean, longest);
}

/** At most `longest` UTF-16 units, never half a character; what was cut shows as an ellipsis. */
export function cut(text: string, longest: number): string {
  const room = Math.min(text.length, longest - 1);
  const last = text.charCodeAt(room - 1);
  const half = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, half ? room - 1 : room)}…`;
}
