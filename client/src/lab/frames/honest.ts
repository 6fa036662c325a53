import { nodeId, type LiveState } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { at, collector, meta, queues, say, trend, usualDelay } from "./build.ts";
import { calmState } from "./calm.ts";
import { lateState } from "./origin-day.ts";

const nowMs = at("15:03:41");
const stopped = collector("mx1/postfix-log", "mx1", at("15:03:12"), {
  state: "stale",
  problem: "/var/log/mail.log: permission denied for user mailtide",
});

const staleState: LiveState = {
  ...lateState,
  meta: meta(nowMs),
  freshness: {
    ...lateState.freshness,
    slowest: stopped,
    collectors: [stopped, collector("mx2/postfix-log", "mx2", nowMs - 800)],
  },
};

const loss = collector("mx1/postfix-log", "mx1", nowMs - 1_100);

/** Lost lines: the number is a lower bound, and calm would be a lie. */
const unknownState: LiveState = {
  ...calmState,
  meta: meta(nowMs, { mode: "replay", speed: 60 }),
  freshness: {
    slowest: loss,
    collectors: [loss],
    complete: false,
    incompleteBecause: [say("journald suppressed *48,112* messages on mx1.")],
    lostLines: 48_112,
    lostShare: 0.071,
  },
  delay: {
    ...calmState.delay,
    verdict: "unknown",
    atLeast: true,
    headlineSeconds: 262,
    lateShare: 0.02,
    expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
  },
  queues: queues(
    [
      ["incoming", { own: 83 }],
      ["active", { own: 340, unknown: 1_900 }],
      ["deferred", { remote: 1_204, unknown: 420 }],
    ],
    { own: 262, unknown: 300 },
    40_000,
  ),
  trend: trend(at("15:02"), (atMs) =>
    atMs > at("13:10") && atMs < at("14:20") ? null : usualDelay(atMs) + Math.max(0, (atMs - at("14:40")) / 6_000),
  ),
};

const exporter = collector("mx3/prometheus", "mx3", nowMs - 4_000, { limitSeconds: 60 });
const countedQueues = queues([
  ["incoming", { own: 3 }],
  ["active", { own: 12 }],
  ["deferred", { unknown: 417 }],
  ["hold", { held: 2 }],
]);

/** A node with a scrape and no log: the oldest that may be ours, and never green. */
const estimateState: LiveState = {
  ...calmState,
  meta: meta(nowMs),
  freshness: {
    ...calmState.freshness,
    slowest: exporter,
    collectors: [exporter],
    complete: false,
    incompleteBecause: [say("Of *mx3* only counts of queues are known, no log.")],
  },
  delay: {
    ...calmState.delay,
    verdict: "estimate",
    headlineSeconds: null,
    lateShare: null,
    typicalSeconds: null,
    directions: {},
    estimate: {
      nodes: [nodeId("mx3")],
      seconds: 41_400,
      sureSeconds: 9,
      atMost: true,
      atLeast: false,
      isAll: true,
    },
    expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
    work: { due: 0, busyPerSecond: null, arrivingPerSecond: 0, leavingPerSecond: 0 },
  },
  queues: {
    ...countedQueues,
    counted: {
      ownWaiting: 432,
      nodes: [
        {
          node: nodeId("mx3"),
          by: "mx3/prometheus",
          atMs: nowMs - 4_000,
          isBeside: false,
          waiting: 432,
          oldestSeconds: 41_400,
          sureSeconds: 9,
          atLeast: false,
          arrivedPerSecond: null,
          leftPerSecond: 2.4,
          queues: countedQueues.queues.map(({ name, count }) => ({
            name,
            whose: "unknown",
            count,
            bytes: null,
            oldestSeconds: null,
          })),
        },
      ],
    },
  },
  stages: { stages: [] },
  trend: trend(at("15:02"), () => null),
};

const atMostState: LiveState = { ...lateState, delay: { ...lateState.delay, atMost: true, headlineSeconds: 45_912 } };

/** A filter is away: what is taken is on time, the rest waits where no queue of ours shows it. */
const atSendersState: LiveState = {
  ...calmState,
  delay: { ...calmState.delay, atSenders: { seconds: 1_500, count: 1_340, leads: true, notFollowed: 12_000 } },
};
const atSendersTooState: LiveState = {
  ...lateState,
  delay: { ...lateState.delay, atSenders: { seconds: 400, count: 17, leads: false, notFollowed: 0 } },
};

export const honestFrames = [
  frame("stale", "A log can no longer be read", staleState),
  frame("silent", "Mailtide sends nothing any more", lateState, {
    silentSeconds: 41,
    link: { kind: "lost", reason: "" },
  }),
  frame("unknown", "Log lines lost: at least", unknownState),
  frame("at-most", "Unknown waits: at most, and a long number", atMostState, { scopes: ["read"] }),
  frame("estimate", "Only counts of queues: an estimate", estimateState),
  frame("at-senders", "What we refuse waits at its senders", atSendersState),
  frame("at-senders-too", "Late, and some waits at its senders", atSendersTooState),
  frame("connecting", "Before the first frame", null, { link: { kind: "connecting", sinceMs: 0 } }),
  frame("unreachable", "No server", null, { link: { kind: "lost", reason: "" } }),
  frame("sign-in", "No session", null, { link: { kind: "unauthorized", revoked: false } }),
];
