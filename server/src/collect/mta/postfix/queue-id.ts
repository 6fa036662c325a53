/**
 * Length of the queue id that the text begins with, 0 without one. Short ids are upper-case hexadecimal, long ones
 * (`enable_long_queue_ids`) are of base 52 without vowels around a "z" (Postfix: src/global/mail_queue.h).
 */
export function queueIdLength(text: string): number {
  const colon = text.indexOf(":");
  if (colon < 5 || colon > 24 || text.charCodeAt(colon + 1) !== space) return 0;
  if (colon === 7 && text.startsWith("NOQUEUE")) return colon;
  let all = hexadecimal | consonant;
  for (let at = 0; at < colon; at++) {
    const code = text.charCodeAt(at);
    all &= code < 128 ? (kinds[code] ?? 0) : 0;
    if (all === 0) return 0;
  }
  return (all & hexadecimal) !== 0 || colon >= shortestLongId ? colon : 0;
}

const space = 32;
/** Six for seconds, four for microseconds; the inode follows. */
const shortestLongId = 10;

/** Which of the two alphabets each ASCII character belongs to. Digits are of both. */
const hexadecimal = 1;
const consonant = 2;
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return (/[0-9A-F]/.test(character) ? hexadecimal : 0) | (/[0-9b-df-hj-np-tv-z]/i.test(character) ? consonant : 0);
});
