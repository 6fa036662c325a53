import { detachWhole } from "../text/detach.ts";

/** Of an address, in lower case; what has no `@` is one itself. The same string each time, for most: no part of a line. */
export function domainOf(address: string): string {
  let hash = 0;
  let start = address.length;
  for (; start > 0; start--) {
    const code = address.charCodeAt(start - 1);
    if (code === atSign) break;
    // Some letters beyond ASCII change their length in lower case.
    if (code > 127 || (code >= letterA && code <= letterZ)) return rarely(address);
    hash = Math.imul(hash ^ code, 0x0100_0193);
  }
  const length = address.length - start;
  if (length > longest) return rarely(address);
  const place = (hash ^ (hash >>> 15)) & (places - 1);
  const known = lately[place];
  if (known !== undefined && known.length === length && endsWith(address, start, known)) return known;
  return (lately[place] = detachWhole(address.slice(start)));
}

function rarely(address: string): string {
  return detachWhole(address.slice(address.lastIndexOf("@") + 1).toLowerCase());
}

function endsWith(address: string, start: number, domain: string): boolean {
  for (let at = 0; at < domain.length; at++) if (address.charCodeAt(start + at) !== domain.charCodeAt(at)) return false;
  return true;
}

const atSign = 64;
const letterA = 65;
const letterZ = 90;
const longest = 64;
/** A power of two. */
const places = 2_048;
const lately: (string | undefined)[] = Array.from({ length: places }, () => undefined);
