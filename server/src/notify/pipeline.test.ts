import { afterEach, beforeEach, expect, test } from "vitest";
import { effectOf, MemoryOutbox } from "../../test/outbox.ts";
import { type PagerDutyDouble, startPagerDuty } from "../../test/real/pagerduty.ts";
import { until } from "../../test/real/process.ts";
import { backoffMs } from "./backoff.ts";
import type { Notifier } from "./notifier.ts";
import { notificationsFor } from "./outbox.ts";
import { pagerDutyNotifier } from "./pagerduty/notifier.ts";
import { NotifyPipeline, type PipelineOptions } from "./pipeline.ts";

let receiver: PagerDutyDouble;
let store: MemoryOutbox;
let running: NotifyPipeline[] = [];
beforeEach(async () => {
  receiver = await startPagerDuty();
  store = new MemoryOutbox();
});
afterEach(async () => {
  await Promise.all(running.map((pipeline) => pipeline.stop()));
  running = [];
  await receiver.stop();
});

const pager = (id = "pd", url = receiver.url): Notifier =>
  pagerDutyNotifier({ id, channels: ["page"], publicUrl: null, url, routingKey: { reveal: () => "0".repeat(32) } });

/** Time may run ahead of the clock, so that a back-off of minutes is waited for in no time. */
let aheadMs = 0;
function start(more: Partial<PipelineOptions> = {}): NotifyPipeline {
  aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const pipeline = new NotifyPipeline({
    store,
    notifiers: [pager()],
    now,
    random: () => 0,
    everyMs: 0,
    pollMs: 5,
    ...more,
  });
  running.push(pipeline);
  pipeline.start();
  return pipeline;
}
const add = (key: string, action: "trigger" | "acknowledge" | "resolve" = "trigger", notifier = "pd") =>
  store.add(notifier, key, effectOf({ action }));
const empty = () => until("the outbox is empty", () => store.waiting() === 0);

test("what waits is sent in the order of its key", async () => {
  for (const action of ["trigger", "acknowledge", "resolve"] as const)
    for (const key of ["i-1", "i-2"]) add(key, action);
  start();
  await empty();
  for (const key of ["i-1", "i-2"])
    expect(receiver.accepted(key).map(({ effect }) => effect)).toEqual(["opened", "acknowledged", "resolved"]);
});

test("a failure holds back its own key, never another, and never turns the order around", async () => {
  receiver.always({ answer: 500 });
  add("i-1");
  add("i-1", "resolve");
  start({ onSettled: () => (aheadMs += 400_000) });
  await until("three attempts", () => receiver.received.length >= 3);
  expect(new Set(receiver.received.map(({ action }) => action))).toEqual(new Set(["trigger"]));
  receiver.always(null);
  await empty();
  expect(receiver.accepted("i-1").map(({ effect }) => effect)).toEqual(["opened", "resolved"]);
});

test("it waits longer after every failure, and as long as a rate limit asks", async () => {
  receiver.script({ answer: 500 }, "close", { answer: 429, headers: { "retry-after": "600" } });
  add("i-1");
  const waits: number[] = [];
  // Time passes by waiting only.
  const beganMs = Date.now();
  start({
    now: () => beganMs + aheadMs,
    onSettled: (_, settlement) => {
      if (settlement.outcome !== "retry") return;
      const waitMs = settlement.notBeforeMs - beganMs - aheadMs;
      waits.push(Math.round(waitMs / 1000));
      aheadMs += waitMs;
    },
  });
  await empty();
  expect(waits).toEqual([1, 2, 600]);
  expect(receiver.accepted("i-1")).toHaveLength(1);
});

test("what is refused is never tried again, and its words are kept", async () => {
  receiver.script({ answer: 400, body: "no such service" });
  add("i-1");
  start();
  await empty();
  expect(store.settled.map(({ outcome }) => outcome)).toMatchObject([
    { outcome: "refused", error: expect.stringContaining("no such service") },
  ]);
  expect(receiver.received).toHaveLength(1);
});

test("a receiver that hangs costs its deadline and delays no other notifier", async () => {
  receiver.always("hang");
  const other = await startPagerDuty();
  add("i-1");
  add("i-1", "trigger", "other");
  start({ notifiers: [pager(), pager("other", other.url)], deadlineMs: 3_000 });
  await until("the other has it", () => other.accepted("i-1").length === 1);
  expect(store.settled.filter(({ row }) => row.notifier === "pd")).toEqual([]);
  await until("the deadline", () => store.settled.some(({ row }) => row.notifier === "pd"));
  expect(store.settled.at(-1)?.outcome).toMatchObject({ outcome: "retry", error: "no answer within 3 s" });
  await other.stop();
});

