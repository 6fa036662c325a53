import { dependencyId, type HostDocument, nodeId, type LiveState, stageNames } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, collector, dependency, incident, meta, queues, say, trend, usualDelay } from "./build.ts";
import { calmState } from "./calm.ts";
import { lateState } from "./origin-day.ts";

export const nowMs = at("03:07:22");
const number = (index: number): string => String(index + 1).padStart(2, "0");

export const edges = Array.from({ length: 24 }, (_, index) => `edge-${number(index)}`);
const mailboxes = Array.from({ length: 16 }, (_, index) => `mbx-${number(index)}`);

export const logs = [
  ...edges.map((node, index) => collector(`${node}/postfix-log`, node, nowMs - 400 - 61 * index)),
  ...mailboxes.map((node, index) => collector(`${node}/exim-log`, node, nowMs - 600 - 83 * index)),
  collector("amavis-01/filter-log", "amavis-01", nowMs - 1_900),
];
const behind = collector("edge-17/agent", "edge-17", nowMs - 94_000, {
  state: "stale",
  problem: "the agent has not been heard of since 03:05:48",
});
const denied = collector("mbx-04/exim-queue", "mbx-04", null, {
  required: false,
  limitSeconds: 90,
  state: "failing",
  problem: "exim -bp: exim: permission denied: the user mailtide is not in queue_list_requires_admin's exceptions",
});

export const dependencies = [
  ...Array.from({ length: 6 }, (_, index) =>
    dependency(
      `resolver ${number(index)}`,
      "dns",
      index === 1 ? "failing" : index === 4 ? "slow" : "ok",
      index === 1 ? null : 0.003 * (index + 1),
      index === 1
        ? { note: say("10.20.0.54:53: no answer for *MX gmail.com* within 2 s, *14* times in a row since 02:58") }
        : {},
    ),
  ),
  dependency("directory a", "ldap", "ok", 0.009),
  dependency("directory b", "ldap", "failing", null, {
    note: say("ldaps://10.20.1.12: bind refused: *Invalid credentials* (49)"),
  }),
  dependency("mail-db", "postgres", "ok", 0.0011),
  dependency("mail-db replica", "postgres", "slow", 0.0012, { note: say("replication *74 s* behind") }),
  dependency("accounts", "mysql", "ok", 0.002),
  ...Array.from({ length: 4 }, (_, index) => dependency(`greylist ${number(index)}`, "redis", "ok", 0.0004)),
  ...Array.from({ length: 8 }, (_, index) =>
    dependency(`scanner ${number(index)}`, "filter", index === 5 ? "slow" : "ok", 0.11 + 0.02 * index),
  ),
  ...edges
    .slice(0, 10)
    .map((node, index) =>
      dependency(
        `spool ${node}`,
        "disk",
        index === 7 ? "failing" : "ok",
        0.001,
        index === 7
          ? { note: say("/var/spool/postfix: *98.6 %* of the inodes used; full in about 40 min at this rate") }
          : {},
      ),
    ),
  dependency("mx certificate", "certificate", "slow", 0.02, {
    note: say("mx.example.com: expires in *6 days* (2016-05-17)"),
  }),
  dependency("smart host", "smtp", "unknown", null),
  dependency("round trip in", "roundtrip", "ok", 3.8),
  dependency("round trip out", "roundtrip", "failing", 1_260, { note: say("no test mail back since 02:46") }),
];

const dns = alert(
  "dns",
  "dns-failure",
  say("Resolver 10.20.0.54 does not answer"),
  at("02:58:11"),
  [say("*14* look-ups of MX records in a row timed out; *5 of 24* edges use it first.")],
  { subject: "resolver 02", node: nodeId("edge-01") },
);
const ldap = alert(
  "ldap",
  "ldap-failure",
  say("directory b refuses our bind"),
  at("03:01:40"),
  [say("*Invalid credentials* since 03:01, while directory a answers.")],
  { subject: "directory b" },
);

const waitingAt = [...edges, ...mailboxes]
  .map((node, index) => ({
    node: nodeId(node),
    queued: Math.round(26_000 / (index + 1) ** 1.7),
    ownQueued: Math.round(22_000 / (index + 1) ** 1.9),
    oldestOwnSeconds: index < 20 ? 1_284 / (index + 1) : null,
    lastDepartureMs: index === 0 ? nowMs - 540_000 : nowMs - 300,
  }))
  .map((host, index) => ({ ...host, node: nodeId(index === 3 ? "edge-17" : index === 16 ? "edge-04" : host.node) }));

