import { nodeId } from "@mailtide/shared";
import type { EpochMs, LiveState, Seconds } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, collector, dependency, incident, meta, noise, queues, say, trend, usualDelay } from "./build.ts";
import { calmState } from "./calm.ts";

function delayOfTheDay(atMs: EpochMs): Seconds {
  const onset = at("12:24");
  if (atMs < at("11:40")) return usualDelay(atMs);
  if (atMs < onset) return usualDelay(atMs) + ((atMs - at("11:40")) / 1000) * 0.018;
  return 60 + (Math.max(0, atMs - onset) / 1000) * 1.136 + 20 * noise(Math.floor(atMs / 120_000));
}

const flood = alert(
  "spoof-flood",
  "spoof-flood",
  say("Spoofing flood"),
  at("11:40"),
  [
    say("*7,287* new sources, usual 35. *97 %* send to themselves."),
    say("Blocked, but we bounce each one: load *× 2.1*."),
  ],
  {
    severity: "ticket",
    actions: [
      {
        label: say("Stop bouncing blocked mail: halves the attack’s load"),
        command: "postconf -e 'smtpd_milters = inet:127.0.0.1:11332' && postfix reload",
      },
      {
        label: say("Review *5,118* sources to block: no usual sender is among them"),
        command: "mailtide blocklist --format postfix-cidr --review",
      },
    ],
  },
);

const lock = alert(
  "schema-lock",
  "schema-lock",
  say("Schema lock on mail-db"),
  at("12:24:37"),
  [
    say(
      "*DROP TABLE* by *deploy* holds *214* sessions since ",
      { atMs: at("12:24:37") },
      { text: "; the filter waits for them." },
    ),
  ],
  {
    state: "firing",
    actions: [
      {
        label: say("End the blocking statement: mail-db, session *48213*"),
        command: "psql -h mail-db -c 'SELECT pg_cancel_backend(48213)'",
      },
      {
        label: say("Look who waits for whom"),
        command:
          "psql -h mail-db -c 'SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0'",
      },
    ],
  },
);

const push = { title: "Code push #4182", startAtMs: at("12:24"), link: "https://deploy.example.com/4182" };

const backlog = alert(
  "headline",
  "capacity",
  say("Backlog"),
  at("12:31"),
  [
    say(
      "*412,000* waiting, draining at 46/s, arriving at 51/s. Retries asleep until ",
      { atMs: at("16:15"), strong: true },
      { text: ": flush in stages." },
    ),
  ],
  {
    actions: [
      {
        label: say("Flush in stages: wakes *38,000* sleeping retries, *500* at a time"),
        command: "mailtide flush --staged --batch 500 --node mx1",
      },
    ],
  },
);

const lateNow = at("15:03:08");
const lateLog = collector("mx1/postfix-log", "mx1", lateNow - 900);
const lateQueue = collector("mx1/postfix-queue", "mx1", lateNow - 12_000, {
  required: false,
  limitSeconds: 90,
  says: "listed with postqueue -j (2.4 s): a scan may not read 6 folders (deferred and more) of the queue: that needs root or the user postfix; public/showq may not be asked: that needs the group postdrop",
});

