/** How much is kept of what senders choose. RFC 5321 allows 254 characters for an address, RFC 5322 998 for a line. */
export const mostText = { queueId: 64, address: 320, messageId: 320, relay: 128, reason: 200 } as const;

/** As the store gives it back, else what finds it would not be what was kept: no half of a character, no NUL. */
export function cut(text: string | undefined, most: number): string {
  if (text === undefined) return "";
  const kept = text.slice(0, most);
  return unstorable.test(kept) ? kept.replaceAll(eachUnstorable, "\uFFFD") : kept;
}

const unstorable = /[\p{Cs}\0]/u;
const eachUnstorable = /[\p{Cs}\0]/gu;

/** As it is searched for. */
export function canonicalAddress(address: string): string {
  return cut(address, mostText.address).toLowerCase();
}

/** "" when there is none. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1 || address.length);
}
