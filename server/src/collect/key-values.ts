/**
 * `key=value key="value with blanks" key=<value>`: as several MTAs and filters write. A quoted value ends at the next quote
 * that no backslash precedes, one in brackets at `>` before a blank or the end, others at a blank. The first of a key counts.
 */
export function readKeyValues(text: string, most = 40): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let at = 0;
  for (let count = 0; count < most; count++) {
    while (text.charCodeAt(at) === space) at++;
    const equals = text.indexOf("=", at);
    if (equals <= at || equals - at > 24) break;
    const key = text.slice(at, equals);
    if (!/^[\w.-]+$/.test(key)) break;
    const { value, end } = valueAt(text, equals + 1);
    if (!values.has(key)) values.set(key, value);
    at = end;
  }
  return values;
}

function valueAt(text: string, start: number): { value: string; end: number } {
  const first = text.charCodeAt(start);
  if (first === quote) {
    let end = start + 1;
    while (end < text.length && text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === backslash ? 2 : 1;
    return { value: text.slice(start + 1, end), end: end + 1 };
  }
  if (first === less) {
    let end = text.indexOf(">", start);
    while (end >= 0 && end + 1 < text.length && text.charCodeAt(end + 1) !== space) end = text.indexOf(">", end + 1);
    if (end >= 0) return { value: text.slice(start + 1, end), end: end + 1 };
  }
  const blank = text.indexOf(" ", start);
  const end = blank < 0 ? text.length : blank;
  return { value: text.slice(start, end), end };
}

const space = 32;
const quote = 34;
const less = 60;
const backslash = 92;
