import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { compileHops } from "../../../core/model/hops.ts";
import { until } from "../../../../test/real/process.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { CollectorContext, KnownIds } from "../../collector.ts";
import { createQueueCollector } from "../../queue/collector.ts";
import { always, commandWay } from "../../queue/way.ts";
import { postqueueJ } from "./postqueue-j.ts";

const node = nodeId("mx1");
const nowMs = Date.UTC(2026, 10, 23, 12);

/** A program in the place of postqueue that runs a piece of JavaScript. */
function collectorOf(script: string, known: ReadonlySet<string> = new Set(), everySeconds = 1) {
  const collector = createQueueCollector({
    id: collectorId("mx1/postfix-queue"),
    node,
    required: false,
    everySeconds,
    deadlineSeconds: 30,
    ways: always(commandWay([process.execPath, "-e", script], postqueueJ, undefined)),
    hops: compileHops(["127.0.0.1:2526"]),
    zone: "UTC",
  });
  const ids: KnownIds = { has: (id) => known.has(id), acceptedBefore: () => known };
  const context = { now: () => nowMs, knownIds: () => ids } as unknown as CollectorContext;
  void collector.start(context);
  return {
    collector,
    poll: async (signal = new AbortController().signal) => {
      const { observations } = await collector.poll(signal);
      return { queue: observations[0] as QueueObservation, rest: observations.slice(1) };
    },
  };
}

const entry = (queue: string, id: string, ageSeconds: number, reason: string | null, sender = "a@example.org") =>
  JSON.stringify({
    queue_name: queue,
    queue_id: id,
    arrival_time: nowMs / 1000 - ageSeconds,
    message_size: 1_000,
    forced_expire: false,
    sender,
    recipients: [{ address: "b@Dest.example", ...(reason === null ? {} : { delay_reason: reason }) }],
  });
const printing = (...lines: string[]) => `process.stdout.write(${JSON.stringify(`${lines.join("\n")}\n`)})`;

