import { collectorId, type CollectorId } from "@mailtide/shared";
import { expect, test } from "vitest";
import type { HealthObservation } from "../core/observation.ts";
import type { Batch, CollectorContext, PollCollector, PushCollector } from "./collector.ts";
import { Schedule } from "./schedule.ts";

/** Time that passes only when it is told to. */
class ManualTime {
  nowMs = 0;
  #waiting: { readonly atMs: number; readonly wake: () => void }[] = [];

  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else this.#waiting.push({ atMs: this.nowMs + milliseconds, wake: resolve });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  async pass(milliseconds: number): Promise<void> {
    const endMs = this.nowMs + milliseconds;
    await settle();
    for (;;) {
      const next = this.#waiting.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.nowMs = next.atMs;
      next.wake();
      await settle();
    }
    this.nowMs = endMs;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const fact: Batch = {
  observations: [{ kind: "change", atMs: 0, change: { id: "c", startAtMs: 0, title: "deploy" } }],
};

function world(poll: (time: ManualTime, signal: AbortSignal) => Promise<Batch>, says: string | null = null) {
  const time = new ManualTime();
  const polled: number[] = [];
  const sunk: CollectorId[] = [];
  const healths: HealthObservation[] = [];
  const life: string[] = [];
  const failures: unknown[] = [];
  const outcomes: string[] = [];
  let context: CollectorContext | undefined;
  const common = { node: null, required: true, limitSeconds: 30, stop: async () => void life.push("stop") };
  const slow: PollCollector = {
    ...common,
    kind: "poll",
    id: collectorId("slow"),
    everySeconds: 10,
    deadlineSeconds: 5,
    says,
    start: () => Promise.resolve(),
    poll: (signal) => {
      polled.push(time.nowMs);
      return poll(time, signal);
    },
  };
  const push: PushCollector = {
    ...common,
    kind: "push",
    id: collectorId("push"),
    start: async (given) => {
      context = given;
    },
  };
  const schedule = new Schedule({
    collectors: [slow, push],
    positions: new Map([["push", '{"offset":7}']]),
    now: () => time.nowMs,
    monotonicMs: () => time.nowMs,
    wait: (milliseconds, signal) => time.wait(milliseconds, signal),
    sink: (id) => Promise.resolve(void sunk.push(id)),
    health: (observation) => void healths.push(observation),
    knownIds: () => ({ has: () => false, acceptedBefore: () => [] }),
    point: () => undefined,
    polled: (id, outcome, seconds) => outcomes.push(`${id} ${outcome} ${seconds}`),
    failed: (_id, error) => failures.push(error),
  });
  return { time, schedule, outcomes, polled, sunk, healths, life, failures, pushed: () => context };
}

test("the pause counts from the end of a poll, so that none overlaps itself", async () => {
  const { time, schedule, polled, sunk, outcomes } = world(async (clock, signal) => {
    await clock.wait(4_000, signal);
    return fact;
  });
  await schedule.start();
  await time.pass(30_000);
  expect(polled).toEqual([0, 14_000, 28_000]);
  expect(sunk).toEqual(["slow", "slow"]);
  expect(outcomes).toEqual(["slow ok 4", "slow ok 4"]);
  await schedule.stop();
});

test("a result after the deadline is dropped and counted", async () => {
  const { time, schedule, sunk, healths, outcomes } = world(async (clock) => {
    await clock.wait(8_000, new AbortController().signal);
    return fact;
  });
  await schedule.start();
  await time.pass(9_000);
  expect(sunk).toEqual([]);
  expect(outcomes).toEqual(["slow late 8"]);
  expect(healths.at(-1)).toMatchObject({ state: "failing", problem: "gave no answer within 5 s" });
  await schedule.stop();
});

test("which way it took goes with every word of how it fares, bounded", async () => {
  const { time, schedule, healths } = world(() => Promise.resolve(fact), "x".repeat(600));
  await schedule.start();
  await time.pass(1_000);
  expect(healths.at(-1)).toMatchObject({ state: "ok", says: "x".repeat(500) });
  await schedule.stop();
});

test("a failure is said in words, and the next poll comes all the same", async () => {
  const { time, schedule, polled, healths, outcomes } = world(() => Promise.reject(new Error("mail system is down")));
  await schedule.start();
  await time.pass(10_000);
  expect(polled).toEqual([0, 10_000]);
  expect(outcomes).toEqual(["slow failed 0", "slow failed 0"]);
  expect(healths.at(-1)).toMatchObject({ state: "failing", problem: "mail system is down" });
  await schedule.stop();
});

test("a program that complains at length is told from its beginning", async () => {
  const { time, schedule, healths } = world(() => Promise.reject(new Error(`exim: ${"x".repeat(70_000)}`)));
  await schedule.start();
  await time.pass(1_000);
  expect(healths.at(-1)?.problem).toMatch(/^exim: x{900,994}$/);
  await schedule.stop();
});

test("a failure that lasts is told once, anew when it is another or came back", async () => {
  const says = ["down", "down", "down", "up", "down", "slow", "slow"];
  const { time, schedule, failures, healths } = world(() => {
    const now = says.shift() ?? "slow";
    return now === "up" ? Promise.resolve(fact) : Promise.reject(new Error(now));
  });
  await schedule.start();
  await time.pass(60_000);
  expect(failures).toEqual([new Error("down"), new Error("down"), new Error("slow")]);
  expect(healths.map(({ state }) => state)).toEqual([
    "failing",
    "failing",
    "failing",
    "ok",
    "failing",
    "failing",
    "failing",
  ]);
  await schedule.stop();
});

test("a push collector gets its position back, and stop may come twice", async () => {
  const { schedule, pushed, sunk, life } = world(() => Promise.resolve(fact));
  await schedule.start();
  expect(pushed()?.position).toEqual({ offset: 7 });
  await pushed()?.sink(fact);
  expect(sunk).toContain("push");
  await schedule.stop();
  await schedule.stop();
  expect(new Set(life)).toEqual(new Set(["stop"]));
});
