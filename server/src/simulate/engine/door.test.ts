import { expect, test } from "vitest";
import { memoryDay, tinyDayMs } from "./testing/memory-day.ts";
import type { Session } from "./world.ts";

const inTrouble = (atMs: number) => atMs >= tinyDayMs + 600_000 && atMs < tinyDayMs + 1_800_000;
const mysql = [{ id: "db", type: "mysql" }];
const asking = { nodes: ["mx1"], inbound: { asks: ["db"], processes: 30 } };
const count = (log: readonly string[], pattern: RegExp) => log.filter((line) => pattern.test(line)).length;

test("a dependency that hangs holds smtpd processes until they give up with a temporary error", async () => {
  const day = await memoryDay({
    scenario: { rate: 5, dependencies: mysql, platform: asking },
    world: {
      retryMs: 300_000,
      conditions: {
        dependency: (_id, atMs) =>
          inTrouble(atMs) ? { state: "hung", slowdown: Infinity } : { state: "ok", slowdown: 1 },
      },
    },
  });
  expect(count(day.log, /NOQUEUE: reject: RCPT from \S+: 451 4\.3\.0 <\S+>: Temporary lookup failure; from=</)).toBe(
    day.rejected,
  );
  expect(day.rejected).toBeGreaterThan(1_000);
  // Thirty processes that are held for ten seconds each are too few for three clients a second.
  expect(count(day.log, /warning: service "smtp" \(25\) has reached its process limit "30"/)).toBeGreaterThan(5);
  expect(count(day.log, /warning: mysql:\/etc\/postfix\/db\.cf lookup error for "/)).toBe(day.rejected);
  const during = day.truth.find(({ at }) => at.includes("T10:29:00"));
  expect(during?.headlineSeconds).toBeLessThan(10);
  expect(during?.waitingAtSendersSeconds).toBeGreaterThan(900);
});

test("one without free connections makes smtpd give up at once", async () => {
  const { log, rejected } = await memoryDay({
    scenario: { dependencies: mysql, platform: asking },
    world: {
      conditions: {
        dependency: (_id, atMs) =>
          inTrouble(atMs) ? { state: "saturated", slowdown: 1 } : { state: "ok", slowdown: 1 },
      },
    },
  });
  expect(count(log, /warning: connect to mysql server db: Too many connections$/)).toBe(rejected);
  expect(count(log, /process limit/)).toBe(0);
});

test("postscreen lets known clients through, makes strangers wait, and turns listed ones away before smtpd", async () => {
  const { log, rejected } = await memoryDay({
    scenario: { platform: { nodes: ["mx1"], postscreen: { enabled: true } } },
    world: {
      session: (_plain, number) => (number % 4 === 1 ? { refuse: "postscreen", who: "robot", saslUser: null } : {}),
    },
  });
  expect(count(log, /postscreen\[\d+\]: CONNECT from \[240\.0\.\d+\.9\]:\d+ to \[/)).toBeGreaterThan(1_500);
  expect(count(log, /PASS NEW/)).toBeGreaterThan(0);
  expect(count(log, /PASS OLD/)).toBeGreaterThan(1_000);
  expect(count(log, /DISCONNECT \[/)).toBe(rejected);
  expect(
    count(log, /NOQUEUE: reject: RCPT from \[\S+\]:\d+: 550 5\.7\.1 Service unavailable; client \[/),
  ).toBeGreaterThan(rejected / 2);
  expect(count(log, /smtpd\[\d+\]: NOQUEUE/)).toBe(0);
});

test("greylisting puts strangers off once; those who come back get through, and nobody waits at senders for it", async () => {
  const answers: string[] = [];
  const { log, truth } = await memoryDay({
    scenario: { platform: { nodes: ["mx1"], greylistSeconds: 300 } },
    world: {
      retryMs: 400_000,
      session: (_plain, number) => ({ who: number % 2 === 0 ? "robot" : "innocent" }),
      answered: (_session, answer) => void answers.push(answer),
    },
  });
  const putOff = count(log, /: 450 4\.2\.0 <\S+>: Recipient address rejected: Greylisted for 300 seconds; from=</);
  expect(putOff).toBeGreaterThan(100);
  expect(answers.filter((answer) => answer === "deferred")).toHaveLength(putOff);
  expect(Math.max(...truth.map((row) => row.waitingAtSendersSeconds))).toBe(0);
});

test("what a client is refused for stands in the log", async () => {
  const kinds = ["listed", "unknown-user", "by-hand", null] as const;
  const { log, rejected, summary } = await memoryDay({
    world: {
      session: (_plain: Session, number) => {
        const refuse = kinds[number % 4] ?? null;
        return { refuse, saslUser: null, who: refuse === null ? "innocent" : "attacker" };
      },
    },
  });
  const kindsLogged = [
    /554 5\.7\.1 Service unavailable; Client host \[\S+\] blocked using/,
    /NOQUEUE: .*550 5\.1\.1 <\S+>: Recipient address rejected: User unknown/,
    /554 5\.7\.1 <\S+\[\S+\]>: Client host rejected: Access denied/,
  ].map((pattern) => count(log, pattern));
  expect(kindsLogged.reduce((sum, one) => sum + one, 0)).toBe(rejected);
  for (const one of kindsLogged) expect(one).toBeGreaterThan(500);
  expect(summary.attackers.reduce((sum, { messages }) => sum + messages, 0)).toBe(rejected);
  expect(summary.attackers.every(({ secondAt, messages }) => (secondAt === null) === messages < 2)).toBe(true);
});

test("connections that come to nothing and slow ones", async () => {
  const answers = new Map<string, number>();
  const { log } = await memoryDay({
    world: {
      answered: (_session, answer) => void answers.set(answer, (answers.get(answer) ?? 0) + 1),
      conditions: {
        inboundTimeoutShare: (_node, atMs) => (inTrouble(atMs) ? 0.8 : 0),
        connectionDelayMs: (atMs) => (atMs > tinyDayMs + 2_400_000 ? 10_000 : 0),
      },
    },
  });
  expect(answers.get("no-answer")).toBeGreaterThan(300);
  const lost = count(log, /smtpd\[\d+\]: lost connection after CONNECT from /);
  expect(lost).toBeGreaterThan(100);
  expect(lost).toBeLessThan(answers.get("no-answer") ?? 0);
  expect(count(log, /RBL lookup error: Host or domain name not found/)).toBeGreaterThan(300);
});

test("a connection that begins has an end, of the same process", async () => {
  const { log } = await memoryDay();
  const open = new Set<string>();
  for (const line of log) {
    const match = /(\w*\/?smtpd\[\d+\]): (connect|disconnect) from (\S+)/.exec(line);
    if (match === null) continue;
    const key = `${match[1]} ${match[3]}`;
    if (match[2] === "connect") expect(open.has(key)).toBe(false);
    else expect(open.delete(key)).toBe(true);
    if (match[2] === "connect") open.add(key);
  }
  expect(open.size).toBeLessThan(5);
});