test("a notifier that throws or ignores its signal is a failed attempt", async () => {
  const wild: Notifier = {
    id: "pd",
    channels: ["page"],
    send: (effect) => (effect.action === "trigger" ? Promise.reject(new Error("oops")) : new Promise(() => {})),
  };
  add("i-1");
  add("i-2", "resolve");
  start({ notifiers: [wild], deadlineMs: 50 });
  await until("both settled", () => store.settled.length >= 2);
  expect(store.settled.map(({ outcome }) => outcome.outcome)).toEqual(["retry", "retry"]);
});

test("killed between sending and marking, it sends the same under the same key, and the receiver sees one alert", async () => {
  add("i-1");
  // What a crash leaves behind: sent, never marked.
  const crashed = new NotifyPipeline({
    store: {
      dueNotifications: (...asked) => store.dueNotifications(...asked),
      settleNotification: () => new Promise(() => {}),
    },
    notifiers: [pager()],
    now: Date.now,
    everyMs: 0,
  });
  crashed.start();
  await until("sent", () => receiver.accepted("i-1").length === 1);
  start();
  await empty();
  expect(receiver.accepted("i-1").map(({ effect }) => effect)).toEqual(["opened", "repeated"]);
  expect(receiver.keys()).toEqual(["i-1"]);
});

test("an answer that is lost is asked for again under the same key", async () => {
  receiver.script("take-and-close");
  add("i-1");
  start({ onSettled: () => (aheadMs += 10_000) });
  await empty();
  expect(receiver.alert("i-1")).toEqual({ state: "triggered", opened: 1 });
});

test("the moments of a notification are named in order", async () => {
  add("i-1");
  const named: string[] = [];
  start({ point: (name) => named.push(name) });
  await empty();
  expect(named).toEqual(["before-send", "after-send", "before-mark"]);
});

test("at most one a second for each key", async () => {
  add("i-1");
  add("i-1", "resolve");
  const sentMs: number[] = [];
  const inner = pager();
  const timed: Notifier = {
    ...inner,
    send: (...given) => {
      sentMs.push(performance.now());
      return inner.send(...given);
    },
  };
  start({ everyMs: 1_000, notifiers: [timed] });
  await empty();
  const [first = 0, second = 0] = sentMs;
  // Timers and the clock on the wall differ by a few milliseconds.
  expect(second - first).toBeGreaterThanOrEqual(950);
  expect(receiver.received).toHaveLength(2);
});

test("an outbox that cannot be read is trouble that passes", async () => {
  add("i-1");
  let broken = 2;
  const trouble: unknown[] = [];
  start({
    store: {
      dueNotifications: (...asked) =>
        broken-- > 0 ? Promise.reject(new Error("locked")) : store.dueNotifications(...asked),
      settleNotification: (...said) => store.settleNotification(...said),
    },
    onTrouble: (error) => trouble.push(error),
  });
  await empty();
  expect(trouble).toHaveLength(2);
});

test("stopping cuts an attempt short and leaves it for the next start", async () => {
  receiver.script("hang");
  add("i-1");
  const pipeline = start();
  await until("it hangs", () => receiver.received.length === 1);
  await pipeline.stop();
  await pipeline.stop();
  expect(store.settled).toEqual([]);
  start();
  await empty();
  expect(receiver.accepted("i-1")).toHaveLength(1);
});

test("an effect becomes one notification for each notifier of its channel, under the incident's keys", () => {
  const notifiers = [
    { id: "night", channels: ["page"] },
    { id: "office", channels: ["page", "ticket"] },
  ] as const;
  const rows = notificationsFor([effectOf(), effectOf({ channel: "ticket" })], notifiers);
  expect(rows.map(({ notifier, dedupKey }) => `${notifier} ${dedupKey}`)).toEqual([
    "night i-1",
    "office i-1",
    "office i-1/ticket",
  ]);
});

test("back-off doubles to five minutes, with some taken off by chance", () => {
  expect([1, 2, 3, 30].map((attempts) => backoffMs(attempts, undefined, () => 0))).toEqual([1000, 2000, 4000, 300_000]);
  expect(backoffMs(1, undefined, () => 1)).toBe(750);
  expect(backoffMs(1, 120, () => 1)).toBe(120_000);
  expect(backoffMs(1, 1e9, () => 1)).toBe(3_600_000);
});
