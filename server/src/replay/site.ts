import { type DependencyId, type Seconds, siteId } from "@mailtide/shared";
import { mtasWithoutEnd } from "../core/arrival.ts";
import { backoffOf } from "../core/backoff.ts";
import type { SiteCoreConfig } from "../core/site-core.ts";
import { version } from "../version.ts";
import type { CaptureMeta } from "./contract.ts";

const shippedTargetSeconds = 300;
const resolveAfterSeconds = 600;

/** The core that a recorded stretch of time is played into: what the capture states, and the shipped settings for the rest. */
export function siteOf(meta: CaptureMeta): SiteCoreConfig {
  const { recorded } = meta;
  const site =
    recorded === undefined
      ? { id: siteId("default"), name: meta.name, timezone: meta.timezone, locale: "en" }
      : { ...recorded.site, id: siteId(recorded.site.id) };
  const targetSeconds = recorded?.targetSeconds ?? shippedTargetSeconds;
  return {
    site,
    mode: "replay",
    version,
    targetSeconds,
    delay: {
      site: { id: site.id, targetSeconds, probes: recorded?.probes ?? [] },
      nodes: meta.nodes.map(({ id, mta, ownDomains, ownHops }) => ({
        id,
        ownDomains,
        // None stated means the default rule, not a platform without hops.
        ...(ownHops.length === 0 ? {} : { ownHops }),
        backoff: recorded?.backoff[id] ?? backoffOf(mta),
        endsWithRecipients: mta !== null && mtasWithoutEnd.has(mta),
      })),
    },
    // Ids come from the capture's name alone, so that two replays say the same.
    alerts: {
      installId: recorded?.installId ?? meta.name,
      site,
      resolveAfterSeconds: recorded?.resolveAfterSeconds ?? resolveAfterSeconds,
      inhibitions: [],
      rules: recorded?.rules ?? {},
      hosts: meta.nodes.map(({ id, mta }) => ({ node: id, mta })),
    },
    sources: {},
    dependencies: meta.dependencies.map(({ id, type }) => ({
      id,
      type,
      staleSeconds: Math.max(60, limitOf(recorded, id) ?? (type === "roundtrip" ? roundTripLimitSeconds : 60)),
    })),
    collectors: recorded?.collectors ?? [],
  };
}

/** As the recorded server had it: what is asked once an hour is not unknown after a minute. */
const limitOf = (recorded: CaptureMeta["recorded"], id: DependencyId): Seconds | undefined =>
  recorded?.collectors.find((each) => each.id === `dependency ${id}`)?.limitSeconds;

/** A mail goes round every minute or so, and takes its time. */
const roundTripLimitSeconds = 600;
