import { canonicalAddress } from "../sources/canonical.ts";

/** What a number is made of that stands for a sender of a network: no address has to be kept. */
export const pairText = (network: string, sender: string): string => `${network}\n${mailbox(sender)}`;

/** `pair` is of `pairText`; a refusal before any recipient was named has "". */
export const tripleText = (pair: string, recipient: string): string => `${pair}\n${mailbox(recipient)}`;

/** A sender that is tagged anew at each try (BATV, SRS) is the same one. */
const mailbox = (address: string): string => canonicalAddress(address, "+") ?? address.toLowerCase();
