/**
 * Length of the queue id that the text begins with, 0 without one. Short ids are upper-case hexadecimal, long ones
 * (`enable_long_queue_ids`) are of base 52 without vowels around a "z" (Postfix: src/global/mail_queue.h).
 */
export function queueIdLength(text: string): number {
  const colon = text.indexOf(":");
  if (colon < 5 || colon > 24 || text.charCodeAt(colon + 1) !== space) return 0;
  if (colon === 7 && text.startsWith("NOQUEUE")) return colon;
  let hexadecimal = true;
  for (let at = 0; at < colon; at++) {
    const code = text.charCodeAt(at);
    const digit = code >= 48 && code <= 57;
    if (!digit && !(code >= 65 && code <= 70)) hexadecimal = false;
    if (!digit && !isConsonant(code) && !(code >= 65 && code <= 70)) return 0;
  }
  if (hexadecimal) return colon;
  return colon >= shortestLongId && hasNoVowel(text, colon) ? colon : 0;
}

const space = 32;
/** Six for seconds, four for microseconds; the inode follows. */
const shortestLongId = 10;

function isConsonant(code: number): boolean {
  const lower = code | 32;
  return lower >= 98 && lower <= 122 && lower !== 101 && lower !== 105 && lower !== 111 && lower !== 117;
}

function hasNoVowel(text: string, end: number): boolean {
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 65 || code === 69) return false;
  }
  return true;
}
