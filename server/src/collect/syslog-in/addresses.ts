import ipaddr from "ipaddr.js";
import { z } from "zod";

/** Addresses and prefixes, as `10.0.0.1`, `10.1.0.0/16` or `2001:db8::/32`. */
export const addressList = z
  .array(
    z.string().refine((text) => prefixOf(text) !== null, "not an address or prefix such as 10.0.0.1 or 10.1.0.0/16"),
  )
  .min(1);

const notAddressPort = "not ADDRESS:PORT such as 127.0.0.1:6514 or [::1]:6514";

/** Where to listen, as `127.0.0.1:6514` or `[::1]:6514`. */
export const listenAddress = z
  .string({ error: notAddressPort })
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, notAddressPort)
  .transform((text) => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, "not a port");
export type ListenAddress = z.infer<typeof listenAddress>;

export type Address = ReturnType<typeof ipaddr.process>;

/** An address as sockets name it, IPv4 in IPv6 as IPv4; null when it is none. */
export function addressOf(text: string | undefined): Address | null {
  const bare = text?.replace(/%.*$/, "") ?? "";
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

export function matcherOf(texts: readonly string[]): (address: Address) => boolean {
  const prefixes = texts.flatMap((text) => {
    const prefix = prefixOf(text);
    return prefix === null ? [] : [prefix];
  });
  return (address) =>
    prefixes.some(([prefix, bits]) => prefix.kind() === address.kind() && address.match(prefix, bits));
}

function prefixOf(text: string): [Address, number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
