import { createCipheriv } from "node:crypto";
import type { AddressBytes } from "../../core/model/address.ts";

/**
 * Prefix-preserving pseudonyms of addresses: two that share their first n bits share exactly the first n bits afterwards.
 * Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", ICNP 2002): each bit is turned over or not
 * by a pseudorandom function of the bits before it, here AES-128 as in the paper. `key`: 32 bytes, the cipher's and the
 * pad's. The first `kept` bits stay as they are.
 */
export function createCryptoPan(key: Uint8Array): (address: AddressBytes, kept?: number) => number[] {
  if (key.length !== 32) throw new Error("a Crypto-PAn key has 32 bytes");
  const cipher = createCipheriv("aes-128-ecb", key.subarray(0, 16), null);
  cipher.setAutoPadding(false);
  const pad = Uint8Array.from(cipher.update(key.subarray(16, 32)));
  return (address, kept = 0) => {
    const bits = address.length * 8;
    // One call for all bits: block i bears the first i bits of the address, then the pad's.
    const blocks = new Uint8Array((bits - kept) * 16);
    for (let bit = kept; bit < bits; bit++) {
      const at = (bit - kept) * 16;
      blocks.set(pad, at);
      const whole = bit >> 3;
      for (let i = 0; i < whole; i++) blocks[at + i] = address[i] ?? 0;
      const mask = (0xff00 >> (bit & 7)) & 0xff;
      blocks[at + whole] = ((address[whole] ?? 0) & mask) | ((pad[whole] ?? 0) & ~mask & 0xff);
    }
    const turned = cipher.update(blocks);
    const out = [...address];
    for (let bit = kept; bit < bits; bit++) {
      const flip = (turned[(bit - kept) * 16] ?? 0) >> 7;
      out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (flip << (7 - (bit & 7)));
    }
    return out;
  };
}
