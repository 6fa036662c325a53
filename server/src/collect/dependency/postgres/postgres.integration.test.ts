import { dependencyId } from "@mailtide/shared";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { causesOf } from "../../../../test/real/probing.ts";
import { type RealPostgres, startPostgres, startStandby } from "../../../../test/real/postgres.ts";
import { idsOf, temporaryFolder, until } from "../../../../test/real/process.ts";
import { smallDisk } from "../../../../test/real/small-disk.ts";
import { steadyMs } from "../../../../test/steady-clock.ts";
import type { ProbeObservation } from "../../../core/observation.ts";
import { createPostgresProbe, type PostgresSettings } from "./probe.ts";

let server: RealPostgres;
const clients: Client[] = [];
const probes: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startPostgres();
  server.sql("CREATE ROLE mail LOGIN; CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher; CREATE ROLE blind LOGIN");
});
beforeEach(() => {
  server.sql("CREATE TABLE IF NOT EXISTS mailbox (address text, owner text); GRANT SELECT ON mailbox TO mail");
});
afterEach(async () => {
  server.thaw();
  await Promise.all(probes.splice(0).map((probe) => probe.stop()));
  await Promise.all(clients.splice(0).map((client) => client.end()));
});
afterAll(() => server.stop());

/** Asks as the schedule does and gives what the one observation says. */
function probe(settings: Partial<PostgresSettings> = {}): (() => Promise<ProbeObservation>) & { every(): number } {
  const collector = createPostgresProbe({
    id: dependencyId("db"),
    mailUrl: server.url("mail"),
    privilegedUrl: server.url("watcher"),
    query: "SELECT 1",
    write: null,
    maxLagSeconds: null,
    everySeconds: 1,
    deadlineSeconds: 20,
    required: true,
    ...settings,
  });
  probes.push(collector);
  const ask = async () => {
    const { observations } = await collector.poll(AbortSignal.timeout(120_000));
    const [observation] = observations;
    if (observation?.kind !== "probe") throw new Error("no probe result");
    return observation;
  };
  return Object.assign(ask, { every: () => collector.everySeconds });
}