test("a small queue, counted by queue, age, whose wait and why", async () => {
  const script = printing(
    entry("active", "A1", 10, null),
    entry("deferred", "D1", 300, "connect to 127.0.0.1[127.0.0.1]:2526: Connection refused"),
    entry("deferred", "D2", 301, "connect to mx.example.net[192.0.2.1]:25: Connection timed out"),
    entry(
      "deferred",
      "D3",
      100_000,
      "host mx.example.net[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)",
    ),
    entry("hold", "H1", 60, null, "MAILER-DAEMON"),
  );
  const { queue, rest } = await collectorOf(script).poll();
  expect(rest).toEqual([]);
  expect(queue.snapshot).toMatchObject({
    mta: "postfix",
    atMs: nowMs,
    queues: {
      active: { count: 1, bytes: 1_000, oldestAgeSeconds: 10, ageHistogram: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      deferred: { count: 3, bytes: 3_000, oldestAgeSeconds: 100_000, ageHistogram: [1, 1, 0, 0, 0, 0, 0, 0, 0, 1] },
      hold: { count: 1 },
    },
    waiting: {
      own: { count: 2, oldestAgeSeconds: 300, oldestOwnWaitSeconds: 300 },
      remote: { count: 1, oldestAgeSeconds: 301, oldestOwnWaitSeconds: null },
      recipient: { count: 1 },
      held: { count: 1 },
      policy: { count: 0, oldestAgeSeconds: null },
    },
    topDomains: [{ name: "dest.example", count: 5 }],
    topSenders: [
      { name: "a@example.org", count: 4 },
      { name: "", count: 1 },
    ],
    recipients: 5,
  });
  expect(queue.snapshot.reasons.map(({ class: name, count }) => [name, count])).toEqual([
    ["connect-refused", 1],
    ["connect-timeout", 1],
    ["mailbox-full", 1],
  ]);
});

test("what the model does not know, and what it alone knows two listings long", async () => {
  const known = new Set(["D1", "GONE"]);
  const { poll } = collectorOf(
    printing(
      entry("deferred", "D1", 300, null),
      entry("deferred", "NEW", 300, null),
      entry("active", "FRESH", 1, null),
    ),
    known,
  );
  const first = (await poll()).queue;
  expect(first.unknown.map(({ queueId }) => queueId)).toEqual(["NEW"]);
  expect(first.vanished).toEqual([]);
  expect((await poll()).queue.vanished).toEqual(["GONE"]);
  known.delete("GONE");
  expect((await poll()).queue.vanished).toEqual([]);
});

test("garbage is counted and the rest is read", async () => {
  const cut = entry("active", "A2", 5, null).slice(0, 40);
  const { queue, rest } = await collectorOf(printing("no json", entry("active", "A1", 5, null), "[17]", cut)).poll();
  expect(queue.snapshot.queues["active"]?.count).toBe(1);
  expect(rest).toMatchObject([{ kind: "loss", lines: 3, because: "unreadable" }]);
});

test("an empty listing is an empty queue", async () => {
  expect((await collectorOf("").poll()).queue.snapshot).toMatchObject({ queues: {}, recipients: 0 });
});

test("a program that fails or is missing says so", async () => {
  const script = `process.stderr.write("postqueue: fatal: Queue report unavailable\\n"); process.exit(69)`;
  await expect(collectorOf(script).poll()).rejects.toThrow("Queue report unavailable");
});

test("the deadline kills the program", async () => {
  const deadline = new AbortController();
  const polled = collectorOf("setInterval(() => {}, 1000)").poll(deadline.signal);
  deadline.abort();
  await expect(polled).rejects.toThrow();
});

test("a listing that takes long is made less often: 2 % of the time at most", async () => {
  const { collector, poll } = collectorOf("", new Set(), 0.001);
  expect(collector.kind === "poll" && collector.everySeconds).toBe(0.001);
  if (collector.kind !== "poll") throw new Error("not a poll collector");
  // Nothing may have come between its looks at the clock and ours.
  await until("a listing that both time alike", async () => {
    const startedMs = performance.now();
    await poll();
    const tookSeconds = (performance.now() - startedMs) / 1000;
    return collector.everySeconds > tookSeconds * 30 && collector.everySeconds < tookSeconds * 50;
  });
});

test("100,000 messages neither stall the event loop nor fill the memory", async () => {
  const script = `
    let text = "";
    for (let i = 0; i < 100000; i++) {
      const reason = i % 3 ? "connect to mx" + (i % 900) + ".example.net[192.0.2.1]:25: Connection timed out" : "connect to 127.0.0.1[127.0.0.1]:2526: Connection refused";
      text += JSON.stringify({queue_name: i % 10 ? "deferred" : "active", queue_id: i.toString(16).toUpperCase().padStart(11, "0"), arrival_time: ${nowMs / 1000} - i % 90000, message_size: 2000, forced_expire: false, sender: "user" + i + "@example.org", recipients: [{address: "b" + i + "@d" + (i % 700) + ".example", delay_reason: reason}]}) + "\\n";
    }
    process.stdout.write(text);`;
  const known = new Set(
    Array.from({ length: 100_000 }, (_, index) => index.toString(16).toUpperCase().padStart(11, "0")),
  );
  const { poll } = collectorOf(script, known);
  // Compiled code is what runs day and night.
  await poll();
  const before = process.memoryUsage().heapUsed;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let turns = 0;
  const everyTurn = (): void => {
    turns += 1;
    turn = setImmediate(everyTurn);
  };
  let turn = setImmediate(everyTurn);
  const { queue } = await poll();
  clearImmediate(turn);
  delay.disable();
  const grownMiB = (process.memoryUsage().heapUsed - before) / 1024 ** 2;
  expect(Object.values(queue.snapshot.queues).reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  expect(queue.unknown).toEqual([]);
  expect(queue.vanished).toEqual([]);
  console.info(
    `longest stall ${(delay.max / 1e6).toFixed(1)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, ${grownMiB.toFixed(0)} MiB`,
  );
  // How long a turn takes is the machine's and the benchmark's affair; that there are many is ours.
  expect(turns).toBeGreaterThan(50);
  expect(grownMiB).toBeLessThan(150);
});
