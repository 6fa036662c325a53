import { BlockList, isIP } from "node:net";
import type { Report } from "./report.ts";
import type { Truth } from "./score.ts";
import type { Counted } from "./share.ts";

export interface BlocklistScore {
  /** Attackers with two or more hostile messages that are on it. */
  readonly attackers: Counted;
  /** New innocent sources that are on it. */
  readonly innocents: Counted;
  readonly ok: boolean;
}

/** The list as of the end: at least 95 % of the attackers that were seen twice, at most 1 % of the new innocents. */
export function scoreBlocklist({ blocklist }: Report, { summary }: Truth): BlocklistScore {
  const list = blockListOf(blocklist);
  const isListed = (ip: string) => isIP(ip) !== 0 && list.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");
  const twice = summary.attackers.filter(({ secondAt }) => secondAt !== null);
  const attackers = { hits: twice.filter(({ ip }) => isListed(ip)).length, of: twice.length };
  const innocents = { hits: summary.innocentNew.filter(isListed).length, of: summary.innocentNew.length };
  const ok = attackers.hits >= 0.95 * attackers.of && innocents.hits <= 0.01 * innocents.of;
  return { attackers, innocents, ok };
}

function blockListOf(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [ip = "", bits] = prefix.split("/");
    const family = isIP(ip);
    if (family === 0) throw new Error(`the block list holds "${prefix}"`);
    const type = family === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(ip, type);
    else list.addSubnet(ip, Number(bits), type);
  }
  return list;
}
