/**
 * Where the word ends that begins at `start`: at a blank or a control character, or at `end`. Four bytes at a time, as `indexIn` has
 * it: of plain ASCII a byte below 33 borrows, and no lower one does.
 */
export function wordEnd(view: DataView, start: number, end: number): number {
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const four = view.getInt32(at, true);
    const low = (four - 0x21_21_21_21) & ~four & 0x80_80_80_80;
    if (low !== 0) return at + ((31 - Math.clz32(low & -low)) >> 3);
  }
  while (at < end && view.getUint8(at) > 32) at++;
  return at;
}

/** Behind the quote that closes the one at `start`; -1 without one, or with a backslash before it. */
export function quotedEnd(view: DataView, start: number, end: number): number {
  let at = start + 1;
  for (; at + 4 <= end; at += 4) {
    const four = view.getInt32(at, true);
    const quotes = four ^ 0x22_22_22_22;
    const slashes = four ^ 0x5c_5c_5c_5c;
    const found = (((quotes - 0x01_01_01_01) & ~quotes) | ((slashes - 0x01_01_01_01) & ~slashes)) & 0x80_80_80_80;
    if (found === 0) continue;
    const place = at + ((31 - Math.clz32(found & -found)) >> 3);
    return view.getUint8(place) === quote ? place + 1 : -1;
  }
  for (; at < end; at++) {
    const code = view.getUint8(at);
    if (code === backslash) return -1;
    if (code === quote) return at + 1;
  }
  return -1;
}

const quote = 34;
const backslash = 92;
