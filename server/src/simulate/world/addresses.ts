/**
 * Everybody's address lies in 240.0.0.0/4, which is nobody's (RFC 1112, section 4), the dead ones in 203.0.113.0/24 (RFC
 * 5737). Friend and foe lie side by side there, as they do in the world.
 */
const kinds = [
  "correspondent",
  "stranger",
  "attacker",
  "robot",
  "bouncer",
  "device",
  "roamer",
  "operator",
  "outgoing",
  "customer",
  "list",
  "newsletter",
] as const;
type Kind = (typeof kinds)[number];
const numbers = Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Record<Kind, number>;

/** Distinct for distinct numbers below 2^23 and far apart: an odd factor permutes the residues. */
export function lone(kind: Kind, index: number): string {
  const bits = Math.imul((index & 0x7fffff) * 16 + numbers[kind] + 1, 0x9e3779b1) & 0x7ffffff;
  return `${240 + (bits >>> 24)}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** Host of a network of somebody who has many in a row; distinct for networks below 2^15 and hosts below 250. */
export function inNetwork(kind: Kind, network: number, host: number): string {
  const bits = Math.imul((network & 0x7fff) * 16 + numbers[kind] + 1, 0x9e3779b1) & 0x7ffff;
  return `${248 + (bits >>> 16)}.${(bits >>> 8) & 255}.${bits & 255}.${1 + (host % 250)}`;
}

export const deadAddressOf = (index: number): string => `203.0.113.${1 + (index % 250)}`;
