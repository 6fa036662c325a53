import type { EpochMs } from "@mailtide/shared";

/** Postfix's safe alphabet: digits and letters without vowels, upper before lower case. */
const alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
const longId =
  /^([0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{6})([0-9BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz]{4})z/;

/**
 * Arrival that a long queue id tells (postconf(5), enable_long_queue_ids): seconds in base 52, six digits, then
 * microseconds, four digits, then `z` and the inode. Null for a short id.
 */
export function arrivalOfLongId(id: string): EpochMs | null {
  const found = longId.exec(id);
  if (!found) return null;
  const micros = decode(found[2] ?? "");
  return micros < 1_000_000 ? decode(found[1] ?? "") * 1_000 + Math.floor(micros / 1_000) : null;
}

function decode(digits: string): number {
  let value = 0;
  for (const digit of digits) value = value * 52 + alphabet.indexOf(digit);
  return value;
}
