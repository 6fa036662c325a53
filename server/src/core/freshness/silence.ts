import type { CollectorFreshness, Freshness } from "@mailtide/shared";

/** How much of a site is out of sight. */
export interface Silence {
  /** Hosts that the screen depends on. */
  readonly hosts: number;
  /** Those of them of which something that is needed has not come yet, is too old, or cannot look. */
  readonly unseen: ReadonlySet<string>;
}

/** By required collector; one that belongs to no host tells of no mail. */
export function silenceOf({ collectors }: Pick<Freshness, "collectors">): Silence {
  let silence = known.get(collectors);
  if (silence === undefined) known.set(collectors, (silence = silenceAmong(collectors)));
  return silence;
}

/** Asked for by several rules a turn, of the same collectors. */
const known = new WeakMap<Freshness["collectors"], Silence>();

function silenceAmong(collectors: readonly CollectorFreshness[]): Silence {
  const ofHosts = collectors.filter(({ required, node }) => required && node !== null);
  return { hosts: hostsOf(ofHosts).size, unseen: hostsOf(ofHosts.filter(({ state }) => state !== "ok")) };
}

/** One that belongs to no host stands for itself. */
const hostsOf = (collectors: readonly CollectorFreshness[]): ReadonlySet<string> =>
  new Set(collectors.map(({ node, id }) => node ?? id));

/** Of what is required, what says itself that it cannot look; and whether that is so much that the rest does not make up for it. */
export function failureOf({ collectors }: Pick<Freshness, "collectors">): {
  readonly failing: readonly CollectorFreshness[];
  readonly isTooMuch: boolean;
} {
  const required = collectors.filter((collector) => collector.required);
  const failing = required.filter(({ state }) => state === "failing");
  return { failing, isTooMuch: areTooMany(hostsOf(failing).size, hostsOf(required).size) };
}

/**
 * The data behind queues and delay is too old to say anything of now. Of many hosts one is nearly always away: what the others
 * say holds as long as at most one in ten is.
 */
export function isBlind(freshness: Pick<Freshness, "collectors" | "slowest">): boolean {
  const { hosts, unseen } = silenceOf(freshness);
  if (hosts === 0) return freshness.slowest !== null && freshness.slowest.state !== "ok";
  return areTooMany(unseen.size, hosts);
}

/** Of so many hosts. */
const areTooMany = (missing: number, hosts: number): boolean => missing > hosts * toleratedShare;

const toleratedShare = 0.1;
