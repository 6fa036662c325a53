import type { Share } from "@mailtide/shared";

/** Scatters the bits of a number over 32 (the finisher of MurmurHash3, Austin Appleby). */
export function mix(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** FNV-1a, scattered. */
export function hashText(text: string, salt = 0): number {
  let bits = 0x811c9dc5 ^ salt;
  for (let place = 0; place < text.length; place++) bits = Math.imul(bits ^ text.charCodeAt(place), 0x01000193);
  return mix(bits);
}

export const asShare = (hash: number): Share => hash / 2 ** 32;
