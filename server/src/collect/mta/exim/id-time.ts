/** An id begins with the second in which the message came, in base 62 (Exim specification, 3.4); where file names know no case, in base 36. */
export function secondsOf(id: string): number {
  let value = 0;
  for (const letter of id.slice(0, 6)) value = value * 62 + digits.indexOf(letter);
  return value;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What is earlier was counted in another base. */
export const earliestMs = Date.UTC(2000, 0);
