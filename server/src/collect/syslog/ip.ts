import ipaddr from "ipaddr.js";
import { detach, detachWhole } from "../../core/text/detach.ts";

/**
 * An address in RFC 5952 form (an IPv4-mapped one as IPv4), or undefined when the text is none. Never a part of the text:
 * it may be kept.
 */
export function canonicalIp(text: string): string | undefined {
  return canonicalIpAt(text, 0, text.length);
}

/** The same of what stands between the two positions. */
export function canonicalIpAt(line: string, start: number, end: number): string | undefined {
  return plainIpv4(line, start, end) ?? canonicalIpv6(line.slice(start, end));
}

function canonicalIpv6(text: string): string | undefined {
  if (!text.includes(":")) return undefined;
  const known = cache.get(text);
  if (known !== undefined) return known === "" ? undefined : known;
  // The interface of a link-local address (RFC 4007) says nothing elsewhere.
  const bare = (text.slice(0, 5).toLowerCase() === "ipv6:" ? text.slice(5) : text).replace(/%.*$/, "");
  const address = ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare) : undefined;
  const canonical = address === undefined ? undefined : rfc5952(address);
  // Clients choose what stands here: forget everything rather than grow.
  if (cache.size >= cacheSize) cache.clear();
  // A part of a line would keep the whole block alive that was read.
  cache.set(detachWhole(text), canonical ?? "");
  return canonical;
}

function rfc5952(address: ipaddr.IPv6): string {
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

const cacheSize = 4_096;
const cache = new Map<string, string>();

/**
 * The text itself when it is a dotted address, undefined when it is none. The same address comes in many lines, and a
 * string that was used as a key before is found again without being hashed anew: so the one that came first is handed
 * out, as long as no other takes its place in the table.
 */
function plainIpv4(line: string, start: number, end: number): string | undefined {
  const length = end - start;
  if (length < 7 || length > 15) return undefined;
  let dots = 0;
  let value = -1;
  let whole = 0;
  let zeroInFront = false;
  for (let at = start; at < end; at++) {
    const code = line.charCodeAt(at);
    if (code === 46) {
      if (value < 0) return undefined;
      dots++;
      whole = (whole << 8) | value;
      value = -1;
    } else if (code >= 48 && code <= 57) {
      if (value === 0) zeroInFront = true;
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return undefined;
    } else return undefined;
  }
  if (dots !== 3 || value < 0) return undefined;
  // Other texts of the same number are left as they are.
  const address = (whole << 8) | value;
  return zeroInFront ? detach(line.slice(start, end)) : firstOf(address, line, start, end);
}

/** The text of a dotted address that stands between the two places, by its number. */
export function firstOf(address: number, line: string, start: number, end: number): string {
  const place = Math.imul(address, 0x9e37_79b1) >>> 18;
  const known = texts[place];
  if (known !== undefined && addresses[place] === address) return known;
  addresses[place] = address;
  // A part of the line would keep the whole block alive that was read.
  return (texts[place] = detach(line.slice(start, end)));
}

/** As many as `firstOf` leaves bits of its product. */
const places = 16_384;
const texts: (string | undefined)[] = [];
const addresses = new Int32Array(places);
for (let place = 0; place < addresses.length; place++) texts.push(undefined);