async function connect(role = "postgres"): Promise<Client> {
  const client = new Client({ connectionString: server.url(role) });
  client.on("error", () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

test("a healthy server: connect and query times, connections, nothing blocked", async () => {
  const ask = probe();
  const first = await ask();
  expect(first).toMatchObject({ ok: true, type: "postgres", id: "db" });
  expect(first.details?.connectSeconds).toBeGreaterThan(0);
  const second = await ask();
  expect(second.details?.connectSeconds, "the second look-up uses the kept connection").toBeUndefined();
  expect(second.details).toMatchObject({ lockWaits: 0, blocked: [], ddl: [], connectionsMax: 27 });
  expect(second.details?.connectionsUsed).toBeGreaterThanOrEqual(2);
  expect(second.details).not.toHaveProperty("blind");
  await until("a look-up in no time", async () => (await ask()).latencySeconds < 1);
});

test("a DROP TABLE behind a long transaction blocks the readers: who blocks whom is named", async () => {
  const holder = await connect();
  const dropper = await connect();
  const reader = await connect("mail");
  const [holderPid, dropperPid, readerPid] = await Promise.all([holder, dropper, reader].map(pidOf));
  await holder.query("BEGIN");
  await holder.query("SELECT * FROM mailbox WHERE address = 'secret@customer.example'");
  const dropped = dropper.query("/* routine push 4711 */ DROP TABLE mailbox").catch(() => undefined);
  const ask = probe();
  await until("the DROP waits", async () => (await ask()).details?.lockWaits === 1);
  const read = reader
    .query("SELECT owner FROM mailbox WHERE address = 'private@customer.example' LIMIT 10")
    .catch(() => undefined);
  const statement = "SELECT owner FROM mailbox WHERE address = ? LIMIT ?";
  const reads: unknown[] = [];
  const { details, ok, named } = await until("the reader waits behind it", async () => {
    const result = await ask();
    if (result.details?.lockWaits !== 2) return false;
    const rows = Object.fromEntries((result.details.blocked ?? []).map((row) => [row.session, row]));
    const read = rows[`${readerPid} mail@postgres`]?.statement;
    reads.push(read ?? statement);
    return read === statement && { ...result, named: rows };
  });

  expect(ok, "SELECT 1 sees none of it").toBe(true);
  expect(new Set(reads), "not known yet, or this: never the statement before").toEqual(new Set([statement]));
  expect(named[`${dropperPid} postgres@postgres`]).toMatchObject({
    blockedBy: [`${holderPid} postgres@postgres`],
    statement: "DROP TABLE mailbox",
  });
  expect(named[`${readerPid} mail@postgres`]?.blockedBy).toEqual([`${dropperPid} postgres@postgres`]);
  expect(details?.ddl).toMatchObject([{ session: `${dropperPid} postgres@postgres`, granted: false }]);
  expect(details?.longestWaitSeconds).toBeGreaterThan(0);
  expect(details?.longestTransactionSeconds).toBeGreaterThanOrEqual(details?.longestWaitSeconds ?? 0);
  expect(JSON.stringify(details)).not.toMatch(/customer|4711/u);

  const own = probe({ query: "SELECT owner FROM mailbox LIMIT 1", deadlineSeconds: 4 });
  const look = await own();
  expect(look).toMatchObject({
    ok: false,
    error: expect.stringContaining(": the look-up waited for a lock and was given up (55P03)") as string,
  });
  await holder.query("ROLLBACK");
  await Promise.all([dropped, read]);
});

test("of many that block one, as many are named as an agent may tell, the oldest transaction first", async () => {
  const holders: Client[] = [];
  for (let at = 0; at < 22; at += 1) {
    const holder = await connect();
    await holder.query("BEGIN; SELECT * FROM mailbox");
    holders.push(holder);
  }
  const dropper = await connect();
  const dropped = dropper.query("DROP TABLE mailbox").catch(() => undefined);
  const ask = probe();
  const { details } = await until("the DROP waits", async () => {
    const seen = await ask();
    return seen.details?.lockWaits === 1 && seen;
  });
  const [oldest] = holders;
  if (oldest === undefined) throw new Error("nobody holds it");
  expect(details?.blocked?.[0]?.blockedBy).toHaveLength(20);
  expect(details?.blocked?.[0]?.blockedBy[0]).toBe(`${await pidOf(oldest)} postgres@postgres`);
  for (const holder of holders) await holder.query("ROLLBACK");
  await dropped;
});

async function pidOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return String(rows[0]?.pid);
}

test("a held lock is DDL too, without anybody waiting", async () => {
  const holder = await connect();
  await holder.query("BEGIN; LOCK TABLE mailbox IN ACCESS EXCLUSIVE MODE");
  const { details } = await probe()();
  expect(details?.ddl).toMatchObject([
    { granted: true, statement: "BEGIN; LOCK TABLE mailbox IN ACCESS EXCLUSIVE MODE" },
  ]);
  expect(details?.blocked).toEqual([]);
});

test("a stopped server is a result within the deadline, and the same probe sees it come back", async () => {
  const ask = probe({ deadlineSeconds: 2 });
  expect((await ask()).ok).toBe(true);
  server.freeze();
  const startMs = steadyMs();
  const hung = await ask();
  expect(steadyMs() - startMs).toBeLessThan(3_000);
  expect(hung).toMatchObject({
    ok: false,
    error: expect.stringContaining(": no answer within 2 s (the look-up)") as string,
  });
  expect(hung.latencySeconds).toBeGreaterThanOrEqual(1.99);
  expect(hung.details?.blind).toContain("no answer within 2 s");
  expect(causesOf(hung)).toEqual(["database-unresponsive"]);
  const again = await ask();
  expect(again).toMatchObject({
    ok: false,
    error: expect.stringContaining(": no answer within 2 s (connecting)") as string,
  });
  server.thaw();
  const back = await until("it answers again", async () => {
    const result = await ask();
    return result.ok && result;
  });
  expect(back.details).not.toHaveProperty("blind");
});

test("the server is told to give up too: a long look-up leaves no busy backend", async () => {
  const ask = probe({ query: "SELECT pg_sleep(30)", deadlineSeconds: 4 });
  expect(await ask()).toMatchObject({
    ok: false,
    error: expect.stringContaining(": the look-up was not finished within 4 s and was cancelled (57014)") as string,
  });
  await until(
    "no backend sleeps",
    () =>
      server.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep\\(30' AND state = 'active' AND pid <> pg_backend_pid()",
      ) === "0",
  );
  expect((await (await connect("mail")).query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "0" }]);
});

test("no connection left: 53300 is named, and the kept privileged connection still counts", async () => {
  const ask = probe({ everySeconds: 60 });
  await ask();
  const taken: Client[] = [];
  for (;;) {
    const client = await connect("mail").catch(() => null);
    if (client === null) break;
    taken.push(client);
  }
  expect((await ask()).ok, "the kept connection still works").toBe(true);
  const fresh = await ask();
  expect(fresh).toMatchObject({ ok: false });
  expect(fresh.error).toMatch(/: no connection left: .*\(53300\)$/u);
  expect(fresh.details?.connectionsMax).toBe(27);
  expect(fresh.details?.connectionsUsed).toBe(27);
  await taken.pop()?.end();
  await until("a mail process would find room", async () => (await ask()).ok);
});

test("killed and started again: failing in words, then well by itself", async () => {
  const ask = probe();
  await ask();
  await server.kill();
  const dead = await ask();
  expect(dead).toMatchObject({
    ok: false,
    error: `PostgreSQL at 127.0.0.1:${server.port} refuses connections: nothing listens there`,
  });
  const pauses = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await ask();
    pauses.push(ask.every());
  }
  expect(pauses, "one that is down is asked less and less").toEqual([1, 2, 3]);
  await server.start();
  expect(await ask()).toMatchObject({ ok: true });
  expect(ask.every()).toBe(1);
});

