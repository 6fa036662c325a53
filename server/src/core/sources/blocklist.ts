import type { HostileSource } from "./hostile.ts";
import { parsePrefix, type Prefix, prefixText } from "./prefix.ts";

/** Once may be a mistake or a forwarder's doing; twice is a habit. */
const fewestHostile = 2;

/**
 * Prefixes that may be refused without hurting anybody who is known to write honestly: a /32 for each hostile IPv4 address, a
 * /64 for each hostile IPv6 address, whole neighbours merged as far as everything in them is hostile. IPv4 first, each in
 * ascending order. An address with a clean history, one in the same /64 as such an address, and one that no stranger on the
 * internet can have (RFC 6890) never stand on it.
 */
export function blocklist(hostile: Iterable<HostileSource>, clean: Iterable<string>): string[] {
  const wanted = { 4: new Set<bigint>(), 6: new Set<bigint>() };
  for (const source of hostile) {
    if (!isHostile(source)) continue;
    const prefix = parsePrefix(source.ip);
    if (prefix !== null && isPublic(prefix)) wanted[prefix.family].add(prefix.value);
  }
  for (const ip of clean) {
    const prefix = parsePrefix(ip);
    if (prefix !== null) wanted[prefix.family].delete(prefix.value);
  }
  return ([4, 6] as const).flatMap((family) =>
    merged([...wanted[family]], widths[family]).map(({ value, bits }) => prefixText({ family, value, bits })),
  );
}

/**
 * A refusal alone happens to honest senders; of one that forges or guesses passwords it is more of the same. Among the many
 * mails of a shared relay some always look forged (notes to oneself, scanners), so that most of what it sends must.
 */
function isHostile({ messages, spoofed, authFailures, rejected }: HostileSource): boolean {
  const proven = spoofed + authFailures;
  return proven > 0 && proven + rejected >= fewestHostile && 2 * (proven + rejected) >= messages;
}

type Block = Omit<Prefix, "family">;
/** Of one address: an IPv6 site chooses freely among the addresses of its /64. */
const widths = { 4: 32, 6: 64 } as const;
/** A list must not grow into whole networks of strangers, however many of them misbehave. */
const widest = { 32: 16, 64: 32 } as const;

/** Two whole halves are one block of twice the size. */
function merged(values: bigint[], width: 32 | 64): Block[] {
  let blocks = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((value): Block => ({ value, bits: width }));
  for (let bits: number = width; bits > widest[width]; bits--) {
    const half = 1n << BigInt(width - bits);
    const next: Block[] = [];
    for (const block of blocks) {
      const before = next.at(-1);
      const isPair =
        before?.bits === bits &&
        block.bits === bits &&
        (before.value & half) === 0n &&
        block.value === before.value + half;
      if (isPair) next[next.length - 1] = { value: before.value, bits: bits - 1 };
      else next.push(block);
    }
    blocks = next;
  }
  return blocks;
}

/** Private, shared, loopback, link-local and multicast: our own machines, or nobody. */
const notPublic = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/4",
  "::/16",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
].flatMap((text) => parsePrefix(text) ?? []);

const isPublic = ({ family, value }: Prefix): boolean =>
  !notPublic.some(
    (other) =>
      other.family === family &&
      value >> BigInt(widths[family] - other.bits) === other.value >> BigInt(widths[family] - other.bits),
  );
