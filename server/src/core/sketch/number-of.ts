/** A number that stands for a text: two multiplicative hashes of 32 bits, of which 53 are kept. Never 0. */
export function numberOf(text: string): number {
  let high = 0x81_1c_9d_c5;
  let low = 0x9e_37_79_b9;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01_00_01_93);
    low = Math.imul(low ^ code, 0x5b_d1_e9_95);
    low ^= low >>> 15;
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11) || 1;
}
