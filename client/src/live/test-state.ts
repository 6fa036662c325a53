import { collectorId, siteId } from "@mailtide/shared";
import type { CollectorFreshness, LiveState, SnapshotMessage } from "@mailtide/shared";

// For tests: the least that a server can say, with the freshness that a test is about.

const nowMs = Date.UTC(2016, 4, 11, 13, 3, 8);
const none = { count: 0, oldestSeconds: null };

const emptyState: LiveState = {
  meta: {
    site: { id: siteId("test"), name: "Test", timezone: "UTC", locale: "en-GB" },
    mode: "live",
    nowMs,
    speed: 1,
    version: "0",
    targetSeconds: 300,
  },
  freshness: { slowest: null, collectors: [], complete: true, incompleteBecause: [], lostLines: 0, lostShare: 0 },
  delay: {
    verdict: "on-time",
    tendency: "steady",
    headlineSeconds: 3,
    lateShare: 0,
    typicalSeconds: 1,
    atLeast: false,
    atMost: false,
    lateSinceMs: null,
    directions: {},
    breadth: null,
    stuck: { ...none, where: [] },
    expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
    recovery: { state: "none", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
    work: { due: 0, busyPerSecond: null, arrivingPerSecond: 0, leavingPerSecond: 0 },
  },
  queues: {
    queues: [],
    waiting: { own: none, remote: none, recipient: none, policy: none, held: none, unknown: none },
    unexplained: 0,
    listedAtMs: null,
  },
  stages: { stages: [] },
  dependencies: { dependencies: [] },
  inbound: {
    messagesPerSecond: 0,
    connectionsPerSecond: 0,
    rejectsPerSecond: 0,
    distinctSources: 0,
    distinctExact: true,
    newSources: 0,
    usualSources: null,
    usualNewSources: null,
    spoofShare: null,
    spoofingSources: 0,
    top: [],
    recentSources: [],
  },
  incidents: { incidents: [], outbox: { waiting: 0, oldestSeconds: null, failing: null } },
  trend: { stepSeconds: 60, atMs: [], headlineSeconds: [], marks: [] },
};

/** A required collector whose newest data is `ageSeconds` old at the time of the frame. */
export function collectorAged(ageSeconds: number | null, rest: Partial<CollectorFreshness> = {}): CollectorFreshness {
  return {
    id: collectorId("mx1/log"),
    node: null,
    required: true,
    lastDataMs: ageSeconds === null ? null : nowMs - ageSeconds * 1000,
    limitSeconds: 15,
    state: "ok",
    problem: null,
    ...rest,
  };
}

export function stateWith(collectors: readonly CollectorFreshness[], speed = 1): LiveState {
  const required = collectors.filter((collector) => collector.required);
  const slowest = required.toSorted((a, b) => (a.lastDataMs ?? 0) - (b.lastDataMs ?? 0))[0] ?? null;
  return {
    ...emptyState,
    meta: { ...emptyState.meta, speed },
    freshness: { ...emptyState.freshness, slowest, collectors },
  };
}

export function snapshotOf(state: LiveState, seq = 1, serverEpoch = "one"): SnapshotMessage {
  return { cursor: { serverEpoch, seq }, sentAtMs: 0, state, scopes: ["read"] };
}
