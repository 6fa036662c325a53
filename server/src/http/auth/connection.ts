import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import type { ServerSettings } from "../settings.ts";

/** How a request reached us, after the reverse proxies that we were told to believe. */
export interface Connection {
  /** The one who is really asking, RFC 5952. */
  readonly clientAddress: string;
  /** The other end of the TCP connection. */
  readonly peerAddress: string;
  /** Host and port as the browser names us, lower case; null when missing or not well formed. */
  readonly host: string | null;
  readonly secure: boolean;
  /** From this machine, by a loopback name, through no proxy: nobody else can look like this, a rebound DNS name neither. */
  readonly direct: boolean;
}

export type DescribeConnection = (request: IncomingMessage) => Connection;

const proxyLines = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"] as const;
const wellFormedHost = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/;

/** Remembers its answer for each request: the peer of a closed connection can no longer be asked. */
export function createDescribe(settings: Pick<ServerSettings, "trustProxy">): DescribeConnection {
  const trusted = prefixes(settings.trustProxy ?? []);
  const known = new WeakMap<IncomingMessage, Connection>();

  return (request) => {
    const before = known.get(request);
    if (before !== undefined) return before;
    const peerAddress = plainAddress(request.socket.remoteAddress ?? "");
    const viaProxy = trusted(peerAddress);
    const header = (name: string): string | undefined => lastOf(request.headers[name]);
    const host = ((viaProxy ? header("x-forwarded-host") : undefined) ?? request.headers.host ?? "").toLowerCase();
    const encrypted = "encrypted" in request.socket && request.socket.encrypted === true;
    const connection: Connection = {
      clientAddress: viaProxy ? clientBehind(request, trusted, peerAddress) : peerAddress,
      peerAddress,
      host: wellFormedHost.test(host) ? host : null,
      secure: encrypted || (viaProxy && header("x-forwarded-proto") === "https"),
      // A proxy on this machine may well add no line, and name us by an address of its own.
      direct:
        !viaProxy &&
        isLoopbackAddress(peerAddress) &&
        isLoopbackName(nameOf(host)) &&
        proxyLines.every((name) => request.headers[name] === undefined),
    };
    known.set(request, connection);
    return connection;
  };
}

/** Tests an address against addresses and CIDR prefixes. What does not parse matches nothing. */
export function prefixes(texts: readonly string[]): (address: string) => boolean {
  const ranges = texts.map(rangeOf).filter((range) => range !== null);
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  };
}

function isLoopbackAddress(text: string): boolean {
  return ipaddr.isValid(text) && ipaddr.process(text).range() === "loopback";
}

/** A name that DNS cannot point elsewhere. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name.replace(/^\[|\]$/g, ""));
}

/** `host:port` -> `host`. */
const nameOf = (host: string): string => host.replace(/:\d+$/, "");

/** One key for a client that can choose among many addresses: its /64. */
export function addressKey(text: string): string {
  if (!ipaddr.isValid(text)) return "?";
  const address = ipaddr.process(text);
  if (address.kind() === "ipv4") return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/64`).toString();
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];
function rangeOf(text: string): Range | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/**
 * The rightmost address that is not a proxy of ours: everything left of it was written by the client. So is what stands left
 * of a word that is no address: then the last proxy that is known is all that can be said.
 */
function clientBehind(request: IncomingMessage, trusted: (address: string) => boolean, peer: string): string {
  const hops = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((hop) => hop.trim())
    .filter((hop) => hop !== "");
  let client = peer;
  for (const hop of hops.toReversed()) {
    const address = plainAddress(withoutPort(hop));
    if (address === "") break;
    client = address;
    if (!trusted(address)) break;
  }
  return client;
}

/** `192.0.2.9:4711`, `[2001:db8::1]:4711` and `[2001:db8::1]`, as some proxies write them; an IPv6 address without brackets has no port. */
const withoutPort = (hop: string): string =>
  /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(hop)?.slice(1).join("") ?? hop;

const plainAddress = (text: string): string => (ipaddr.isValid(text) ? ipaddr.process(text).toString() : "");

function lastOf(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value.at(-1) : value;
  return text?.split(",").at(-1)?.trim();
}
