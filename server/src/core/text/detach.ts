/** A part of a line that is kept would keep the whole block alive that was read: engines share the memory of substrings. */
export function detach(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
