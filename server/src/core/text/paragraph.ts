/**
 * Texts one behind the other, each ended where the next begins; the last as it is. Some are notes, which stand alone on a tile: they begin small,
 * or with the name of a host, and have no mark at their end.
 */
export function paragraph(texts: readonly string[]): string {
  return texts.reduce((before, text) => {
    if (before === "" || text === "") return before + text;
    return /^\p{Ll}/u.test(text) && !/[!?…]$/u.test(before)
      ? `${before.replace(/\.$/u, "")}; ${text}`
      : `${ended(before)} ${text}`;
  }, "");
}

const ended = (text: string): string => (text === "" || /[.!?…;]$/u.test(text) ? text : `${text}.`);
