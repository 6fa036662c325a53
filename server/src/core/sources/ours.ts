import { inPrefix, parseAddress, parsePrefix, type Prefix } from "../model/address.ts";

const loopback = ["127.0.0.0/8", "::1"];

/**
 * Whether an address is this host's own, where a content filter gives mail back, or a configured hop's: who sends is somebody
 * before it. Rules of `ownHops` that name no address alone (a host, a port, a transport) say nothing here.
 */
export function compileOurs(ownHops: readonly string[]): (ip: string) => boolean {
  const prefixes: readonly Prefix[] = [...loopback, ...ownHops].flatMap((rule) => parsePrefix(rule) ?? []);
  return (ip) => {
    const address = parseAddress(ip);
    return address !== null && prefixes.some((prefix) => inPrefix(address, prefix));
  };
}
