import type { HostView, QueueSection } from "@mailtide/shared";

type Hosts = NonNullable<QueueSection["hosts"]>;
type Waiting = Pick<QueueSection, "waiting">;

const mostHosts = 40;

/** Where there are several hosts: those at which most waits on us first. `counted` ones are added to what their logs tell. */
export function hostsOf(
  section: Waiting,
  logged: readonly HostView[],
  counted: readonly HostView[],
): Pick<QueueSection, "hosts"> {
  const hosts = allHosts(logged, counted);
  if (hosts.length < 2) return {};
  const hidden = Math.max(0, hosts.length - mostHosts);
  return { hosts: { shown: hosts.slice(0, mostHosts), hidden, mostAt: mostAt(section, hosts[0]) } };
}

/** Every one, in that order. */
export function allHosts(logged: readonly HostView[], counted: readonly HostView[]): readonly HostView[] {
  const byNode = new Map(logged.map((host) => [host.node, host]));
  for (const host of counted) byNode.set(host.node, together(byNode.get(host.node), host));
  return [...byNode.values()].sort(byWaiting);
}

/** Of a handful nobody asks where it is. */
const leastConcentrated = 10;
const leastShare = 0.5;

function mostAt({ waiting }: Waiting, first: HostView | undefined): Hosts["mostAt"] {
  if (first === undefined || first.ownQueued < leastConcentrated) return null;
  const share = first.ownQueued / Math.max(first.ownQueued, waiting.own.count + waiting.unknown.count);
  return share >= leastShare ? { node: first.node, share } : null;
}

function together(one: HostView | undefined, other: HostView): HostView {
  if (one === undefined) return other;
  const ages = [one.oldestOwnSeconds, other.oldestOwnSeconds].filter((age) => age !== null);
  return {
    ...one,
    queued: one.queued + other.queued,
    ownQueued: one.ownQueued + other.ownQueued,
    oldestOwnSeconds: ages.length === 0 ? null : Math.max(...ages),
  };
}

const byWaiting = (a: HostView, b: HostView): number =>
  b.ownQueued - a.ownQueued || b.queued - a.queued || (a.node < b.node ? -1 : 1);
