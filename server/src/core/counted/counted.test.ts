import { collectorId, nodeId, siteId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { backoffOf } from "../backoff.ts";
import type { CountsObservation, HealthObservation, Observation, QueueObservation } from "../observation.ts";
import { SiteCore } from "../site-core.ts";

/** 2016-05-11T10:00:00Z */
const startMs = 1_462_960_800_000;
const [mx1, mx3] = [nodeId("mx1"), nodeId("mx3")];
const by = collectorId("mx3/prometheus");
const collector = (id: string, node = mx3) => ({ id: collectorId(id), node, required: true, limitSeconds: 60 });

function siteWith(...collectors: ReturnType<typeof collector>[]): SiteCore {
  const site = { id: siteId("main"), name: "Mail", timezone: "UTC", locale: "en" };
  const backoff = backoffOf("postfix");
  return new SiteCore({
    site,
    mode: "live",
    version: "test",
    targetSeconds: 300,
    delay: {
      site: { id: site.id, targetSeconds: 300 },
      nodes: [mx1, mx3].map((id) => ({ id, ownDomains: [], backoff })),
    },
    alerts: { installId: "test", site, resolveAfterSeconds: 600, inhibitions: [], rules: {}, hosts: [] },
    sources: {},
    dependencies: [],
    collectors,
  });
}

const turn = (core: SiteCore, second: number, ...observations: readonly Observation[]) =>
  core.turn({ nowMs: startMs + second * 1_000, observations, commands: [], pagesSent: [] }).state;

const counts = (second: number, more: Partial<CountsObservation> = {}): CountsObservation => ({
  kind: "counts",
  node: mx3,
  atMs: startMs + second * 1_000,
  by,
  whole: true,
  validSeconds: 180,
  queues: {
    incoming: { count: 2, bytes: 900, oldestAgeSeconds: 40 },
    deferred: { count: 400, bytes: null, oldestAgeSeconds: 3_600 },
    hold: { count: 1, bytes: null, oldestAgeSeconds: 90_000 },
  },
  ...more,
});
const health = (second: number, id: string, node = mx3): HealthObservation => ({
  kind: "health",
  atMs: startMs + second * 1_000,
  collector: collectorId(id),
  node,
  required: true,
  limitSeconds: 60,
  state: "ok",
  problem: null,
});

const some = (count: number, age: number | null) => ({ count, oldestAgeSeconds: age, oldestOwnWaitSeconds: age });

/** Fifteen minutes in which a queue grows; `left`: what a counter says leaves. */
const grow = (left?: number): unknown => {
  const core = siteWith(collector(by));
  let state = turn(core, 0);
  for (let second = 0; second < 900; second += 30) {
    const queues = { deferred: { count: second + 20, bytes: null, oldestAgeSeconds: null } };
    const more = left === undefined ? {} : { leftPerSecond: left };
    state = turn(core, second + 1, counts(second, { queues, ...more }), health(second, by));
  }
  return state.incidents.incidents[0]?.alerts.map(({ rule, cause, severity, state: is }) => [
    rule,
    cause,
    severity,
    is,
  ]);
};

test("a node that is only counted: the oldest that may be ours, as an estimate, and never green", () => {
  const core = siteWith(collector(by));
  const { delay, queues, freshness } = turn(core, 1, counts(0), health(0, by));
  expect(delay).toMatchObject({ lateShare: null, expected: { seconds: null }, recovery: { state: "unknown" } });
  expect(freshness.complete).toBe(false);
  expect(freshness.incompleteBecause.map(({ id }) => id)).toEqual(["counted.only"]);
  expect(delay).toMatchObject({
    verdict: "estimate",
    headlineSeconds: null,
    estimate: { nodes: ["mx3"], seconds: 3_600, sureSeconds: 40, atMost: true, atLeast: false, isAll: true },
  });
  expect(queues.waiting).toMatchObject({ own: { count: 2 }, unknown: { count: 400 }, held: { count: 1 } });
  expect(queues.queues.find(({ name }) => name === "deferred")).toMatchObject({ count: 400, oldestSeconds: 3_600 });
  expect(queues.counted).toMatchObject({ ownWaiting: 402, nodes: [{ node: "mx3", by, isBeside: false }] });
  const host = core.host(mx3, startMs + 1_000);
  expect(host?.waiting).toEqual(queues.waiting);
  expect(host?.queues).toEqual(queues.queues);
  expect(core.hosts(startMs + 1_000)).toMatchObject([
    { node: mx3, queued: 403, ownQueued: 402, oldestOwnSeconds: 3_600 },
    { node: mx1, queued: 0, ownQueued: 0, oldestOwnSeconds: null },
  ]);
  expect(core.host(mx1, startMs + 1_000)?.waiting.unknown.count).toBe(0);
});

test("what is not named any more is forgotten where all was counted, and kept where only a part was", () => {
  const core = siteWith(collector(by));
  const names = (): string[] =>
    (turn(core, 12).queues.counted?.nodes ?? []).flatMap((view) => view.queues.map(({ name }) => name));
  turn(core, 1, counts(0), health(0, by));
  turn(core, 11, counts(10, { whole: false, queues: { active: { count: 1, bytes: null, oldestAgeSeconds: null } } }));
  expect(names()).toEqual(["active", "deferred", "hold", "incoming"]);
  turn(core, 12, counts(11, { queues: { deferred: { count: 3, bytes: null, oldestAgeSeconds: null } } }));
  expect(names()).toEqual(["deferred"]);
});

test("an old count says nothing of now: the verdict is that nobody knows", () => {
  const core = siteWith(collector(by));
  turn(core, 1, counts(0), health(0, by));
  const { delay, queues } = turn(core, 200);
  expect(delay).toMatchObject({ verdict: "unknown" });
  expect(delay.estimate).toBeUndefined();
  expect(queues.counted).toBeUndefined();
});

test("beside a log nothing is added, and the log's verdict stands", () => {
  const core = siteWith(collector(by), collector("mx3/postfix-log"));
  const { delay, queues } = turn(core, 1, counts(0), health(0, by), health(0, "mx3/postfix-log"));
  expect(delay.verdict).toBe("no-traffic");
  expect(delay.estimate).toBeUndefined();
  expect(queues.waiting.unknown.count).toBe(0);
  expect(queues.counted).toMatchObject({ ownWaiting: 0, nodes: [{ isBeside: true, waiting: 402 }] });
  expect(core.host(mx3, startMs + 1_000)?.waiting.unknown.count).toBe(0);
});

test("a listing whose ids are in no log counts as a whole, with whose wait it says", () => {
  const core = siteWith(collector("mx3/haraka-queue"));
  const listing: QueueObservation = {
    kind: "queue",
    node: mx3,
    atMs: startMs,
    endMs: startMs,
    unknown: [],
    unknownDropped: 0,
    vanished: [],
    snapshot: {
      mta: "haraka",
      atMs: startMs,
      queues: {
        pending: { count: 7, bytes: null, oldestAgeSeconds: 12, ageHistogram: [7, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      },
      waiting: {
        own: some(5, 12),
        remote: some(2, 9_000),
        recipient: some(0, null),
        policy: some(0, null),
        held: some(0, null),
        unknown: some(0, null),
      },
      reasons: [],
      topDomains: [],
      topSenders: [],
      recipients: 7,
    },
  };
  const { delay, queues } = turn(core, 1, listing, health(0, "mx3/haraka-queue"));
  expect(delay).toMatchObject({ verdict: "estimate", estimate: { seconds: 12, sureSeconds: 12, atMost: false } });
  expect(queues.waiting).toMatchObject({ own: { count: 5 }, remote: { count: 2 } });
  expect(core.host(mx3, startMs + 1_000)?.waiting).toEqual(queues.waiting);
});

test("nodes that nobody configured, and more counters and queues than there can be, are refused", () => {
  const core = siteWith(collector(by));
  const many = Object.fromEntries(
    Array.from({ length: 70 }, (_, at) => [`q${at}`, { count: 1, bytes: null, oldestAgeSeconds: null }]),
  );
  const counters = Array.from({ length: 12 }, (_, at) => counts(0, { by: collectorId(`mx3/c${at}`), queues: many }));
  const { queues } = turn(core, 1, counts(0, { node: nodeId("stranger") }), ...counters);
  expect(queues.counted?.nodes.map(({ node }) => node)).toEqual(Array.from({ length: 8 }, () => "mx3"));
  expect(queues.counted?.nodes.map((view) => view.queues.length)).toEqual(Array.from({ length: 8 }, () => 64));
  expect(queues.counted?.ownWaiting).toBe(64);
});

test("a checkpoint brings the counts back", () => {
  const core = siteWith(collector(by));
  turn(core, 1, counts(0, { leftPerSecond: 2 }), health(0, by));
  const again = siteWith(collector(by));
  expect(again.restore(core.save())).toEqual([]);
  expect(turn(again, 2).queues).toEqual(turn(core, 2).queues);
});

test("queues that only grow are a ticket; that nothing leaves, where a counter says so, is a page", () => {
  expect(grow()).toEqual([["counted-queues", "capacity", "ticket", "firing"]]);
  expect(grow(0)).toEqual([["counted-queues", "no-departures", "page", "firing"]]);
});

test("a queue that rises and falls is nothing", () => {
  const core = siteWith(collector(by));
  let state = turn(core, 0);
  for (let second = 0; second < 3_600; second += 30) {
    const queues = {
      deferred: { count: 400 + Math.round(120 * Math.sin(second / 200)), bytes: null, oldestAgeSeconds: null },
    };
    state = turn(core, second + 1, counts(second, { queues }), health(second, by));
  }
  expect(state.incidents.incidents).toEqual([]);
});
