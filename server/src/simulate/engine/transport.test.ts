import { beforeEach, expect, test } from "vitest";
import { createAgenda, type Agenda } from "../agenda.ts";
import type { Failure, QueueFile } from "./message.ts";
import { createTransport, type Feedback, type Job, type Transport } from "./transport.ts";

const file = {} as QueueFile;
const job = (nextHop: string): Job => ({ file, portions: [], nextHop });
const cause: Failure = {
  sinceMs: 0,
  whose: "remote",
  reason: "connect to a: timed out",
  reasonClass: "connect-timeout",
};

let agenda: Agenda;
let running: { readonly job: Job; readonly done: (feedback: Feedback) => void }[];
let suspended: Job[];
let processes: number;
let transport: Transport;
beforeEach(() => {
  agenda = createAgenda(0);
  running = [];
  suspended = [];
  processes = 100;
  transport = createTransport({
    agenda,
    processes: () => processes,
    limit: 20,
    initial: 5,
    suspendMs: 300_000,
    start: (one, done) => void running.push({ job: one, done }),
    suspended: (one) => void suspended.push(one),
    blocked: () => undefined,
    unblocked: () => undefined,
  });
});
const enqueue = (nextHop: string, count: number) => {
  for (let number = 0; number < count; number++) transport.enqueue(job(nextHop));
};
const endFirst = (feedback: Feedback) => running.shift()?.done(feedback);
const fail = () => endFirst({ reached: false, cause });

test("a next hop gets five deliveries at first, and one more after every success, up to the limit", () => {
  enqueue("a", 200);
  expect(running).toHaveLength(5);
  for (let ended = 1; ended <= 15; ended++) {
    endFirst({ reached: true });
    expect(running).toHaveLength(5 + ended);
  }
  for (let ended = 0; ended < 30; ended++) endFirst({ reached: true });
  expect(running).toHaveLength(20);
});

test("a next hop that fails again and again is left alone, and what waits for it is deferred at once", () => {
  enqueue("dead", 30);
  enqueue("fine", 3);
  // 1/5 + 1/4 + 1/3 + 1/2 is more than a whole cohort.
  for (let ended = 0; ended < 3; ended++) fail();
  expect(suspended).toHaveLength(0);
  fail();
  expect(suspended.length).toBeGreaterThanOrEqual(24);
  enqueue("dead", 1);
  expect(suspended.at(-1)?.nextHop).toBe("dead");
  expect(running.filter((one) => one.job.nextHop === "fine")).toHaveLength(3);

  agenda.runUntil(300_001);
  const before = running.length;
  enqueue("dead", 9);
  // One delivery of the first cohort is still under way.
  expect(running.length - before).toBe(4);
});

test("a success in between makes up for failures", () => {
  enqueue("a", 100);
  for (let round = 0; round < 20; round++) {
    fail();
    endFirst({ reached: true });
  }
  expect(suspended).toHaveLength(0);
});

test("agents are shared among next hops in turn", () => {
  processes = 4;
  enqueue("a", 10);
  enqueue("b", 10);
  enqueue("c", 10);
  for (let ended = 0; ended < 12; ended++) endFirst({ reached: true });
  const hops = running.map((one) => one.job.nextHop).sort();
  expect(hops).toHaveLength(4);
  expect(new Set(hops).size).toBe(3);
  processes = 0;
  for (let ended = 0; ended < 4; ended++) endFirst({ reached: true });
  expect(running).toHaveLength(0);
  processes = 4;
  transport.pump();
  expect(running).toHaveLength(4);
});