export const lateState: LiveState = {
  ...calmState,
  meta: meta(lateNow, { speed: 1 }),
  freshness: { ...calmState.freshness, slowest: lateLog, collectors: [lateLog, lateQueue] },
  delay: {
    verdict: "late",
    headlineSeconds: 10_934,
    lateShare: 0.38,
    typicalSeconds: 14,
    tendency: "rising",
    atLeast: false,
    atMost: false,
    lateSinceMs: at("12:29"),
    directions: {
      in: { headlineSeconds: 10_934, lateShare: 0.44, typicalSeconds: 19 },
      out: { headlineSeconds: 1_284, lateShare: 0.11, typicalSeconds: 4 },
    },
    breadth: null,
    stuck: {
      count: 12,
      oldestSeconds: 34_820,
      where: [
        { node: nodeId("mx1"), destination: "scanner:10024", count: 9, oldestSeconds: 34_820 },
        { node: nodeId("mx2"), destination: "mailbox.example.com", count: 3, oldestSeconds: 31_004 },
      ],
    },
    expected: { seconds: 13_420, lowSeconds: 10_200, highSeconds: 18_300, notMovingSinceMs: null },
    recovery: { state: "recovering", notBeforeMs: at("22:50"), atMs: null, lowMs: null, highMs: null },
    work: { due: 412_000, busyPerSecond: 46, arrivingPerSecond: 51, leavingPerSecond: 46 },
  },
  queues: queues(
    [
      ["incoming", { own: 318_402 }],
      ["active", { own: 18_900, remote: 1_100 }],
      ["deferred", { own: 74_698, remote: 41_204, recipient: 1_338 }],
      ["hold", { held: 312 }],
    ],
    { own: 34_820, remote: 262_800 },
  ),
  stages: {
    stages: [
      { name: "beforeQueueManager", medianSeconds: 9_800, p95Seconds: 11_300 },
      { name: "inQueueManager", medianSeconds: 214, p95Seconds: 700 },
      { name: "connectionSetup", medianSeconds: 0.4, p95Seconds: 2.9 },
      { name: "transmission", medianSeconds: 1.2, p95Seconds: 9.4 },
    ],
  },
  dependencies: {
    dependencies: [
      dependency("mail-db", "postgres", "ok", 0.009, {
        note: say("lock released 14:51"),
        recent: Array.from({ length: 60 }, (_, index) => (index < 34 ? (index % 3 === 0 ? null : 4.2) : 0.009)),
        sql: {
          connectionsUsed: 231,
          connectionsMax: 400,
          lockWaits: 0,
          longestWaitSeconds: null,
          longestTransactionSeconds: 2,
          blocked: [],
          ddl: [],
        },
      }),
      dependency("resolver", "dns", "ok", 0.003),
      dependency("directory", "ldap", "ok", 0.012),
      dependency("scanner", "filter", "slow", 0.41, {
        note: say("usual 180 ms"),
        recent: Array.from({ length: 60 }, (_, index) => 0.18 + index * 0.0038 + 0.01 * noise(index)),
      }),
      dependency("round trip", "roundtrip", "failing", 10_680, {
        note: say("test mail of 12:05 is back"),
        recent: Array.from({ length: 60 }, (_, index) => 4 + Math.max(0, index - 18) * 255),
      }),
    ],
  },
  inbound: {
    ...calmState.inbound,
    messagesPerSecond: 51,
    connectionsPerSecond: 188,
    rejectsPerSecond: 96,
    distinctSources: 7_322,
    newSources: 7_287,
    spoofShare: 0.97,
    spoofingSources: 7_080,
    top: [
      {
        ip: "198.51.100.77",
        network: "198.51.100.0/24",
        messages: 411,
        connections: 400,
        rejects: 12,
        spoofed: 408,
        authFailures: 0,
        firstSeenMs: at("11:40"),
      },
      {
        ip: "203.0.113.9",
        network: "203.0.113.0/24",
        messages: 380,
        connections: 371,
        rejects: 9,
        spoofed: 377,
        authFailures: 0,
        firstSeenMs: at("11:41"),
      },
      {
        ip: "2001:db8:4f::1d",
        network: "2001:db8:4f::/64",
        messages: 322,
        connections: 300,
        rejects: 0,
        spoofed: 322,
        authFailures: 0,
        firstSeenMs: at("11:43"),
      },
    ],
    recentSources: Array.from({ length: 60 }, (_, index) =>
      index < 30 ? 300 + 20 * noise(index) : Math.min(7_322, 300 + (index - 29) * 420),
    ),
  },
  incidents: {
    incidents: [
      incident(
        "i-18",
        say("Spoofing flood, then a locked database"),
        at("11:40"),
        [
          flood,
          {
            ...lock,
            state: "resolved",
            resolvedAtMs: at("14:51"),
            evidence: [
              say(
                "*DROP TABLE* held *214* sessions for ",
                { durationSeconds: 8_783, strong: true },
                { text: ", 37 s after the push." },
              ),
            ],
          },
          backlog,
        ],
        {
          state: "acknowledged",
          acknowledgedAtMs: at("12:31"),
          acknowledgedBy: "thandi",
          pageSentAtMs: at("12:25"),
          changes: [push],
        },
      ),
      ...calmState.incidents.incidents,
    ],
    outbox: { waiting: 0, oldestSeconds: null, failing: null },
  },
  trend: trend(at("15:03"), delayOfTheDay, [
    { atMs: at("11:40"), kind: "attack", label: say("flood ", { atMs: at("11:40") }) },
    { atMs: at("12:24"), kind: "change", label: say("push ", { atMs: at("12:24") }) },
    { atMs: at("12:24:37"), kind: "fault", label: say("schema lock ", { atMs: at("12:24:37") }) },
  ]),
};

