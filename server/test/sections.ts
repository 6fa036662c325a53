import {
  collectorId,
  type CollectorFreshness,
  dependencyId,
  type DependencyView,
  type LiveState,
  nodeId,
  siteId,
  type SqlView,
} from "@mailtide/shared";
import type { RuleInput, Sections } from "../src/core/detect/rule.ts";

/** A Wednesday, 10:00 UTC. */
export const someMs = Date.UTC(2016, 4, 11, 10);
export const mx1 = nodeId("mx1");

/** An everyday minute: mail on time, a full queue for a dead remote domain, nothing of ours waiting. */
export function calmSections(): Pick<LiveState, keyof Sections> {
  const none = { count: 0, oldestSeconds: null };
  const waiting = {
    own: { count: 4, oldestSeconds: 2 },
    remote: { count: 48_000, oldestSeconds: 400_000 },
    recipient: { count: 31, oldestSeconds: 90_000 },
    policy: none,
    held: none,
    unknown: none,
  };
  return {
    freshness: {
      slowest: collector({}),
      collectors: [collector({})],
      complete: true,
      incompleteBecause: [],
      lostLines: 0,
      lostShare: 0,
    },
    delay: {
      headlineSeconds: 3,
      lateShare: 0,
      typicalSeconds: 2,
      verdict: "on-time",
      tendency: "steady",
      atLeast: false,
      atMost: false,
      lateSinceMs: null,
      directions: {},
      breadth: null,
      stuck: { count: 0, oldestSeconds: null, where: [] },
      expected: { seconds: 2, lowSeconds: 1, highSeconds: 5, notMovingSinceMs: null },
      recovery: { state: "none", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
      work: { due: 4, busyPerSecond: 46, arrivingPerSecond: 20, leavingPerSecond: 20 },
    },
    queues: { queues: [], waiting, unexplained: 0, listedAtMs: null },
    stages: { stages: [] },
    dependencies: { dependencies: [database({})] },
    inbound: {
      messagesPerSecond: 20,
      connectionsPerSecond: 22,
      rejectsPerSecond: 5,
      distinctSources: 310,
      distinctExact: true,
      newSources: 35,
      usualSources: 310,
      usualNewSources: 35,
      spoofShare: 0.002,
      spoofingSources: 1,
      top: [],
      recentSources: [],
    },
  };
}

export function collector(said: Partial<CollectorFreshness>): CollectorFreshness {
  return {
    id: collectorId("mx1/postfix-log"),
    node: mx1,
    required: true,
    lastDataMs: someMs,
    limitSeconds: 10,
    state: "ok",
    problem: null,
    ...said,
  };
}

export function database(said: Partial<DependencyView>): DependencyView {
  return {
    id: dependencyId("mail-db"),
    type: "postgres",
    state: "ok",
    latencySeconds: 0.004,
    checkedAtMs: someMs,
    note: null,
    recent: [],
    sql: sql({}),
    ...said,
  };
}

export function sql(said: Partial<SqlView>): SqlView {
  return {
    connectionsUsed: 31,
    connectionsMax: 97,
    lockWaits: 0,
    longestWaitSeconds: null,
    longestTransactionSeconds: 2,
    blocked: [],
    ddl: [],
    ...said,
  };
}

/** Calm but for what is said; sections are merged one level deep. */
export function ruleInput(
  said: { readonly [Name in keyof Sections]?: Partial<Sections[Name]> } = {},
  nowMs = someMs,
): RuleInput {
  const calm = calmSections();
  return {
    nowMs,
    site: { id: siteId("main"), timezone: "Africa/Johannesburg" },
    hosts: [{ node: mx1, mta: "postfix" }],
    targetSeconds: 300,
    sections: {
      freshness: { ...calm.freshness, ...said.freshness },
      delay: { ...calm.delay, ...said.delay },
      queues: { ...calm.queues, ...said.queues },
      stages: { ...calm.stages, ...said.stages },
      dependencies: { ...calm.dependencies, ...said.dependencies },
      inbound: { ...calm.inbound, ...said.inbound },
    },
    changes: [],
  };
}
