import { type HopRecord, linksOf } from "./record.ts";
import { canonicalAddress, domainOf } from "./text.ts";

/** What a message is found by. `link`: another hop's id for it (record.ts). */
export type TermKind = "queueId" | "link" | "messageId" | "address" | "domain";

const seeds: Readonly<Record<TermKind, number>> = { queueId: 1, link: 2, messageId: 3, address: 4, domain: 5 };

/**
 * 47 bits, so that SQLite keeps it in six bytes; who reads must compare the row itself. Two multiplicative hashes over the
 * UTF-16 units (as FNV-1a with other primes), mixed at the end (MurmurHash3's finaliser).
 */
export function termOf(kind: TermKind, text: string): number {
  let a = 0x9e3779b1 ^ seeds[kind];
  let b = 0x85ebca77 + seeds[kind];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
  }
  return (mix(a ^ (b >>> 16)) >>> 0) * 0x8000 + (mix(b ^ (a >>> 13)) >>> 17);
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The terms of a record that were not taken yet; it counts them as taken. Some may come twice. */
export function takeTerms(hop: HopRecord): number[] {
  const { found } = hop;
  const terms: number[] = [];
  if (!found.queueId) terms.push(termOf("queueId", hop.queueId));
  found.queueId = true;
  if (!found.messageId && hop.messageId !== null) {
    found.messageId = true;
    terms.push(termOf("messageId", hop.messageId));
  }
  if (!found.sender && hop.sender !== null) {
    found.sender = true;
    addAddress(terms, canonicalAddress(hop.sender));
  }
  for (; found.recipients < hop.recipients.length; found.recipients++) {
    addAddress(terms, hop.recipients[found.recipients]?.address ?? "");
  }
  const links = linksOf(hop);
  if (links.size !== found.links) for (const id of links) terms.push(termOf("link", id));
  found.links = links.size;
  return terms;
}

/** All terms of a record, to forget it. */
export function termsOf(hop: HopRecord): number[] {
  return takeTerms({ ...hop, found: { queueId: false, messageId: false, sender: false, recipients: 0, links: 0 } });
}

function addAddress(terms: number[], address: string): void {
  if (address === "") return;
  terms.push(termOf("address", address));
  const domain = domainOf(address);
  if (domain !== "") terms.push(termOf("domain", domain));
}
