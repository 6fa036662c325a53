/**
 * The first such byte between the two places; -1 without. Never further: another line's is none of ours. Four at a time: the lowest
 * byte that is zero borrows, and no lower one does (Warren, Hacker's Delight, 6-1).
 */
export function indexIn(view: DataView, wanted: number, start: number, end: number): number {
  const four = wanted * 0x01_01_01_01;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const other = view.getInt32(at, true) ^ four;
    const zeros = (other - 0x01_01_01_01) & ~other & 0x80_80_80_80;
    if (zeros !== 0) return at + ((31 - Math.clz32(zeros & -zeros)) >> 3);
  }
  for (; at < end; at++) if (view.getUint8(at) === wanted) return at;
  return -1;
}

/** Behind the digits that stand at `at`. */
export function pastDigits(bytes: Uint8Array, at: number, end: number): number {
  let place = at;
  while (place < end && isDigit(bytes[place])) place++;
  return place;
}

/** Of one to nine digits; -1 when there are none or more, which is for others to read. */
export function wholeOf(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 9) return -1;
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
}

/** Digits with or without a point among them, and where they ended. */
export const decimal = { value: 0, end: 0 };

/** Reads `12` or `0.37`, of at most nine digits, into `decimal`; false when no such number stands there. */
export function readDecimal(bytes: Uint8Array, start: number, end: number): boolean {
  let value = 0;
  let scale = 0;
  let at = start;
  for (const most = Math.min(end, start + 10); at < most; at++) {
    const code = bytes[at] ?? 0;
    if (code === dot) {
      if (scale > 0 || at === start) return false;
      scale = 1;
    } else if (code >= 48 && code <= 57) {
      value = value * 10 + code - 48;
      scale *= 10;
    } else break;
  }
  if (at === start || at === start + 10 || scale === 1) return false;
  decimal.value = scale === 0 ? value : value / scale;
  decimal.end = at;
  return true;
}

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 48 && code <= 57;
const dot = 46;
