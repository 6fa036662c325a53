import type { EpochMs } from "@mailtide/shared";

/** An id, as a part of patterns: 6-6-2 letters, since 4.97 they are 6-11-4. */
export const idPattern = "[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})";

/**
 * When the message came: an id begins with the second, in base 62 (Exim specification, 3.4). Null for what is later than `nowMs` or
 * long ago: where file names know no case the base is 36, and that gives another time.
 */
export function arrivalOf(id: string, nowMs: EpochMs): EpochMs | null {
  let seconds = 0;
  for (const letter of id.slice(0, 6)) seconds = seconds * 62 + digits.indexOf(letter);
  const arrivalMs = seconds * 1_000;
  return arrivalMs <= nowMs && arrivalMs >= earliestMs ? arrivalMs : null;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const earliestMs = Date.UTC(2000, 0);
