import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { hostPort } from "../../core/text/host-port.ts";
import { compileHops } from "../../core/model/hops.ts";
import type { PostfixSettings } from "../../host/postconf.ts";
import { type Finding, flow, inFile, inNode, ok } from "../finding.ts";
import type { Examination, WatchedPostfix } from "../patient.ts";
import { judgeFilters } from "./postfix-filters.ts";

/** Where Postfix hands mail on to. */
export interface NextHop {
  /** `content_filter`, or `-o content_filter` of which service. */
  readonly from: string;
  /** Certainly ours, whatever its address; else it depends on whose it is. */
  readonly isFilter: boolean;
  readonly transport: string;
  /** The program behind the transport. */
  readonly program: string;
  /** What the log calls the transport: what its `syslog_name` adds, and the program. */
  readonly logged: readonly string[];
  readonly host: string;
  readonly port: number | null;
  /** What its name leads to now; null: it is a name that leads nowhere. */
  readonly ip: string | null;
}

/** Hops that Postfix hands mail to: whether `ownHops` knows them, else their wait would count as the far side's; and filters. */
export const postfixHops: Examination = async (patient) => {
  const findings: Finding[] = [];
  for (const postfix of await patient.postfixes()) {
    const hops = await nextHops(postfix.settings);
    findings.push(...judgeHops(postfix, hops), ...judgeFilters(postfix, patient.config, hops));
  }
  return findings;
};

export function judgeHops({ node, name }: WatchedPostfix, hops: readonly NextHop[]): Finding[] {
  const { own } = compileHops(node.ownHops);
  const foreign = hops.filter(({ host, ip, port, logged }) => !own({ host, ip, port, transports: logged }));
  const what = `${name} own hops`;
  if (foreign.length === 0)
    return hops.length === 0 ? [] : [ok(what, "every next hop that is configured is known as our own")];
  // Each line to be pasted has all filters, so that one does not undo the other.
  const filters = foreign.filter(({ isFilter }) => isFilter).map(placeOf);
  return foreign.map((hop) => {
    const { from, isFilter, transport, logged } = hop;
    const place = placeOf(hop);
    if (node.ownHops?.includes(`transport:${transport}`) === true)
      return {
        verdict: "missing",
        what,
        says: `ownHops names transport:${transport}, by which ${from} hands mail to ${place}, and the log calls it ${logged.join(" and ")}: it is never matched`,
        why: "Mail that waits for it would count as waiting for the far side, and nobody would be paged.",
        mend: inFile(
          `master.cf, in the service ${transport}; or name ${place} in ownHops`,
          `  -o syslog_name=postfix/${transport}`,
        ),
      };
    return {
      verdict: isFilter ? "missing" : "note",
      what,
      says: `${from} hands mail to ${place}, which ownHops ${node.ownHops === undefined ? "(the default)" : ""} does not name`.replace(
        "  ",
        " ",
      ),
      why: isFilter
        ? "Mail that waits for the filter would count as waiting for the far side, and nobody would be paged."
        : "If that host is yours, mail that waits for it would count as the far side's wait; a provider's relay is rightly left out.",
      mend: inNode(node.id, `ownHops: ${flow([...new Set([...(node.ownHops ?? defaultHops), ...filters, place])])}`),
    };
  });
}

const placeOf = ({ host, port }: NextHop): string => (port === null ? host : hostPort(host, port));

/** What holds without a list (core/model/hops.ts), which a list replaces. */
const defaultHops =
  "transport:local transport:lmtp transport:pipe transport:virtual localhost 127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 ::1 fc00::/7 fe80::/10".split(
    " ",
  );

async function nextHops(settings: PostfixSettings): Promise<NextHop[]> {
  const named = [
    ...[
      "content_filter",
      "relayhost",
      "default_transport",
      "relay_transport",
      "virtual_transport",
      "mailbox_transport",
    ].map((from) => ({ from, isFilter: from === "content_filter", text: settings.get(from) })),
    ...settings.services.map(({ name, overrides }) => ({
      from: `-o content_filter of the service ${name}`,
      isFilter: true,
      text: overrides.get("content_filter") ?? "",
    })),
    ...(await transportEntries(settings.get("transport_maps"))).map((text) => ({
      from: "transport_maps",
      isFilter: false,
      text,
    })),
  ];
  const hops: NextHop[] = [];
  for (const { from, isFilter, text } of named) {
    const hop = parseNextHop(text, from === "relayhost");
    if (hop === null || hops.length >= mostHops) continue;
    if (hops.some((known) => known.host === hop.host && known.port === hop.port && known.isFilter === isFilter))
      continue;
    const logged = namesInLog(hop.transport, settings.services);
    hops.push({
      from,
      isFilter,
      ...hop,
      logged,
      program: logged.at(-1) ?? hop.transport,
      ip: await addressOf(hop.host),
    });
  }
  return hops;
}

const mostHops = 50;

/** The parts of the name by which a transport logs, as `hopOf` takes them: `postfix/filter/smtp` is filter and smtp. */
export function namesInLog(transport: string, services: PostfixSettings["services"]): readonly string[] {
  const service = services.find(({ name, type }) => name === transport && type === "unix");
  if (service === undefined) return [transport];
  const told = service.overrides.get("syslog_name") ?? "postfix";
  const name = told.replaceAll(/\$(?:service_name\b|\{service_name\}|\(service_name\))/g, transport);
  return [...name.split("/").slice(1), service.program];
}

/** `transport:nexthop` or, as relayhost has it, `nexthop` alone (transport(5)); null where it names no host. */
export function parseNextHop(
  text: string,
  isHostAlone = false,
): { readonly transport: string; readonly host: string; readonly port: number | null } | null {
  const colon = /^([A-Za-z][\w-]*):(.*)$/.exec(text.trim());
  const [transport = "smtp", rest = ""] = isHostAlone ? ["smtp", text.trim()] : (colon?.slice(1) ?? [undefined, ""]);
  const place = rest.replace(/^inet:/, "");
  // A socket of this host, a queue that holds, or the recipient's own domain.
  if (
    place === "" ||
    /^unix:|[/\s,$]/.test(place) ||
    ["error", "retry", "discard", "local", "virtual"].includes(transport)
  )
    return null;
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::([\w-]+))?$/.exec(place);
  if (parts === null) return null;
  const host = (parts[1] ?? parts[2] ?? "").replace(/^ipv6:/i, "");
  const port = parts[3] === undefined ? null : (wellKnown[parts[3]] ?? Number(parts[3]));
  return { transport, host, port: Number.isInteger(port) ? port : null };
}

const wellKnown: Readonly<Record<string, number | undefined>> = { smtp: 25, submission: 587, smtps: 465, lmtp: 24 };

/** Right sides of the tables that are plain text, at most 1 MiB of each. */
async function transportEntries(maps: string): Promise<string[]> {
  const entries: string[] = [];
  for (const [, path = ""] of maps.matchAll(/\b(?:hash|btree|lmdb|cdb|texthash|dbm):(\/[^\s,]+)/g)) {
    const text = await readFile(path, "utf8").catch(() => "");
    for (const line of text.slice(0, 1 << 20).split("\n")) {
      const target = /^[^#\s]\S*\s+(\S+)/.exec(line)?.[1];
      if (target !== undefined) entries.push(target);
    }
  }
  return entries;
}

/** Of a name the first address, within two seconds. */
async function addressOf(host: string): Promise<string | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 2_000).unref());
  const found = lookup(host).then(
    ({ address }) => address,
    () => null,
  );
  return Promise.race([found, late]);
}
