import ipaddr from "ipaddr.js";

/** An address in RFC 5952 form (an IPv4-mapped one as IPv4), or undefined when the text is none. */
export function canonicalIp(text: string): string | undefined {
  if (isPlainIpv4(text)) return text;
  if (!text.includes(":")) return undefined;
  const known = cache.get(text);
  if (known !== undefined) return known === "" ? undefined : known;
  const bare = text.slice(0, 5).toLowerCase() === "ipv6:" ? text.slice(5) : text;
  const address = ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare) : undefined;
  const canonical = address === undefined ? undefined : rfc5952(address);
  // Clients choose what stands here: forget everything rather than grow.
  if (cache.size >= cacheSize) cache.clear();
  cache.set(text, canonical ?? "");
  return canonical;
}

function rfc5952(address: ipaddr.IPv6): string {
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

const cacheSize = 4_096;
const cache = new Map<string, string>();

function isPlainIpv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false;
  let dots = 0;
  let value = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (value < 0) return false;
      dots++;
      value = -1;
    } else if (code >= 48 && code <= 57) {
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return false;
    } else return false;
  }
  return dots === 3 && value >= 0;
}