/** A platform of forty hosts at night: several things are broken at once, and all of them must find room. */
const platformState: LiveState = {
  ...lateState,
  meta: meta(nowMs, { mode: "live" }),
  freshness: {
    slowest: behind,
    collectors: [...logs, behind, denied],
    complete: false,
    incompleteBecause: [
      say("Nothing has come from *edge-17* since 03:05:48."),
      say("journald suppressed *1,204* messages on edge-03."),
    ],
    lostLines: 1_204,
    lostShare: 0.002,
  },
  delay: {
    ...lateState.delay,
    headlineSeconds: 1_284,
    lateShare: 0.11,
    atLeast: true,
    lateSinceMs: at("02:51"),
    directions: {
      in: { headlineSeconds: 64, lateShare: 0.002, typicalSeconds: 4 },
      out: { headlineSeconds: 1_284, lateShare: 0.31, typicalSeconds: 12 },
      internal: { headlineSeconds: 3, lateShare: 0, typicalSeconds: 0.4 },
    },
    stuck: {
      count: 1_412,
      oldestSeconds: 1_284,
      where: edges.slice(0, 5).map((node, index) => ({
        node: nodeId(node),
        destination: `mail-exchanger-${index}.large-customer.example`,
        count: 400 - 70 * index,
        oldestSeconds: 1_284 - 60 * index,
      })),
    },
    recovery: { state: "unknown", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
  },
  queues: {
    ...queues(
      [
        ["incoming", { own: 412 }],
        ["active", { own: 9_204, remote: 120 }],
        ["deferred", { own: 21_402, remote: 14_204, recipient: 338 }],
        ["hold", { held: 12 }],
      ],
      { own: 1_284, remote: 262_800 },
    ),
    hosts: { shown: waitingAt, hidden: 1, mostAt: { node: nodeId("edge-01"), share: 0.71 } },
  },
  dependencies: { dependencies },
  inbound: calmState.inbound,
  incidents: {
    incidents: [
      incident("i-40", say("DNS fails for outbound mail"), at("02:58:11"), [dns]),
      incident("i-41", say("directory b refuses binds"), at("03:01:40"), [ldap], { severity: "ticket" }),
      incident(
        "i-42",
        say("Spool of edge-08 is nearly out of inodes"),
        at("03:04"),
        [
          alert("disk", "capacity", say("*98.6 %* of the inodes used"), at("03:04"), [say("Full in about 40 min.")], {
            subject: "spool edge-08",
          }),
        ],
        { severity: "ticket" },
      ),
      incident(
        "i-43",
        say("Agent of edge-17 is silent"),
        at("03:05:48"),
        [
          alert(
            "agent",
            "collector-stale",
            say("edge-17 is silent"),
            at("03:05:48"),
            [say("Nothing since 03:05:48.")],
            {
              node: nodeId("edge-17"),
            },
          ),
        ],
        { severity: "ticket" },
      ),
      ...calmState.incidents.incidents,
    ],
    outbox: { waiting: 3, oldestSeconds: 61, failing: null },
  },
  trend: trend(at("03:06"), (atMs) => usualDelay(atMs) + Math.max(0, (atMs - at("02:46")) / 1_000), [
    { atMs: at("02:58:11"), kind: "fault", label: say("resolver 02 ", { atMs: at("02:58:11") }) },
  ]),
};

/** One of forty hosts is away, and nothing else is wrong: never green, and not blind either. */
const awayState: LiveState = {
  ...calmState,
  meta: meta(nowMs, { mode: "live" }),
  freshness: { ...calmState.freshness, slowest: behind, collectors: [...logs, behind] },
  delay: { ...calmState.delay, verdict: "unknown", atLeast: true },
  dependencies: { dependencies: dependencies.filter(({ state }) => state === "ok") },
  trend: trend(at("03:06"), usualDelay),
};

const atEdge = queues(
  [
    ["incoming", { own: 96 }],
    ["active", { own: 5_000 }],
    ["deferred", { own: 16_904, remote: 2_900, recipient: 88 }],
    ["hold", { held: 12 }],
  ],
  { own: 1_284, remote: 172_800 },
);
const steps = Array.from({ length: 30 }, (_, index) => index);

/** The host at which most waits: mail comes in as ever, and nothing leaves. */
export const edge: HostDocument = {
  version: 1,
  node: nodeId("edge-01"),
  at: new Date(nowMs).toISOString(),
  queues: atEdge.queues,
  waiting: atEdge.waiting,
  listedAt: new Date(nowMs - 41_000).toISOString(),
  lastDepartureAt: new Date(nowMs - 540_000).toISOString(),
  late: null,
  stages: stageNames.map((name, index) => ({
    name,
    medianSeconds: 3_600 / 40 ** index,
    p95Seconds: 7_200 / 40 ** index,
  })),
  perSecond: { accepted: 31.4, sent: 0, deferred: 22.7, bounced: 0.1, rejected: 4.2, connections: 38 },
  course: {
    stepSeconds: 30,
    accepted: steps.map((index) => 940 + 60 * Math.sin(index)),
    sent: steps.map((index) => (index < 12 ? 930 + 50 * Math.sin(index + 2) : 0)),
    deferred: steps.map((index) => (index < 12 ? 21 : 680 + 30 * Math.sin(index))),
  },
  dependencies: ["resolver 01", "resolver 02", "directory b", "spool edge-01", "scanner 01"].map(dependencyId),
};
const silentEdge: HostDocument = {
  ...edge,
  node: nodeId("edge-17"),
  perSecond: null,
  course: {
    ...edge.course,
    accepted: steps.map((index) => (index < 26 ? 240 : null)),
    sent: steps.map((index) => (index < 26 ? 236 + (index % 4) : null)),
    deferred: steps.map((index) => (index < 26 ? 8 : null)),
  },
  listedAt: null,
  lastDepartureAt: new Date(nowMs - 95_000).toISOString(),
};
const hosts = new Map([edge, silentEdge].map((host) => [host.node, host]));

export const platformFrames = [
  frame("platform", "Forty hosts, several things broken at once", platformState, { hosts }),
  frame("away", "One of forty hosts is silent", awayState),
];
