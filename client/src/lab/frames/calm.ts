import { dependencyId, type LiveState } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, collector, dependency, incident, meta, noise, queues, say, trend, usualDelay } from "./build.ts";

const nowMs = at("10:20:32");
const newest = collector("mx1/postfix-log", "mx1", nowMs - 200);

const overnight = incident(
  "i-17",
  say("DNS resolver slow"),
  at("03:12"),
  [
    alert(
      "dns",
      "dns-failure",
      say("Resolver 10.0.0.53 answers late"),
      at("03:12"),
      [say("Look-ups took *2.4 s*, usual *3 ms*.")],
      { state: "resolved", resolvedAtMs: at("03:31") },
    ),
  ],
  { state: "resolved", severity: "ticket", resolvedAtMs: at("03:31") },
);

/** A day on which all is well. */
export const calmState: LiveState = {
  meta: meta(nowMs, { mode: "live" }),
  freshness: {
    slowest: newest,
    collectors: [newest],
    complete: true,
    incompleteBecause: [],
    lostLines: 0,
    lostShare: 0,
  },
  delay: {
    verdict: "on-time",
    headlineSeconds: 12.4,
    lateShare: 0,
    typicalSeconds: 1.8,
    tendency: "steady",
    atLeast: false,
    atMost: false,
    lateSinceMs: null,
    directions: {
      in: { headlineSeconds: 12.4, lateShare: 0, typicalSeconds: 2.1 },
      out: { headlineSeconds: 6.2, lateShare: 0.0004, typicalSeconds: 1.2 },
      internal: { headlineSeconds: 0.6, lateShare: 0, typicalSeconds: 0.3 },
    },
    breadth: null,
    stuck: { count: 0, oldestSeconds: null, where: [] },
    expected: { seconds: 2, lowSeconds: 0.8, highSeconds: 11, notMovingSinceMs: null },
    recovery: { state: "none", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
    work: { due: 42, busyPerSecond: null, arrivingPerSecond: 31.2, leavingPerSecond: 31.1 },
  },
  queues: queues(
    [
      ["incoming", { own: 3 }],
      ["active", { own: 39 }],
      ["deferred", { remote: 1_204, recipient: 88 }],
    ],
    { own: 9, remote: 262_800, recipient: 43_000 },
  ),
  stages: {
    stages: [
      { name: "beforeQueueManager", medianSeconds: 0.21, p95Seconds: 0.9 },
      { name: "inQueueManager", medianSeconds: 0.01, p95Seconds: 0.05 },
      { name: "connectionSetup", medianSeconds: 0.34, p95Seconds: 1.8 },
      { name: "transmission", medianSeconds: 0.6, p95Seconds: 4.1 },
    ],
  },
  dependencies: {
    dependencies: [
      dependency("mail-db", "postgres", "ok", 0.0009, {
        sql: {
          connectionsUsed: 62,
          connectionsMax: 400,
          lockWaits: 0,
          longestWaitSeconds: null,
          longestTransactionSeconds: 0.4,
          blocked: [],
          ddl: [],
        },
      }),
      dependency("resolver", "dns", "ok", 0.003),
      dependency("directory", "ldap", "ok", 0.012),
      dependency("scanner", "filter", "ok", 0.18),
      dependency("round trip", "roundtrip", "ok", 2.1),
    ],
  },
  inbound: {
    messagesPerSecond: 31.2,
    connectionsPerSecond: 44.8,
    rejectsPerSecond: 9.4,
    distinctSources: 312,
    distinctExact: true,
    newSources: 33,
    usualSources: 310,
    usualNewSources: 35,
    spoofShare: 0.004,
    spoofingSources: 2,
    top: [
      {
        ip: "203.0.113.25",
        network: "203.0.113.0/24",
        messages: 1_410,
        connections: 220,
        rejects: 2,
        spoofed: 0,
        authFailures: 0,
        firstSeenMs: at("00:00"),
      },
      {
        ip: "198.51.100.14",
        network: "198.51.100.0/24",
        messages: 902,
        connections: 190,
        rejects: 0,
        spoofed: 0,
        authFailures: 0,
        firstSeenMs: at("00:00"),
      },
      {
        ip: "2001:db8:25::17",
        network: "2001:db8:25::/64",
        messages: 644,
        connections: 101,
        rejects: 12,
        spoofed: 0,
        authFailures: 0,
        firstSeenMs: at("02:10"),
      },
    ],
    recentSources: Array.from({ length: 60 }, (_, index) => 310 + 22 * noise(index)),
  },
  incidents: { incidents: [overnight], outbox: { waiting: 0, oldestSeconds: null, failing: null } },
  trend: trend(at("10:20"), usualDelay, [{ atMs: at("03:12"), kind: "fault", label: say("resolver slow") }]),
};

const night = at("03:40:12");
const nightLog = collector("mx1/postfix-log", "mx1", night - 1_400);
const fresh = {
  slowest: nightLog,
  collectors: [nightLog],
  complete: true,
  incompleteBecause: [],
  lostLines: 0,
  lostShare: 0,
};
const noNumbers = { headlineSeconds: null, lateShare: null, typicalSeconds: null };

export const quietState: LiveState = {
  ...calmState,
  meta: meta(night, { mode: "live" }),
  freshness: fresh,
  delay: {
    ...calmState.delay,
    ...noNumbers,
    work: { due: 1, busyPerSecond: null, arrivingPerSecond: 0.01, leavingPerSecond: 0.01 },
    headlineSeconds: 2.1,
    verdict: "quiet",
    roundTrip: {
      dependency: dependencyId("round trip"),
      state: "ok",
      seconds: 2.1,
      isSoFar: false,
      isRefused: false,
      isHeadline: true,
    },
    directions: {},
    expected: { seconds: 2.1, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
  },
  queues: queues(
    [
      ["incoming", {}],
      ["active", { own: 1 }],
      ["deferred", { remote: 212 }],
    ],
    { remote: 262_800 },
  ),
  inbound: {
    ...calmState.inbound,
    messagesPerSecond: 0.01,
    connectionsPerSecond: 0.3,
    rejectsPerSecond: 0.2,
    distinctSources: 9,
    newSources: 1,
    spoofShare: null,
    usualSources: 14,
    top: calmState.inbound.top.slice(0, 1),
  },
  incidents: { ...calmState.incidents, incidents: [] },
  trend: trend(at("03:40"), (atMs) => (atMs > at("02:10") ? 2 + noise(atMs / 120_000) / 4 : usualDelay(atMs))),
};

const noTrafficState: LiveState = {
  ...quietState,
  delay: {
    ...quietState.delay,
    headlineSeconds: null,
    roundTrip: null,
    verdict: "no-traffic",
    expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
  },
  dependencies: { dependencies: calmState.dependencies.dependencies.filter(({ type }) => type !== "roundtrip") },
  trend: trend(at("03:40"), (atMs) => (atMs > at("02:10") ? null : usualDelay(atMs))),
  inbound: {
    ...quietState.inbound,
    messagesPerSecond: 0,
    connectionsPerSecond: 0,
    rejectsPerSecond: 0,
    distinctSources: 0,
    newSources: 0,
    top: [],
    usualSources: null,
    usualNewSources: null,
    recentSources: [],
  },
};

/** A dead remote domain fills the queue: nobody is late. */
const remoteState: LiveState = {
  ...calmState,
  queues: queues(
    [
      ["incoming", { own: 2 }],
      ["active", { own: 31, remote: 12 }],
      ["deferred", { remote: 84_310, recipient: 190 }],
    ],
    { own: 6, remote: 331_000 },
  ),
};

export const calmFrames = [
  frame("calm", "A calm day", calmState),
  frame("quiet", "A quiet night", quietState),
  frame("no-traffic", "No traffic and no test mail", noTrafficState),
  frame("remote-only", "Only mail for a dead remote domain waits", remoteState),
];
