/** Of an address, in lower case; what has no `@` is one itself. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