const lockedNow = at("12:30:41");
const lockedLog = collector("mx1/postfix-log", "mx1", lockedNow - 700);

/** Six minutes after the push: the database is locked, nothing leaves. */
export const lockedState: LiveState = {
  ...lateState,
  meta: meta(lockedNow),
  freshness: { ...calmState.freshness, slowest: lockedLog, collectors: [lockedLog] },
  delay: {
    ...lateState.delay,
    headlineSeconds: 438,
    lateShare: 0.09,
    typicalSeconds: 18,
    lateSinceMs: at("12:30"),
    directions: {
      in: { headlineSeconds: 438, lateShare: 0.1, typicalSeconds: 20 },
      out: { headlineSeconds: 44, lateShare: 0, typicalSeconds: 3 },
    },
    stuck: { count: 0, oldestSeconds: null, where: [] },
    expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: at("12:24:50") },
    recovery: { state: "unknown", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
  },
  queues: queues(
    [
      ["incoming", { own: 16_204 }],
      ["active", { own: 20_000 }],
      ["deferred", { own: 902, remote: 1_180, recipient: 90 }],
    ],
    { own: 372, remote: 262_800 },
  ),
  dependencies: {
    dependencies: [
      dependency("mail-db", "postgres", "failing", null, {
        note: say("lock held since ", { atMs: at("12:24:37") }),
        recent: Array.from({ length: 60 }, (_, index) => (index < 40 ? 0.001 + 0.0002 * noise(index) : null)),
        sql: {
          connectionsUsed: 397,
          connectionsMax: 400,
          lockWaits: 214,
          longestWaitSeconds: 364,
          lockSinceMs: at("12:24:37"),
          longestTransactionSeconds: 364,
          blocked: [
            { session: "48213", blockedBy: ["47990"], seconds: 364, statement: "DROP TABLE test_import" },
            {
              session: "48220",
              blockedBy: ["48213"],
              seconds: 361,
              statement: "SELECT route FROM domains WHERE name = ?",
            },
            {
              session: "48221",
              blockedBy: ["48213"],
              seconds: 361,
              statement: "SELECT route FROM domains WHERE name = ?",
            },
          ],
          ddl: [{ session: "48213", statement: "DROP TABLE test_import", seconds: 364, granted: false }],
        },
      }),
      ...lateState.dependencies.dependencies.slice(1, 4),
      dependency("round trip", "roundtrip", "failing", 366, {
        note: say("no test mail back since 12:24"),
        recent: Array.from({ length: 60 }, (_, index) => 4 + Math.max(0, index - 48) * 30),
      }),
    ],
  },
  incidents: {
    incidents: [
      incident("i-18", say("Database locked during a spoofing flood"), at("11:40"), [flood, lock], {
        pageSentAtMs: at("12:25"),
        changes: [push],
      }),
      ...calmState.incidents.incidents,
    ],
    outbox: { waiting: 0, oldestSeconds: null, failing: null },
  },
  trend: trend(at("12:30"), (atMs) => delayOfTheDay(atMs), lateState.trend.marks),
};

const titles = [
  "Code push 4179: greylisting",
  "Postfix 3.9 on mx2",
  "Code push 4181: drop test tables",
  "mail-db: new replica",
];

/** A day of changes, the most that are told, some within minutes of each other. */
const changesState: LiveState = {
  ...lockedState,
  trend: trend(
    at("12:30"),
    (atMs) => delayOfTheDay(atMs),
    [
      ...Array.from({ length: 17 }, (_, index) => ({
        atMs: at("05:10") + index * 1_520_000,
        kind: "change" as const,
        label: say(`${titles[index % titles.length]} `, { atMs: at("05:10") + index * 1_520_000 }),
      })),
      ...lateState.trend.marks,
    ].toSorted((a, b) => a.atMs - b.atMs),
  ),
};

const forecastState: LiveState = {
  ...lateState,
  delay: {
    ...lateState.delay,
    headlineSeconds: 45_900,
    tendency: "falling",
    recovery: {
      state: "recovering",
      notBeforeMs: at("22:50"),
      atMs: at("23:58"),
      lowMs: at("22:50"),
      highMs: at("23:59") + 5_400_000,
    },
  },
};

export const originFrames = [
  frame("late", "Late and getting later: the origin day at 15:03", lateState),
  frame("locked", "Database locked at 12:30", lockedState),
  frame("changes", "A day of twenty marks", changesState),
  frame("forecast", "Catching up, with a forecast", forecastState),
];
