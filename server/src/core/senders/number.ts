import { canonicalAddress } from "../sources/canonical.ts";

/** Stands for what a sender chose, so that no address has to be kept: 53 bits, which two of a hundred thousand seldom share. */
export function numberOf(text: string): number {
  let one = 0x811c_9dc5;
  let other = 0x2545_f491;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x0100_0193);
    other = Math.imul(other ^ code, 0x5bd1_e995);
    other ^= other >>> 15;
  }
  one = Math.imul(one ^ (one >>> 16), 0x85eb_ca6b);
  return (((one ^ (one >>> 13)) >>> 0) & 0x1f_ffff) * 2 ** 32 + (other >>> 0);
}

export const pairText = (network: string, sender: string): string => `${network}\n${mailbox(sender)}`;

/** `pair` is of `pairText`; a refusal before any recipient was named has "". */
export const tripleText = (pair: string, recipient: string): string => `${pair}\n${mailbox(recipient)}`;

/** A sender that is tagged anew at each try (BATV, SRS) is the same one. */
const mailbox = (address: string): string => canonicalAddress(address, "+") ?? address.toLowerCase();
