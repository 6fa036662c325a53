import type { EpochMs } from "@mailtide/shared";

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
