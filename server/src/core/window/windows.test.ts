import { nodeId, siteId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { MailEvent } from "../event.ts";
import type { HealthObservation, LogObservation, LossObservation, Observation } from "../observation.ts";
import { windowPoints } from "./points.ts";
import { addFlow, type FlowCounts, noFlow, type Window } from "./window.ts";
import { Windows } from "./windows.ts";

const a = nodeId("a");
const b = nodeId("b");
const log = (event: MailEvent, atMs: number, node = a): LogObservation => ({ kind: "log", node, atMs, event });
const sent = (atMs: number, delays: [number, number, number, number]): LogObservation =>
  log({ event: "delivery", process: "postfix/smtp", queueId: "Q", status: "sent", delays }, atMs);
const looked = (atMs: number): HealthObservation => ({
  kind: "health",
  atMs,
  collector: "a/postfix-log" as HealthObservation["collector"],
  node: a,
  required: true,
  limitSeconds: 10,
  state: "ok",
  problem: null,
});

test("what counts as what", () => {
  const windows = new Windows();
  const events: MailEvent[] = [
    { event: "connect", process: "postfix/smtpd" },
    { event: "queued", process: "postfix/cleanup", queueId: "Q" },
    { event: "message", process: "postfix/qmgr", queueId: "Q" },
    { event: "message", process: "postfix/pickup", queueId: "R" },
    { event: "message", process: "exim" },
    { event: "delivery", status: "deferred", delays: [1, 1, 1, 1] },
    { event: "delivery", status: "bounced" },
    { event: "delivery", status: "expired" },
    { event: "reject", process: "postfix/smtpd", repeated: 3 },
    { event: "other" },
    { event: "other", process: "rsyslogd", lostLines: 3 },
  ];
  for (const event of events) windows.apply(log(event, 1_500));
  windows.apply(sent(1_999, [0.1, 0.2, 1, 10]));
  windows.apply({ kind: "loss", node: a, atMs: 1_000, lines: 4, because: "truncated" });
  expect(windows.advance(3_999)).toEqual([]);
  const [window, ...others] = windows.advance(4_000);
  if (window === undefined) throw new Error("no window");
  expect(others).toEqual([]);
  expect(window).toMatchObject({ node: a, startMs: 1_000 });
  expect(window.counts).toEqual({
    accepted: 2,
    sent: 1,
    deferred: 1,
    bounced: 2,
    rejected: 3,
    connections: 1,
    lines: 12,
    unparsed: 1,
    lost: 7,
  });
  expect(windows.loss(4_000)).toEqual({ lines: 12, lostLines: 7, lostShare: 7 / 19 });
  expect(windows.rates(4_000).rejected).toBeCloseTo(3 / 60);
  expect(windowPoints(siteId("main"), window).map(({ measurement, tags }) => [measurement, tags["stage"]])).toEqual([
    ["mail_flow", undefined],
    ["mail_stage", "beforeQueueManager"],
    ["mail_stage", "inQueueManager"],
    ["mail_stage", "connectionSetup"],
    ["mail_stage", "transmission"],
  ]);
});

test("after a clock was set back what a host did lately is of now, and lines belong to their second", () => {
  const windows = new Windows();
  const rightMs = 1_462_960_000_000;
  const closed: Window[] = [];
  const second = (nowMs: number, seconds: number): void => {
    windows.apply(looked(nowMs));
    windows.apply(log({ event: "message", process: "exim" }, nowMs));
    windows.apply(sent(nowMs, [0, 0, 0, seconds]));
    closed.push(...windows.advance(nowMs));
  };
  const minutes = (fromMs: number, count: number, seconds: number): void => {
    for (let at = 0; at <= count * 60; at++) second(fromMs + at * 1_000, seconds);
  };
  // An hour fast, and then right.
  minutes(rightMs + 3_600_000, 10, 300);
  windows.apply({ kind: "loss", node: a, atMs: rightMs + 4_200_000, lines: 4, because: "truncated" });
  second(rightMs + 4_201_000, 300);
  second(rightMs + 4_204_000, 300);
  closed.length = 0;
  minutes(rightMs, 10, 1);
  const nowMs = rightMs + 600_000;
  // Those of the turn that finds it.
  expect(windows.counters).toMatchObject({ late: 2 });
  expect(windows.loss(nowMs).lostLines).toBe(4);
  expect(closed.every(({ startMs }) => startMs >= rightMs - 2_000 && startMs < nowMs)).toBe(true);
  const { perSecond, course, stages } = windows.host(a, nowMs);
  expect(perSecond?.sent).toBeCloseTo(1, 1);
  expect(course.sent.filter((count) => count === 30).length).toBeGreaterThanOrEqual(18);
  expect(stages[3]?.p95Seconds).toBeLessThan(2);
  expect(windows.stages().stages[3]?.p95Seconds).toBeLessThan(2);
  expect(windows.rates(nowMs).sent).toBeCloseTo(1, 1);
});

test("stage delays are of the last five minutes", () => {
  const windows = new Windows();
  const median = (): (number | null)[] => windows.stages().stages.map((stage) => stage.medianSeconds);
  expect(median()).toEqual([null, null, null, null]);
  for (const seconds of [1, 2, 300]) windows.apply(sent(0, [seconds, 0, 0.5, 4]));
  windows.advance(10_000);
  const [before, inside, setup, transmission] = median();
  expect(before).toBeCloseTo(2, 0);
  expect(inside).toBe(0);
  expect(setup).toBeCloseTo(0.5, 1);
  expect(transmission).toBeCloseTo(4, 0);
  expect(windows.stages().stages[0]?.p95Seconds).toBeGreaterThan(294);
  windows.advance(302_000);
  expect(median()[0]).not.toBeNull();
  windows.advance(304_000);
  expect(median()).toEqual([null, null, null, null]);
});

test("a late line goes to the oldest open second and is counted", () => {
  const windows = new Windows();
  windows.apply(log({ event: "connect" }, 5_000));
  windows.advance(10_000);
  windows.apply(log({ event: "connect" }, 5_500));
  expect(windows.counters).toMatchObject({ late: 1 });
  expect(windows.advance(11_000)).toMatchObject([{ startMs: 8_000, counts: { connections: 1 } }]);
});

test("lines stamped in the future count as of now", () => {
  const windows = new Windows();
  windows.apply(log({ event: "connect" }, 3_600_000));
  windows.apply(log({ event: "connect" }, 10_000));
  windows.advance(10_500);
  expect(windows.counters.ahead).toBe(1);
  expect(windows.advance(14_000).find(({ startMs }) => startMs === 10_000)?.counts.connections).toBe(2);
});

test("silence is zero only while somebody looks", () => {
  const windows = new Windows();
  windows.apply(log({ event: "connect" }, 1_000));
  expect(windows.advance(60_000).map(({ startMs }) => startMs)).toEqual(
    Array.from({ length: 15 }, (_, second) => 1_000 + second * 1_000),
  );
  windows.apply(looked(70_000));
  expect(windows.advance(64_000).map(({ startMs }) => startMs)).toEqual([58_000, 59_000, 60_000, 61_000]);
});

test("fifteen minutes stay in memory", () => {
  const windows = new Windows();
  for (let second = 0; second < 2_000; second += 1) {
    windows.apply(log({ event: "connect" }, second * 1_000));
    windows.advance(second * 1_000);
  }
  expect(windows.recent(a)).toHaveLength(900);
  expect(windows.sum(1_999_000, 60).connections).toBe(60);
});

test("what one host did: rates of a minute, whole steps of a quarter of an hour, and its own stages", () => {
  const windows = new Windows();
  for (let second = 0; second < 1_000; second += 1) {
    windows.apply(looked(second * 1_000));
    windows.apply(log({ event: "queued", process: "postfix/cleanup", queueId: `Q${second}` }, second * 1_000));
    if (second < 900) windows.apply(sent(second * 1_000, [0, 0, 0, 2]));
    windows.apply({ ...sent(second * 1_000, [0, 0, 0, 60]), node: b });
    windows.advance(second * 1_000);
  }
  const { perSecond, course, stages } = windows.host(a, 999_000);
  expect(perSecond).toMatchObject({ accepted: 1, sent: 0, rejected: 0 });
  expect(course.stepSeconds).toBe(30);
  expect(course.accepted).toEqual(Array(29).fill(30));
  expect(course.sent).toEqual([...Array(26).fill(30), ...Array(3).fill(0)]);
  expect(stages.find(({ name }) => name === "transmission")?.medianSeconds).toBeCloseTo(2, 0);
});

test("a host that nobody watched is not known, which is not nothing", () => {
  const windows = new Windows();
  windows.apply(log({ event: "connect" }, 90_000));
  for (let second = 90; second < 200; second += 1) windows.apply(looked(second * 1_000));
  windows.advance(422_000);
  const { perSecond, course } = windows.host(a, 422_000);
  expect(perSecond).toBeNull();
  // 420 s is the end of the last step: four are known, from 90 s to 210 s.
  expect(course.accepted).toEqual([...Array(18).fill(null), 0, 0, 0, 0, ...Array(7).fill(null)]);
  expect(windows.host(nodeId("nobody"), 422_000).course.accepted).toEqual(Array(29).fill(null));
});

const observations: fc.Arbitrary<Observation> = fc
  .record({
    kind: fc.constantFrom("connect", "reject", "sent", "loss", "queued"),
    atMs: fc.integer({ min: 0, max: 60_000 }),
    node: fc.constantFrom(a, b),
  })
  .map(({ kind, atMs, node }): Observation => {
    if (kind === "loss") return { kind: "loss", node, atMs, lines: 3, because: "suppressed" } satisfies LossObservation;
    if (kind === "sent") return { ...sent(atMs, [1, 2, 3, 4]), node };
    return log({ event: kind }, atMs, node);
  });
const program = fc.array(fc.oneof({ weight: 5, arbitrary: observations }, fc.nat(70_000)), { maxLength: 150 });

test("conservation: the sum of all windows is the sum of all observations, whatever their order and clock", () => {
  fc.assert(
    fc.property(program, (steps) => {
      const windows = new Windows();
      const want: FlowCounts = noFlow();
      const got: FlowCounts = noFlow();
      for (const step of [...steps, 200_000]) {
        if (typeof step === "number") for (const window of windows.advance(step)) addFlow(got, window.counts);
        else {
          windows.apply(step);
          if (step.kind === "loss") want.lost += 3;
          if (step.kind !== "log") continue;
          want.lines += 1;
          if (step.event.event === "connect") want.connections += 1;
          if (step.event.event === "reject") want.rejected += 1;
          if (step.event.event === "queued") want.accepted += 1;
          if (step.event.event === "delivery") want.sent += 1;
          if (step.event.event === "other") want.unparsed += 1;
        }
      }
      expect(got).toEqual(want);
    }),
  );
});

test("windows come in order, each second of a node once", () => {
  fc.assert(
    fc.property(program, (steps) => {
      const windows = new Windows();
      const seen: Window[] = [];
      for (const step of [...steps, 200_000])
        if (typeof step === "number") seen.push(...windows.advance(step));
        else windows.apply(step);
      const names = seen.map(({ node, startMs }) => `${String(startMs).padStart(9)} ${node}`);
      expect(names).toEqual([...new Set(names)].sort());
    }),
  );
});

test("saved and restored at any point, the rest is the same", () => {
  fc.assert(
    fc.property(program, fc.nat(150), (steps, cut) => {
      let first = new Windows();
      const straight = new Windows();
      for (const [at, step] of steps.entries()) {
        if (at === cut) {
          const text = first.save();
          first = new Windows();
          expect(first.restore({ format: 1, text })).toBe(true);
        }
        if (typeof step === "number") expect(first.advance(step)).toEqual(straight.advance(step));
        else for (const windows of [first, straight]) windows.apply(step);
      }
      expect(first.save()).toBe(straight.save());
      expect(first.stages()).toEqual(straight.stages());
    }),
  );
});

test("an unknown format leaves it empty", () => {
  const windows = new Windows();
  windows.apply(log({ event: "connect" }, 1_000));
  expect(windows.restore({ format: 2, text: "{}" })).toBe(false);
  expect(windows.advance(60_000)).toEqual([]);
});
