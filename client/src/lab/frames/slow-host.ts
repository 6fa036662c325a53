import { type HostDocument, type LateHost, type LiveState, nodeId } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { alert, at, incident, meta, queues, say, trend, usualDelay } from "./build.ts";
import { calmState } from "./calm.ts";
import { dependencies, edge, edges, logs, nowMs } from "./platform.ts";

const { course } = edge;

/** One of forty hosts is late, with too little of the mail to be seen in the headline. */
const slowHost: LateHost = {
  node: nodeId("edge-12"),
  count: 212,
  waitSeconds: 780,
  oldestSeconds: 840,
  lastDepartureMs: nowMs - 610_000,
  destination: { name: "store-b.example.net", count: 180 },
};
const slowState: LiveState = {
  ...calmState,
  meta: meta(nowMs, { mode: "live" }),
  freshness: { ...calmState.freshness, collectors: logs },
  delay: { ...calmState.delay, lateShare: 0.013, lateHosts: [slowHost] },
  queues: {
    ...queues(
      [
        ["active", { own: 231, remote: 40 }],
        ["deferred", { remote: 2_204 }],
      ],
      { own: 840, remote: 172_800 },
    ),
    hosts: {
      shown: edges.slice(0, 12).map((node, index) => ({
        node: index === 0 ? slowHost.node : nodeId(node === slowHost.node ? "edge-30" : node),
        queued: index === 0 ? 240 : 210 - 9 * index,
        ownQueued: index === 0 ? 218 : index < 4 ? 3 : 0,
        oldestOwnSeconds: index === 0 ? 840 : index < 4 ? 2 : null,
        lastDepartureMs: index === 0 ? slowHost.lastDepartureMs : nowMs - 400,
      })),
      hidden: 28,
      mostAt: { node: slowHost.node, share: 0.94 },
    },
  },
  dependencies: { dependencies: dependencies.filter(({ state }) => state === "ok") },
  incidents: {
    incidents: [
      incident("i-50", say("Mail waits at *edge-12*"), nowMs - 480_000, [
        alert(
          "late-host",
          "no-departures",
          say("Mail waits at *edge-12*"),
          nowMs - 480_000,
          [
            say("*212* messages wait at *edge-12* for over 5 min, the oldest for *14 min*."),
            say("Nothing has left it for *10 min*."),
            say("*180* of them are for *store-b.example.net*."),
            say("The site as a whole is on time: *1.3 %* of the last hour’s mail is late."),
          ],
          { node: slowHost.node, subject: "edge-12" },
        ),
      ]),
    ],
    outbox: calmState.incidents.outbox,
  },
  trend: trend(at("03:06"), usualDelay),
};
const slowEdge: HostDocument = {
  ...edge,
  node: slowHost.node,
  late: slowHost,
  waiting: slowState.queues.waiting,
  queues: slowState.queues.queues,
  perSecond: { accepted: 0.4, sent: 0, deferred: 0, bounced: 0, rejected: 0.2, connections: 0.9 },
  course: {
    ...course,
    accepted: course.accepted.map((_, index) => 12 + 2 * Math.sin(index)),
    sent: course.accepted.map((_, index) => (index < 10 ? 12 + 2 * Math.sin(index + 2) : 0)),
    deferred: course.accepted.map(() => 0),
  },
  lastDepartureAt: new Date(nowMs - 610_000).toISOString(),
};

export const slowHostFrames = [
  frame("slow", "One of forty hosts is late, the site is on time", slowState, {
    hosts: new Map([[slowEdge.node, slowEdge]]),
  }),
];
