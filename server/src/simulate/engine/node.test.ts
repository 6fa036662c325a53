import { expect, test } from "vitest";
import { memoryDay, tinyDayMs } from "./testing/memory-day.ts";

const minutes = (count: number) => count * 60_000;
const between = (from: number, to: number) => (atMs: number) =>
  atMs >= tinyDayMs + minutes(from) && atMs < tinyDayMs + minutes(to);
const clockOf = (line: string) => line.slice(7, 15);
const idOf = (line: string) => /\]: (\w+): /.exec(line)?.[1] ?? "";

test("a mail is accepted, scanned, handed back and delivered", async () => {
  const { log } = await memoryDay();
  const first = log.find((line) => line.includes("status=sent (250 2.0.0 Ok: queued as 3"));
  const next = /queued as (\w+)\)/.exec(first ?? "")?.[1] ?? "none";
  const shapes = (id: string) =>
    log
      .filter((line) => idOf(line) === id)
      .map((line) =>
        line
          .slice(line.indexOf("postfix/") + 8)
          .replace(/\[\d+\]: \w+/, "")
          .replace(/[=,(].*/, ""),
      );
  expect(shapes(idOf(first ?? ""))).toEqual([
    expect.stringMatching(/^(submission\/)?smtpd: client$/),
    "cleanup: message-id",
    "qmgr: from",
    "smtp: to",
    "qmgr: removed",
  ]);
  expect(shapes(next)).toEqual(["smtpd: client", "cleanup: message-id", "qmgr: from", "smtp: to", "qmgr: removed"]);
});

test("a mail to several domains is several deliveries, and its file goes with the last", async () => {
  const recipients = ["a@one.example", "b@one.example", "c@two.example", "d@closed.example"];
  const { log, accepted } = await memoryDay({
    world: { session: (_plain, number) => (number === 30 ? { recipients, saslUser: null } : {}) },
  });
  const parts = log.filter((line) => /to=<[abcd]@(one|two|closed)\.example>.*relay=(mx|none)/.test(line));
  expect(new Set(parts.map(idOf).filter((id) => log.some((l) => idOf(l) === id && l.includes("to=<c@two")))).size).toBe(
    1,
  );
  expect(log.some((line) => line.includes("nrcpt=4"))).toBe(true);
  const ids = new Set(log.filter((line) => line.includes("nrcpt=4")).map(idOf));
  const second = [...ids].at(-1) ?? "";
  expect(log.filter((line) => idOf(line) === second && line.includes("status=sent"))).toHaveLength(3);
  expect(log.some((line) => idOf(line) === second && line.includes("status=deferred"))).toBe(true);
  expect(log.some((line) => idOf(line) === second && line.endsWith("removed"))).toBe(false);
  expect(accepted).toBe(log.filter((line) => /smtpd\[\d+\]: \w+: client=out/.test(line)).length + 2);
});

test("a retry is due after as long as the mail is old, at least five minutes, and noticed by the next queue run", async () => {
  const { log } = await memoryDay({
    world: {
      session: (_plain, number) => (number === 10 ? { recipients: ["a@slow.example"], saslUser: null } : {}),
      conditions: {
        attempt: (_node, { name }) => (name === "mx.slow.example" ? { fault: "throttle", ours: false } : null),
      },
    },
  });
  const tries = log.filter((line) => line.includes("to=<a@slow.example>") && line.includes("rate limited"));
  const times = tries.map((line) => Date.parse(`2016-05-11T${clockOf(line)}Z`));
  const steps = times.slice(1).map((at, place) => at - (times[place] ?? 0));
  expect(steps.length).toBeGreaterThanOrEqual(2);
  steps.forEach((step, place) => {
    const ageMs = (times[place] ?? 0) - (times[0] ?? 0);
    const dueMs = Math.max(300_000, ageMs);
    expect(step).toBeGreaterThanOrEqual(dueMs - 2_000);
    expect(step).toBeLessThanOrEqual(dueMs + 302_000);
  });
});

