import type { MailEvent } from "../event.ts";
import { detachWhole } from "../text/detach.ts";
import type { Operator } from "./breadth/operator.ts";
import {
  compileV4,
  inPrefix,
  isPrivate,
  parseAddress,
  parsePrefix,
  plainV4,
  type Prefix,
  privatePrefixes,
} from "./address.ts";

/** Where a delivery attempt went, as far as its line says. */
export interface Hop {
  readonly host: string | null;
  readonly ip: string | null;
  readonly port: number | null;
  /** Names by which `transport:NAME` may know it: the delivery agent, its service name, a pipe's relay. */
  readonly transports: readonly string[];
  /** Who runs it, once somebody has asked. */
  operator?: Operator | undefined;
}

export interface Hops {
  /** The hop is one of our own stages. */
  own(hop: Hop): boolean;
  /** The address is private or an own hop: mail from there is ours. */
  ownAddress(ip: string): boolean;
  /** Mail handed there may come back into a watched node. */
  rejoins(hop: Hop): boolean;
}

interface Rule {
  readonly match: (hop: Hop) => boolean;
  /** Addresses that it matches whatever else is known of the hop. */
  readonly prefix?: Prefix;
  /** It looks at host names or ports, so that an address alone does not tell. */
  readonly detailed: boolean;
}

/**
 * Compiles `ownHops` once. Rules: a host name, a `.domain` suffix, an address or CIDR prefix, `transport:NAME`;
 * a host or address may bear `:PORT` (IPv6 in brackets then), so that two services at one address can be told apart.
 * Without a list: local, lmtp, pipe and virtual transports, loopback and private addresses. A list replaces that.
 */
export function compileHops(ownHops?: readonly string[]): Hops {
  const rules = ownHops?.map(compileRule) ?? null;
  const detailed = rules?.some((rule) => rule.detailed) === true;
  const known = new Map<readonly string[], Map<string, boolean>>();
  const privates = new Map<string, boolean>();
  const clients = new Map<string, boolean>();
  const decide = (hop: Hop): boolean => (rules ? rules.some((rule) => rule.match(hop)) : ownByDefault(hop));
  const own = (hop: Hop): boolean => {
    let ofTransports = known.get(hop.transports);
    if (ofTransports === undefined) {
      if (known.size >= mostTransports) known.clear();
      known.set(hop.transports, (ofTransports = new Map()));
    }
    const byAddress = !detailed && hop.ip !== null && hop.host !== "localhost";
    const key = byAddress ? hop.ip : `${hop.host ?? ""}|${hop.ip ?? ""}|${hop.port ?? ""}`;
    return remembered(ofTransports, key, () => decide(hop));
  };
  const isOurs = (ip: string): boolean => remembered(privates, ip, () => privateAddress(ip));
  // Those who connect to us are many, and of them only a prefix can be ours: that is sooner said anew than looked up.
  const isOwnV4 = compileV4([...privatePrefixes, ...(rules ?? []).flatMap(({ prefix }) => prefix ?? [])]);
  const ownAddress = (ip: string): boolean => {
    const v4 = plainV4(ip);
    if (v4 !== null) return isOwnV4(v4);
    return remembered(
      clients,
      ip,
      () => privateAddress(ip) || decide({ host: null, ip, port: null, transports: noTransports }),
    );
  };
  return { own, ownAddress, rejoins: (hop) => own(hop) || (hop.ip !== null && isOurs(hop.ip)) };
}

const noTransports: readonly string[] = [];
const mostTransports = 100;
/** As many as come back within an hour of a busy site: with fewer, strangers would push out everybody every minute. */
const mostNames = 50_000;

/** The far side's names and addresses fill this: forget all rather than grow. */
function remembered(known: Map<string, boolean>, key: string, decide: () => boolean): boolean {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= mostNames) known.clear();
  const answer = decide();
  known.set(detachWhole(key), answer);
  return answer;
}

/** The hop of a delivery line; where the agent names none, the one that its reason speaks of. */
export function hopOf(event: MailEvent): Hop {
  const agents = agentNames(event.process ?? "");
  const transports = event.transport === undefined ? agents : withName(agents, event.transport);
  const relay = event.relay === "none" ? undefined : event.relay;
  if (relay !== undefined || event.relayIp !== undefined) {
    const bracket = relay?.indexOf("[") ?? -1;
    const host = bracket > 0 ? relay?.slice(0, bracket) : relay;
    const names = relay !== undefined && transports.includes("pipe") ? withName(transports, relay) : transports;
    return { host: host ?? null, ip: event.relayIp ?? null, port: event.relayPort ?? null, transports: names };
  }
  return hopInReason(event.reason ?? "", transports);
}

