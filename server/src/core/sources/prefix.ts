import { compress, expand, unmapped } from "./network.ts";

/** A network: of an IPv4 address its 32 bits, of an IPv6 address the first 64. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly bits: number;
}

/** An address or a network in CIDR notation; without a length a /32 or a /64. Null when it is neither. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf("/");
  const ip = unmapped(slash < 0 ? text : text.slice(0, slash));
  const bits = slash < 0 ? null : Number(text.slice(slash + 1));
  if (!ip.includes(":")) {
    const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(ip)?.slice(1).map(Number);
    if (octets === undefined || octets.some((octet) => octet > 255)) return null;
    return { family: 4, value: joined(octets, 8n), bits: bits ?? 32 };
  }
  const groups = expand(ip);
  return groups === null ? null : { family: 6, value: joined(groups.slice(0, 4), 16n), bits: bits ?? 64 };
}

/** `192.0.2.0/31`, `2001:db8:1:2::/64`; RFC 5952 form. */
export function prefixText({ family, value, bits }: Prefix): string {
  const parts = family === 4 ? split(value, 8n, 0xffn) : split(value, 16n, 0xffffn);
  return `${family === 4 ? parts.join(".") : compress(parts)}/${bits}`;
}

const joined = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);

const split = (value: bigint, bits: bigint, mask: bigint): number[] =>
  [3n, 2n, 1n, 0n].map((place) => Number((value >> (place * bits)) & mask));
