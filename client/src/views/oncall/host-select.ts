import type {
  CollectorFreshness,
  DelaySection,
  Freshness,
  HostsDocument,
  HostView,
  IncidentView,
  NodeId,
} from "@mailtide/shared";
import { silentHosts } from "../../live/freshness.ts";
import type { Silence } from "../../live/model.ts";
import type { HostRow } from "../../ui/tiles/hosts.tsx";
import { isOpen } from "../../ui/verdict.ts";

export interface AllHosts {
  readonly rows: readonly HostRow[];
  /** Before anything was looked for. */
  readonly count: number;
}

/** What may be wrong with hosts. */
interface Ill extends Pick<Freshness, "collectors"> {
  readonly silence: Silence | null;
  readonly late?: DelaySection["lateHosts"];
}

/** The server's list, with its instants as the screens have them. */
export const viewsOf = ({ nodes }: HostsDocument): readonly HostView[] =>
  nodes.map(({ lastDepartureAt, ...host }) => ({
    ...host,
    lastDepartureMs: lastDepartureAt === null ? null : Date.parse(lastDepartureAt),
  }));

/**
 * Every host of the site: those that are silent first, then those that are late, then in the server's order those of which it gives `figures`, then the
 * others that are read at all, by name. `wanted`: a part of the name.
 */
export function allHosts(
  figures: readonly HostView[],
  { collectors, silence, late = [] }: Ill,
  wanted: string,
): AllHosts {
  const shown = new Map<NodeId, HostView | null>(figures.map((host) => [host.node, host]));
  const others = new Set(collectors.flatMap(({ node }) => (node === null || shown.has(node) ? [] : [node])));
  const all = [...shown, ...[...others].toSorted(byName).map((node) => [node, null] as const)];
  const silent = silentHosts(silence);
  const slow = new Set(late.map(({ node }) => node));
  const rank = (node: NodeId): number => (silent.has(node) ? 0 : slow.has(node) ? 1 : 2);
  const rows = all.toSorted(([a], [b]) => rank(a) - rank(b));
  const part = wanted.trim().toLowerCase();
  const found = rows.filter(([node]) => node.toLowerCase().includes(part));
  return { rows: found.map(([node, host]) => ({ node, host })), count: rows.length };
}

/** The host of a site that has no other, so that nothing is listed by host. */
export function onlyHost({ collectors }: Freshness): NodeId | null {
  const nodes = new Set(collectors.flatMap(({ node }) => (node === null ? [] : [node])));
  const [first] = nodes;
  return nodes.size === 1 && first !== undefined ? first : null;
}

const byName = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/** Those that are ill first, then those that have to be well. */
export function collectorsOf({ collectors }: Freshness, node: NodeId): readonly CollectorFreshness[] {
  const own = collectors.filter((collector) => collector.node === node);
  return own.toSorted((a, b) => urgency(a) - urgency(b));
}

const urgency = ({ state, required }: CollectorFreshness): number => (state === "ok" ? 2 : 0) + (required ? 0 : 1);

export interface IncidentsOfHost {
  /** Of which an alert that is not over names the host. */
  readonly here: readonly IncidentView[];
  /** Of which one names no host, so that it is this one's as well. */
  readonly ofSite: readonly IncidentView[];
}

/** Open incidents that whoever looks at the host should know of. */
export function incidentsAt(incidents: readonly IncidentView[], node: NodeId): IncidentsOfHost {
  const open = incidents.filter(isOpen);
  const here = open.filter((incident) => names(incident, node));
  return { here, ofSite: open.filter((incident) => !here.includes(incident) && names(incident, null)) };
}

const names = ({ alerts }: IncidentView, node: NodeId | null): boolean =>
  alerts.some((alert) => alert.node === node && alert.state !== "resolved");
