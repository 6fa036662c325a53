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
    all &= kinds[text.charCodeAt(at)] ?? 0;
    if (all === 0) return 0;
  }
  return isLongEnough(all, colon) ? colon : 0;
}

/** The same in bytes: where the colon stands, 0 without an id. `NOQUEUE` is none here. */
export function pastQueueId(bytes: Uint8Array, start: number, end: number): number {
  const most = Math.min(start + 24, end - 2);
  let all = hexadecimal | consonant;
  let at = start;
  for (; at < most; at++) {
    const kind = kinds[bytes[at] ?? 0] ?? 0;
    if (kind === 0) break;
    all &= kind;
  }
  if (at - start < 5 || at >= end - 2 || bytes[at] !== colonCode || bytes[at + 1] !== space) return 0;
  return isLongEnough(all, at - start) ? at : 0;
}

const isLongEnough = (all: number, length: number): boolean =>
  (all & hexadecimal) !== 0 || (all !== 0 && length >= shortestLongId);

const colonCode = 58;

const space = 32;
/** Six for seconds, four for microseconds; the inode follows. */
const shortestLongId = 10;

/** Which of the two alphabets each character belongs to, below 256. Digits are of both. */
const hexadecimal = 1;
const consonant = 2;
const kinds = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return (/[0-9A-F]/.test(character) ? hexadecimal : 0) | (/[0-9b-df-hj-np-tv-z]/i.test(character) ? consonant : 0);
});