test("mail that is too old is returned to its sender", async () => {
  const { log, returned, bounces } = await memoryDay({
    scenario: { platform: { nodes: ["mx1"], queue: { lifetimeSeconds: 600 } } },
    world: { session: (_plain, number) => (number % 100 === 7 ? { recipients: ["a@closed.example"] } : {}) },
  });
  const expired = log.find((line) => line.includes("status=expired, returned to sender")) ?? "";
  const own = log.filter((line) => idOf(line) === idOf(expired)).map((line) => line.slice(line.indexOf(": ") + 2));
  expect(own.slice(-2)).toEqual([
    expect.stringMatching(/: sender non-delivery notification: \w+$/),
    expect.stringMatching(/: removed$/),
  ]);
  expect(returned).toBeGreaterThan(10);
  expect(bounces).toBeGreaterThan(10);
});

test("a next hop that is dead is left alone: postfix/error defers what follows", async () => {
  const { log } = await memoryDay({
    world: { session: (_plain, number) => (number % 10 === 7 ? { recipients: ["a@closed.example"] } : {}) },
  });
  const suspended = log.filter((line) => line.includes("postfix/error["));
  expect(suspended.length).toBeGreaterThan(100);
  for (const line of suspended) {
    expect(line).toMatch(
      /relay=none, .*dsn=4\.4\.1, status=deferred \(delivery temporarily suspended: connect to mx\./,
    );
  }
});

test("a queue manager that stands still logs nothing while files pile up; then they are worked off", async () => {
  const stands = between(20, 40);
  const day = await memoryDay({
    scenario: { platform: { nodes: ["mx1"], filter: { capacity: 5 } } },
    world: {
      conditions: { capacity: (stage, _node, atMs) => (stage === "queue-manager" && stands(atMs) ? 0 : 1) },
    },
  });
  const managed = day.log.filter((line) => line.includes("postfix/qmgr")).map(clockOf);
  expect(managed.filter((at) => at > "10:20:01" && at < "10:40:00")).toEqual([]);
  const piled = day.queue.find(({ at }) => at.includes("T10:40:00"))?.queues["incoming"]?.count ?? 0;
  expect(piled).toBeGreaterThan(1_000);
  expect(day.truth.find(({ at }) => at.includes("T10:40:00"))?.headlineSeconds).toBeCloseTo(1200, -2);
  expect(day.truth.at(-1)?.headlineSeconds).toBeLessThan(10);
});

test("the active queue has a limit; the rest waits in incoming", async () => {
  const { queue } = await memoryDay({
    scenario: { platform: { nodes: ["mx1"], queue: { activeLimit: 50 } } },
    world: { conditions: { capacity: (stage, _node, atMs) => (stage === "filter" && between(10, 30)(atMs) ? 0 : 1) } },
  });
  const at = queue.find((one) => one.at.includes("T10:30:00"));
  expect(at?.queues["active"]?.count).toBe(50);
  expect(at?.queues["incoming"]?.count).toBeGreaterThan(1_000);
});

const session = (_plain: object, number: number) => (number % 10 === 1 ? { hostile: true } : {});
const hostileDay = (hostile: string) =>
  memoryDay({ scenario: { platform: { nodes: ["mx1"], filter: { hostile } } }, world: { session } });
test("hostile mail is bounced, thrown away or refused, as the platform does it", async () => {
  const bounced = await hostileDay("bounce");
  expect(bounced.log.filter((line) => line.includes("status=bounced (host 127.0.0.1"))).toHaveLength(bounced.blocked);
  expect(bounced.bounces).toBeGreaterThanOrEqual(bounced.blocked);
  const discarded = await hostileDay("discard");
  expect(discarded.blocked).toBeGreaterThan(250);
  expect(discarded.bounces).toBeLessThan(40);
  const refused = await hostileDay("reject");
  expect(refused.blocked).toBe(0);
  expect(refused.log.filter((line) => line.includes("milter-reject: END-OF-MESSAGE"))).toHaveLength(refused.rejected);
  expect(refused.rejected).toBeGreaterThan(250);
});