/** A mailbox, a program or LMTP: where mail stays. */
export function isFinal(hop: Hop): boolean {
  return hop.transports.some((name) => finalAgents.has(name));
}

/** Nothing is known of where it was to go. */
export function isNowhere(hop: Hop): boolean {
  return hop.host === null && hop.ip === null && !isFinal(hop);
}

/** Postfix's agents, Sendmail's mailers, and Exim's transports as its own and Debian's configuration call them. */
const finalAgents = new Set(
  `local lmtp pipe virtual prog *file* local_delivery address_pipe address_file address_reply maildir_home mail_spool`.split(
    " ",
  ),
);
const namedHop =
  /(?:connect to|host|lost connection with|conversation with|timed out with|greeting from|relay) ([^\s[\]]{1,255})\[([^\]]{1,255})\](?::(\d{1,5}))?/;
/** Sendmail: `Connection refused by [192.0.2.1]`, `read error from mx.far.example.`. */
const namedPeer =
  /\b(?:Connection (?:refused by|timed out with|reset by)|read error from) (?:\[([0-9A-Fa-f:.]{2,45})\]|([\w-]{1,63}(?:\.[\w-]{1,63}){0,20})\.?$)/;
const namedQuery = /name service error for name=([^\s]{1,255})/i;

function hopInReason(reason: string, transports: readonly string[]): Hop {
  const text = reason.slice(0, 1_000);
  const named = namedHop.exec(text);
  if (named) {
    const [, host = "", inside = "", port] = named;
    // A path in brackets is a socket on this host: LMTP to our own store.
    if (inside.includes("/")) return { host, ip: null, port: null, transports: withName(transports, "lmtp") };
    return { host, ip: inside, port: port === undefined ? null : Number(port), transports };
  }
  const peer = namedPeer.exec(text);
  if (peer) return { host: peer[2] ?? null, ip: peer[1] ?? null, port: null, transports };
  const query = namedQuery.exec(text);
  return { host: query?.[1] ?? null, ip: null, port: null, transports };
}

/** `postfix/filter/smtp` is known as filter and as smtp. The same list each time, as long as there are few daemons. */
function agentNames(process: string): readonly string[] {
  let names = namesByProcess.get(process);
  if (names === undefined) {
    const parts = process.split("/").map(detachWhole);
    names = parts.length > 1 ? parts.slice(1) : parts;
    if (namesByProcess.size >= mostTransports) namesByProcess.clear();
    namesByProcess.set(detachWhole(process), names);
  }
  return names;
}

/** The same list each time, too. */
function withName(transports: readonly string[], name: string): readonly string[] {
  let longer = longerNames.get(transports);
  if (longer === undefined) longerNames.set(transports, (longer = new Map()));
  let names = longer.get(name);
  if (names === undefined) {
    if (longer.size >= mostTransports) longer.clear();
    longer.set(detachWhole(name), (names = [...transports, detachWhole(name)]));
  }
  return names;
}

const longerNames = new WeakMap<readonly string[], Map<string, readonly string[]>>();
const namesByProcess = new Map<string, readonly string[]>();

function ownByDefault(hop: Hop): boolean {
  if (isFinal(hop)) return true;
  if (hop.host === "localhost") return true;
  return privateAddress(hop.ip ?? hop.host ?? "");
}

function privateAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && isPrivate(address);
}

function compileRule(text: string): Rule {
  const transport = /^transport:(.+)$/.exec(text)?.[1];
  if (transport !== undefined) return { match: (hop) => hop.transports.includes(transport), detailed: false };
  const whole = parsePrefix(text);
  if (whole) return { match: (hop) => addressMatches(hop, whole), prefix: whole, detailed: false };
  const withPort = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text);
  const port = withPort ? Number(withPort[2]) : null;
  const place = (withPort?.[1] ?? text).replace(/^\[(.*)\]$/, "$1");
  const portMatches = (hop: Hop): boolean => port === null || hop.port === port;
  const prefix = parsePrefix(place);
  if (prefix) return { match: (hop) => portMatches(hop) && addressMatches(hop, prefix), detailed: true };
  const name = place.toLowerCase();
  if (name.startsWith(".")) return { match: (hop) => portMatches(hop) && hostOf(hop).endsWith(name), detailed: true };
  return { match: (hop) => portMatches(hop) && hostOf(hop) === name, detailed: true };
}

function hostOf(hop: Hop): string {
  return hop.host?.toLowerCase() ?? "";
}

function addressMatches(hop: Hop, prefix: Prefix): boolean {
  const address = parseAddress(hop.ip ?? hop.host ?? "");
  return address !== null && inPrefix(address, prefix);
}