test("a connection that a pooler ended while idle is not the database's fault", async () => {
  const ask = probe();
  await ask();
  server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mail'");
  expect(await ask()).toMatchObject({ ok: true });
});

test("the write canary writes; a server that takes no writes, and a full disk, are named", async () => {
  server.sql("CREATE TABLE canary (seen int); INSERT INTO canary VALUES (0); GRANT SELECT, UPDATE ON canary TO mail");
  const ask = probe({ write: "UPDATE canary SET seen = seen + 1" });
  const wrote = await ask();
  expect(wrote).toMatchObject({ ok: true });
  expect(wrote.details?.writeSeconds).toBeGreaterThan(0);
  expect(server.sql("SELECT seen FROM canary")).toBe("1");
  server.sql("ALTER ROLE mail SET default_transaction_read_only = on");
  const readOnly = probe({ write: "UPDATE canary SET seen = seen + 1" });
  expect(await readOnly()).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^the write canary: .+: the server takes no writes: .*\(25006\)$/u),
    details: { fault: "writes" },
  });
  server.sql("ALTER ROLE mail RESET default_transaction_read_only");
});

test("a disk that is full is what the write canary says", async () => {
  const folder = temporaryFolder("tablespace");
  const owner = idsOf("postgres");
  const disk = smallDisk(folder.path, "2m", `uid=${owner?.uid ?? 0},gid=${owner?.gid ?? 0},mode=700`);
  try {
    server.sql(`CREATE TABLESPACE small LOCATION '${folder.path}'`);
    server.sql("CREATE TABLE full_canary (text text) TABLESPACE small; GRANT INSERT ON full_canary TO mail");
    const ask = probe({
      write: "INSERT INTO full_canary SELECT repeat(random()::text, 100) FROM generate_series(1, 5000)",
    });
    const seen = await ask();
    const { error, details } = seen;
    expect(causesOf(seen)).toEqual(["writes-refused"]);
    expect(error).toMatch(/^the write canary: .+: the server's disk is full: .*\(53100\)$/u);
    expect(details).toMatchObject({ fault: "writes" });
    server.sql("DROP TABLE full_canary");
    server.sql("DROP TABLESPACE small");
  } finally {
    disk.remove();
    folder.remove();
  }
});

test("a standby: in step, paused, stopped and gone, as it says itself and as its primary sees it", async () => {
  const standby = await startStandby(server);
  const ask = probe({ maxLagSeconds: 1 });
  const askStandby = probe({ mailUrl: standby.url("mail"), privilegedUrl: standby.url("watcher"), maxLagSeconds: 1 });
  server.sql("CREATE TABLE changes (at int); GRANT SELECT, DELETE ON changes TO mail");
  const changes = () => server.sql("INSERT INTO changes VALUES (1)");
  try {
    await until("both to be in step", async () => (await ask()).ok && (await askStandby()).ok);
    expect((await probe({ mailUrl: standby.url("mail"), write: "DELETE FROM changes" })()).error).toMatch(
      /^the write canary: .+: the server takes no writes: .*\(25006\)$/u,
    );

    standby.sql("SELECT pg_wal_replay_pause()");
    expect(
      await until("the pause to take hold", async () => (({ ok, ...rest }) => !ok && rest)(await askStandby())),
    ).toMatchObject({
      error: expect.stringMatching(/^PostgreSQL at .*: replication has stopped: replay is paused$/u) as string,
      details: { fault: "replication" },
    });
    standby.sql("SELECT pg_wal_replay_resume()");

    standby.freeze();
    changes();
    const behind = await until(
      "the standby to be missed",
      async () => {
        changes();
        const seen = await ask();
        return !seen.ok && seen;
      },
      { everyMs: 500 },
    );
    expect(behind).toMatchObject({ details: { fault: "replication" } });
    expect(behind.error).toMatch(/: replication is \d+ s behind, more than 1 s$/u);
    expect(behind.details?.replicationLagSeconds).toBeGreaterThan(1);
    expect(causesOf(behind)).toEqual(["replication-lag"]);
    standby.thaw();

    await standby.kill();
    const gone = await until("the standby to be gone", async () =>
      (({ error }) => error?.includes("slot") && error)(await ask()),
    );
    expect(gone).toMatch(/: replication has stopped: no standby uses the replication slot standby$/u);
  } finally {
    await standby.stop();
    server.sql("SELECT pg_drop_replication_slot('standby')");
  }
});

test("a role without pg_monitor is blind and says so", async () => {
  expect((await probe({ privilegedUrl: server.url("blind") })()).details?.blind).toBe(
    "the role is not in pg_monitor: other sessions are hidden from it",
  );
  expect((await probe({ privilegedUrl: null })()).details?.blind).toContain("no privileged connection");
  expect((await probe({ privilegedUrl: server.url("nobody") })()).details?.blind).toContain("28000");
});
