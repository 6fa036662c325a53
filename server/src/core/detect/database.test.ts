import { dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { Dependencies } from "../dependency/dependencies.ts";
import { database, ruleInput, someMs, sql } from "../../../test/sections.ts";
import { databaseSaturated } from "./database-saturated.ts";
import { databaseUnresponsive } from "./database-unresponsive.ts";
import { schemaLock } from "./schema-lock.ts";

const on = (view: Parameters<typeof database>[0], delay: Parameters<typeof ruleInput>[0] = {}, nowMs = someMs) =>
  ruleInput({ ...delay, dependencies: { dependencies: [database(view)] } }, nowMs);

const dropWaits = sql({
  lockWaits: 3,
  lockSinceMs: someMs - 6_000,
  longestWaitSeconds: 6,
  longestTransactionSeconds: 1900,
  ddl: [{ session: "48213", statement: "DROP TABLE test WHERE x = 'secret'", seconds: 6, granted: false }],
  blocked: [
    { session: "48213", blockedBy: ["47991"], seconds: 6, statement: "DROP TABLE test" },
    { session: "50001", blockedBy: ["48213"], seconds: 5, statement: "SELECT 1" },
    { session: "50002", blockedBy: ["50001"], seconds: 4, statement: "SELECT 1" },
  ],
});

test("a schema change that waits while others wait behind it is named, with who blocks whom", () => {
  const [lock] = schemaLock.evaluate(on({ sql: dropWaits }), undefined, {}).signals;
  expect(lock).toMatchObject({ level: "bad", cause: "schema-lock", severity: "ticket", startedAtMs: someMs - 6000 });
  expect(lock?.forSeconds).toBe(0);
  expect(lock?.evidence[0]).toMatchObject({
    id: "database.ddl-waits",
    params: { statement: "DROP TABLE", session: "48213", blocked: 2, seconds: 6 },
  });
  expect(lock?.evidence[1]?.params).toMatchObject({ session: "48213", blocker: "47991", seconds: 1900 });
  expect(lock?.evidence.at(-1)?.params).toEqual({ statement: "DROP TABLE test WHERE x = '…'" });
  expect(lock?.actions.map(({ command }) => command)).toEqual([
    "SELECT pg_cancel_backend(48213);",
    "SELECT pg_terminate_backend(47991);",
    expect.stringContaining("pg_blocking_pids"),
  ]);
});

test("the alert, and with it the chapter and the mark, names the same instant as the note, whenever it is looked at", () => {
  const dependencies = new Dependencies();
  const { ddl, blocked, lockWaits } = dropWaits;
  const longest = {
    lockWaits: lockWaits ?? 0,
    longestWaitSeconds: 6,
    ddl,
    blocked: blocked.map(({ session, blockedBy, seconds }) => ({ session, blockedBy, seconds })),
  };
  const atMs = someMs + 300;
  dependencies.apply({
    kind: "probe",
    atMs,
    id: dependencyId("mail-db"),
    type: "postgres",
    ok: true,
    latencySeconds: 0.01,
    details: longest,
  });
  for (const later of [1_000, 4_000]) {
    const section = dependencies.section(atMs + later);
    const [lock] = schemaLock.evaluate(ruleInput({ dependencies: section }, atMs + later), undefined, {}).signals;
    expect(lock?.startedAtMs).toBe(atMs - 6_000);
    expect(section.dependencies[0]?.note?.params["sinceMs"]).toBe(lock?.startedAtMs);
  }
});

test("it wakes somebody once mail suffers, or when it lasts", () => {
  const severity = (input: ReturnType<typeof on>) => schemaLock.evaluate(input, undefined, {}).signals[0]?.severity;
  expect(severity(on({ sql: dropWaits }, { delay: { headlineSeconds: 301 } }))).toBe("page");
  const [ddl] = dropWaits.ddl;
  expect(severity(on({ sql: { ...dropWaits, ddl: ddl === undefined ? [] : [{ ...ddl, seconds: 31 }] } }))).toBe("page");
});

const lockLevel = (view: Parameters<typeof database>[0]) =>
  schemaLock.evaluate(on(view), undefined, {}).signals[0]?.level;

test("a schema change that holds nobody is everyday work; a server that cannot be asked is unknown", () => {
  expect(lockLevel({ sql: { ...dropWaits, blocked: [] } })).toBe("between");
  expect(lockLevel({ sql: sql({}) })).toBe("clear");
  expect(lockLevel({ sql: null })).toBe("unknown");
  expect(lockLevel({ state: "failing", sql: sql({}) })).toBe("unknown");
});

test("a session that is no number never becomes a command", () => {
  const session = "1); DROP TABLE mail; --";
  const hostile = sql({
    ddl: [{ session, statement: "alter table x", seconds: 60, granted: true }],
    blocked: [{ session: "7", blockedBy: [session], seconds: 60, statement: null }],
  });
  const commands = schemaLock
    .evaluate(on({ sql: hostile }), undefined, {})
    .signals[0]?.actions.map((one) => one.command);
  expect(commands).toHaveLength(1);
  expect(commands?.[0]).not.toContain("DROP");
});

test("locks in a circle end", () => {
  const circle = sql({
    ddl: [{ session: "1", statement: "DROP TABLE a", seconds: 9, granted: false }],
    blocked: [
      { session: "1", blockedBy: ["2"], seconds: 9, statement: null },
      { session: "2", blockedBy: ["1"], seconds: 9, statement: null },
    ],
  });
  expect(schemaLock.evaluate(on({ sql: circle }), undefined, {}).signals[0]?.level).toBe("bad");
});

test("the first failed probe is named at once; what lasts becomes a ticket, then a page", () => {
  let memory: unknown;
  const at = (second: number) => {
    const view = { state: "failing", latencySeconds: 2, checkedAtMs: someMs, sql: null } as const;
    const result = databaseUnresponsive.evaluate(on(view, {}, someMs + second * 1000), memory, {});
    memory = JSON.parse(JSON.stringify(result.memory));
    return result.signals[0];
  };
  expect(at(0)).toMatchObject({ level: "bad", severity: "info", forSeconds: 0, startedAtMs: someMs - 2000 });
  expect(at(8)?.severity).toBe("ticket");
  expect(at(57)?.severity).toBe("ticket");
  expect(at(58)?.severity).toBe("page");
});

test("why it does not answer is among the evidence, with where that is", () => {
  const dependencies = new Dependencies();
  const error = "db1:5432: password authentication failed for the role (28P01)";
  dependencies.apply({
    kind: "probe",
    id: dependencyId("mail-db"),
    type: "postgres",
    ok: false,
    latencySeconds: 0.02,
    error,
    atMs: someMs,
  });
  const input = ruleInput({ dependencies: dependencies.section(someMs) }, someMs);
  const [signal] = databaseUnresponsive.evaluate(input, undefined, {}).signals;
  expect(signal?.evidence.map(({ params }) => params)).toContainEqual({ sinceMs: someMs, error });
});

test("no answer while mail is threatened wakes somebody sooner", () => {
  const view = { state: "failing", latencySeconds: 2, sql: null } as const;
  const input = on(view, {
    delay: { expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: someMs } },
  });
  expect(databaseUnresponsive.evaluate(input, { "mail-db": someMs - 11_000 }, {}).signals[0]?.severity).toBe("page");
});

test.each([
  [{ state: "slow", latencySeconds: 2.5 }, "bad"],
  [{ state: "slow", latencySeconds: 1.5 }, "between"],
  [{ state: "ok", latencySeconds: 0.2 }, "clear"],
  [{ state: "unknown", latencySeconds: null }, "unknown"],
] as const)("latency: %j is %s", (view, level) => {
  expect(databaseUnresponsive.evaluate(on(view), undefined, {}).signals[0]?.level).toBe(level);
});

test.each([
  [95, 97, "bad"],
  [80, 97, "between"],
  [31, 97, "clear"],
  [null, null, "unknown"],
])("%s of %s connections is %s", (connectionsUsed, connectionsMax, level) => {
  const input = on({ sql: sql({ connectionsUsed, connectionsMax }) });
  expect(databaseSaturated.evaluate(input, undefined, {}).signals[0]?.level).toBe(level);
});

test("one that answers and takes no writes is no database without an answer; its locks are still looked at", () => {
  const view = { state: "failing", fault: "writes", latencySeconds: 0.01, sql: dropWaits } as const;
  expect(databaseUnresponsive.evaluate(on(view), undefined, {}).signals[0]?.level).toBe("clear");
  expect(lockLevel(view)).toBe("bad");
});
