import ipaddr from "ipaddr.js";
import { type AddressBytes, inPrefix, parseAddress, parsePrefix, type Prefix } from "../../core/model/address.ts";
import { createCryptoPan } from "./crypto-pan.ts";
import { createMemory } from "./memory.ts";

export interface Networks {
  /** The pseudonym in RFC 5952 form; null when the text is no address. */
  ip(text: string): string | null;
  /** `192.0.2.0/24`; a bare address stays one. Null when it is neither. */
  prefix(text: string): string | null;
}

/**
 * Pseudonyms of addresses. An address stays in its class, because whose wait a delay is depends on it: loopback as it is,
 * private ranges in themselves, the world outside of them. `own`: own hops as prefixes; those so wide that they could hold a
 * whole private range are classes too, since the walk below may part what they hold together.
 */
export function createNetworks(key: Uint8Array, own: readonly string[] = []): Networks {
  const pan = createCryptoPan(key);
  const wide = own
    .flatMap((text) => parsePrefix(text) ?? [])
    .filter((prefix) => prefix.bits < shortestMapped || reserved.some((each) => within(each, prefix)));
  const classes = [...reserved, ...wide].sort((a, b) => b.bits - a.bits);
  const classOf = (address: AddressBytes): Prefix | null => classes.find((each) => inPrefix(address, each)) ?? null;

  const map = (address: AddressBytes): AddressBytes => {
    const home = classOf(address);
    if (home !== null && isLoopback(home)) return address;
    // Walked on until it is home again: a permutation stays one on any part of its set (Black and Rogaway, CT-RSA 2002).
    let out: AddressBytes = address;
    do out = pan(out, home?.bits ?? 0);
    while (classOf(out) !== home);
    return out;
  };
  const remembered = createMemory<string | null>((text) => {
    const address = parseAddress(text);
    return address === null ? null : formatted(map(address));
  });

  return {
    ip: remembered,
    prefix(text) {
      const prefix = parsePrefix(text);
      if (prefix === null) return null;
      if (!text.includes("/")) return remembered(text);
      const { bits } = prefix;
      const kept = classes.some((each) => each.bits === bits && within(each, prefix));
      return `${formatted(cut(kept ? prefix.bytes : map(cut(prefix.bytes, bits)), bits))}/${bits}`;
    },
  };
}

/** Longer prefixes lie wholly inside or wholly outside of every reserved range but the longest IPv6 ones. */
const shortestMapped = 16;

/** The classes of core/model/address.ts, and IPv4-mapped addresses, which nobody may become. */
const reserved: readonly Prefix[] = [
  "127.0.0.0/8",
  "::1",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parsePrefix(text) ?? []);

const within = (inner: Prefix, outer: Prefix): boolean => inner.bits >= outer.bits && inPrefix(inner.bytes, outer);

function isLoopback({ bytes, bits }: Prefix): boolean {
  return (bytes.length === 4 && bytes[0] === 127 && bits === 8) || (bytes.length === 16 && bits === 128);
}

/** Zeros behind the prefix. */
function cut(address: AddressBytes, bits: number): number[] {
  return address.map((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff00 >> left) & 0xff;
  });
}

function formatted(address: AddressBytes): string {
  return address.length === 4 ? address.join(".") : new ipaddr.IPv6([...address]).toRFC5952String();
}
