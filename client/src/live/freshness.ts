import type { CollectorFreshness, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { Clock, Link, MonotonicMs, Received, Silence, Staleness } from "./model.ts";

/** Frames come at least once a second; three missing ones are "no data from Mailtide". */
const frameLimitMs = 3_000;
const unreachableAfterMs = 10_000;

/**
 * The freshness clock. The age of data is its age in the last frame plus the local monotonic time since then times the
 * site's speed, so that it grows on its own when the server falls silent.
 */
export function readClock(link: Link, received: Received | null, monoMs: MonotonicMs): Clock {
  if (received === null) {
    const unreachable =
      link.kind === "lost" || (link.kind === "connecting" && monoMs - link.sinceMs > unreachableAfterMs);
    return { siteNowMs: null, ageSeconds: null, stale: null, silence: null, unreachable };
  }
  const { meta, freshness } = received.state;
  const nowMs = siteTime(received, monoMs);
  const required = freshness.collectors.filter((collector) => collector.required);
  const slowest = freshness.slowest;
  const watched = slowest === null || required.some(({ id }) => id === slowest.id) ? required : [slowest, ...required];
  const over = watched
    .filter((collector) => isOver(collector, meta.nowMs, nowMs, meta.speed))
    .toSorted((a, b) => (a.lastDataMs ?? 0) - (b.lastDataMs ?? 0));
  const silence = silenceOf(watched, over);
  const stale = framesStopped(received, monoMs) ?? (silence === null ? collectorsStopped(over) : null);
  return {
    siteNowMs: Math.floor(nowMs / 1000) * 1000,
    ageSeconds: slowest === null || slowest.lastDataMs === null ? null : ageSeconds(slowest.lastDataMs, nowMs),
    stale,
    silence: stale === null ? silence : null,
    unreachable: false,
  };
}

/**
 * The site's time at a local instant, in epoch milliseconds. A replay shows one instant until the next one comes, and a
 * fast-forward has no speed: there nothing is guessed between two frames, and data ages only from frame to frame.
 */
function siteTime({ state: { meta, transport }, metaAtMs }: Received, monoMs: MonotonicMs): EpochMs {
  if (transport !== undefined || meta.fastForwardToMs !== undefined) return meta.nowMs;
  return meta.nowMs + Math.max(0, monoMs - metaAtMs) * meta.speed;
}

/**
 * At 60 × the second between two frames is a minute of the site's time: only what goes beyond an ordinary gap between
 * frames is held against a collector that was within its limit in the frame itself.
 */
function isOver(collector: CollectorFreshness, frameNowMs: EpochMs, nowMs: EpochMs, speed: number): boolean {
  if (collector.lastDataMs === null) return collector.state === "stale" || collector.state === "failing";
  if (collector.state === "stale") return true;
  const graceSeconds = Math.max(0, speed - 1) * 1.5;
  return (
    ageSeconds(collector.lastDataMs, frameNowMs) > collector.limitSeconds ||
    (nowMs - collector.lastDataMs) / 1000 > collector.limitSeconds + graceSeconds
  );
}

function framesStopped(received: Received, monoMs: MonotonicMs): Staleness | null {
  if (monoMs - received.frameAtMs <= frameLimitMs) return null;
  return { kind: "frames", sinceMs: siteTime(received, received.frameAtMs) };
}

function collectorsStopped(over: readonly CollectorFreshness[]): Staleness | null {
  const [oldest] = over;
  if (oldest === undefined) return null;
  return { kind: "collector", sinceMs: oldest.lastDataMs, collector: oldest, others: over.length - 1 };
}

/** Null where nothing is silent, and where no host is left that speaks. `over` has the oldest first. */
function silenceOf(watched: readonly CollectorFreshness[], over: readonly CollectorFreshness[]): Silence | null {
  const hosts = new Set(watched.map(({ node }) => node));
  // What belongs to no host tells of no mail: nobody can be believed for its sake.
  if (hosts.size > 1) hosts.delete(null);
  const silent = new Map<NodeId | null, CollectorFreshness>();
  for (const collector of over) if (!silent.has(collector.node)) silent.set(collector.node, collector);
  const isAnySeen = [...hosts].some((host) => !silent.has(host));
  return silent.size > 0 && isAnySeen ? { collectors: [...silent.values()], hosts: hosts.size } : null;
}

/** The hosts that are silent. */
export const silentHosts = (silence: Silence | null): ReadonlySet<NodeId | null> =>
  new Set(silence?.collectors.map(({ node }) => node));

const ageSeconds = (thenMs: EpochMs, nowMs: EpochMs): Seconds => Math.max(0, Math.floor((nowMs - thenMs) / 1000));
