/** How much is kept of what senders choose. RFC 5321 allows 254 characters for an address, RFC 5322 998 for a line. */
export const mostText = { queueId: 64, address: 320, messageId: 320, relay: 128, reason: 200 } as const;

export function cut(text: string | undefined, most: number): string {
  return text === undefined ? "" : text.slice(0, most);
}

/** As it is searched for. */
export function canonicalAddress(address: string): string {
  return cut(address, mostText.address).toLowerCase();
}

/** "" when there is none. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1 || address.length);
}
