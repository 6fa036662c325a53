import { dependencyId } from "@mailtide/shared";
import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { makeAuthority } from "../../../../test/real/certificates.ts";
import { type RealMariadb, startMariadb } from "../../../../test/real/mariadb.ts";
import { causesOf } from "../../../../test/real/probing.ts";
import { until as untilAsOftenAsThat } from "../../../../test/real/process.ts";
import { steadyMs } from "../../../../test/steady-clock.ts";
import type { ProbeObservation } from "../../../core/observation.ts";
import { createMysqlProbe, type MysqlSettings } from "./probe.ts";
import type { MysqlAddress } from "./session.ts";
import { addressOf } from "./url.ts";

/** InnoDB shows its transactions as they were when they are asked for again within a tenth of a second. */
const until: typeof untilAsOftenAsThat = (what, condition, options) =>
  untilAsOftenAsThat(what, condition, { everyMs: 200, ...options });

let server: RealMariadb;
const clients: Connection[] = [];
const probes: { stop(): Promise<void> }[] = [];
const at = (role: string) => addressOf(server.url(role), null);

beforeAll(async () => {
  server = await startMariadb();
  for (const role of ["mail", "watcher", "blind"]) server.sql(`CREATE USER ${role}@'127.0.0.1'`);
  server.sql(
    "GRANT SELECT ON mail.* TO mail@'127.0.0.1'; GRANT PROCESS, REPLICA MONITOR ON *.* TO watcher@'127.0.0.1'",
  );
  server.sql("CREATE TABLE mail.canary (seen int) ENGINE=InnoDB; INSERT INTO mail.canary VALUES (0)");
  server.sql("CREATE USER writer@'127.0.0.1'; GRANT SELECT, UPDATE ON mail.canary TO writer@'127.0.0.1'");
});
beforeEach(() => {
  server.sql("CREATE TABLE IF NOT EXISTS mail.mailbox (address varchar(100) PRIMARY KEY, owner text) ENGINE=InnoDB");
  server.sql("REPLACE INTO mail.mailbox VALUES ('a@customer.example', 'somebody')");
});
afterEach(async () => {
  server.thaw();
  await Promise.all(probes.splice(0).map((probe) => probe.stop()));
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
  // A session that waits for a lock does not see that its client is gone.
  const others =
    "FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler')";
  await until("nobody to be left", () => {
    for (const id of server
      .sql(`SELECT ID ${others}`)
      .split("\n")
      .filter((row) => /^\d+$/u.test(row)))
      server.sql(`KILL ${id}`);
    return server.sql(`SELECT COUNT(*) ${others}`).trim() === "0";
  });
});
afterAll(() => server.stop());

function probe(settings: Partial<MysqlSettings> = {}): () => Promise<ProbeObservation> {
  const collector = createMysqlProbe({
    id: dependencyId("db"),
    mail: at("mail"),
    privileged: at("watcher"),
    query: "SELECT 1",
    write: null,
    maxLagSeconds: null,
    everySeconds: 1,
    deadlineSeconds: 20,
    required: true,
    ...settings,
  });
  probes.push(collector);
  return async () => {
    const { observations } = await collector.poll(AbortSignal.timeout(120_000));
    const [observation] = observations;
    if (observation?.kind !== "probe") throw new Error("no probe result");
    return observation;
  };
}

async function connect(role = "root"): Promise<Connection & { threadId: number }> {
  const client = await createConnection({ uri: server.url(role) });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

test("a healthy server: connect and query times, connections, nothing blocked", async () => {
  const ask = probe();
  const first = await ask();
  expect(first).toMatchObject({ ok: true, type: "mysql", id: "db" });
  expect(first.details?.connectSeconds).toBeGreaterThan(0);
  const second = await ask();
  expect(second.details?.connectSeconds, "the second look-up uses the kept connection").toBeUndefined();
  expect(second.details).toMatchObject({ lockWaits: 0, blocked: [], ddl: [], connectionsMax: 12 });
  expect(second.details?.connectionsUsed).toBeGreaterThanOrEqual(2);
  expect(second.details).not.toHaveProperty("blind");
});

test("a DROP TABLE behind a long transaction blocks the readers: who blocks whom is named", async () => {
  const [holder, dropper, reader] = [await connect(), await connect(), await connect("mail")];
  await holder.query("BEGIN");
  await holder.query("SELECT * FROM mailbox WHERE address = 'secret@customer.example'");
  const dropped = dropper.query("/* routine push 4711 */ DROP TABLE mailbox").catch(() => undefined);
  const ask = probe();
  await until("the DROP waits", async () => (await ask()).details?.lockWaits === 1);
  const read = reader
    .query('SELECT owner FROM mailbox WHERE address = "it\\"s private@customer.example" LIMIT 10')
    .catch(() => undefined);
  const { details, ok } = await until("the reader waits behind it", async () => {
    const result = await ask();
    // Its transactions are told a moment later.
    return result.details?.lockWaits === 2 && result.details.longestTransactionSeconds !== undefined && result;
  });

  expect(ok, "SELECT 1 sees none of it").toBe(true);
  const named = Object.fromEntries((details?.blocked ?? []).map((row) => [row.session, row]));
  expect(named[`${dropper.threadId} root@mail`]).toMatchObject({
    blockedBy: [`${holder.threadId} root@mail`],
    statement: "DROP TABLE mailbox",
  });
  expect(named[`${reader.threadId} mail@mail`]).toMatchObject({
    blockedBy: [`${dropper.threadId} root@mail`],
    statement: "SELECT owner FROM mailbox WHERE address = ? LIMIT ?",
  });
  expect(details?.ddl).toMatchObject([{ session: `${dropper.threadId} root@mail`, granted: false }]);
  expect(details?.longestWaitSeconds).toBeGreaterThan(0);
  expect(details?.longestTransactionSeconds).toBeGreaterThanOrEqual(details?.longestWaitSeconds ?? 0);
  expect(JSON.stringify(details)).not.toMatch(/customer|4711/u);

  const own = probe({ query: "SELECT owner FROM mailbox LIMIT 1", deadlineSeconds: 4 });
  expect(await own()).toMatchObject({
    ok: false,
    error: expect.stringContaining(": the look-up waited for a lock and was given up (1205)") as string,
  });
  await holder.query("ROLLBACK");
  await Promise.all([dropped, read]);
});

test("a row that another transaction holds: both are named", async () => {
  const [holder, waiter] = [await connect(), await connect()];
  await holder.query("BEGIN");
  await holder.query("UPDATE mailbox SET owner = 'x'");
  const waits = waiter.query("UPDATE mailbox SET owner = 'y'").catch(() => undefined);
  const ask = probe();
  const { details } = await until(
    "the row lock shows",
    async () => {
      const result = await ask();
      return result.details?.lockWaits === 1 && result;
    },
    { everyMs: 150 },
  );
  expect(details?.blocked).toMatchObject([
    { session: `${waiter.threadId} root@mail`, blockedBy: [`${holder.threadId} root@mail`] },
  ]);
  await holder.query("ROLLBACK");
  await waits;
});

test("LOCK TABLES is seen without anybody waiting", async () => {
  const holder = await connect();
  await holder.query("LOCK TABLES mailbox WRITE");
  const { details } = await probe()();
  expect(details?.ddl).toMatchObject([{ session: `${holder.threadId} root@mail`, granted: true }]);
});

test("a stopped server is a result within the deadline, and the same probe sees it come back", async () => {
  const ask = probe({ deadlineSeconds: 2 });
  expect((await ask()).ok).toBe(true);
  server.freeze();
  let tookMs = 0;
  // Its threads stop one after the other: a look-up may still slip through.
  const hung = await until("it hangs", async () => {
    const startMs = steadyMs();
    const result = await ask();
    tookMs = steadyMs() - startMs;
    return !result.ok && result;
  });
  expect(tookMs).toBeLessThan(3_000);
  expect(hung).toMatchObject({
    ok: false,
    error: expect.stringContaining(": no answer within 2 s (the look-up)") as string,
  });
  expect(hung.details?.blind).toContain("no answer within 2 s");
  server.thaw();
  const back = await until("it answers again", async () => {
    const result = await ask();
    return result.ok && result;
  });
  expect(back.details).not.toHaveProperty("blind");
});

test("the server is told to give up too: a long look-up leaves no busy session", async () => {
  const ask = probe({ query: "SELECT SLEEP(30)", privileged: null, deadlineSeconds: 4 });
  expect((await ask()).error).toContain(": the look-up was not finished within 4 s and was cancelled (1969)");
  const asleep =
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(%' AND USER = 'mail'";
  await until("no session sleeps", () => server.sql(asleep) === "0");
});

test("no connection left: 1040 is named, and the kept privileged connection still counts", async () => {
  const ask = probe({ everySeconds: 60 });
  await ask();
  const taken: Connection[] = [];
  for (;;) {
    const client = await connect("mail").catch(() => null);
    if (client === null) break;
    taken.push(client);
  }
  expect((await ask()).ok, "the kept connection still works").toBe(true);
  const fresh = await ask();
  expect(fresh.error).toMatch(/: no connection left: .*\(1040\)$/u);
  expect(fresh.details?.connectionsMax).toBe(12);
  expect(fresh.details?.connectionsUsed).toBeGreaterThanOrEqual(12);
  await taken.pop()?.end();
  await until("a mail process would find room", async () => (await ask()).ok);
});

test("killed and started again: failing in words, then well by itself", async () => {
  const ask = probe();
  await ask();
  await server.kill();
  expect(await ask()).toMatchObject({
    ok: false,
    error: `the database at 127.0.0.1:${server.port} refuses connections: nothing listens there`,
  });
  await server.start();
  expect(await ask()).toMatchObject({ ok: true });
});

test("the write canary writes, and a server that takes no writes is named", async () => {
  const ask = probe({ mail: at("writer"), write: "UPDATE canary SET seen = seen + 1" });
  const wrote = await ask();
  expect(wrote).toMatchObject({ ok: true });
  expect(wrote.details?.writeSeconds).toBeGreaterThan(0);
  expect(server.sql("SELECT seen FROM mail.canary")).toBe("1");
  server.sql("SET GLOBAL read_only = 1");
  const refused = await ask();
  expect(causesOf(refused)).toEqual(["writes-refused"]);
  expect(refused.error).toMatch(/^the write canary: .+: the server takes no writes: .*\(1290\)$/u);
  server.sql("SET GLOBAL read_only = 0");
});

test("a copy: in step, late, stopped by an error that is quoted, without its source, on purpose", async () => {
  const [source, copy] = await Promise.all([
    startMariadb(["--server-id=1", "--log-bin=binlog"]),
    startMariadb(["--server-id=2"]),
  ]);
  try {
    source.sql(
      "CREATE USER copier@'127.0.0.1'; CREATE TABLE mail.late (id int PRIMARY KEY); GRANT REPLICATION SLAVE ON *.* TO copier@'127.0.0.1'",
    );
    copy.sql("CREATE TABLE mail.late (id int PRIMARY KEY)");
    copy.sql("CREATE USER watcher@'127.0.0.1'; GRANT PROCESS, REPLICA MONITOR ON *.* TO watcher@'127.0.0.1'");
    const [file = "", position = ""] = source.sql("SHOW MASTER STATUS").split("\t");
    const from = `MASTER_HOST='127.0.0.1', MASTER_PORT=${source.port}, MASTER_USER='copier', MASTER_CONNECT_RETRY=1`;
    copy.sql(`CHANGE MASTER TO ${from}, MASTER_LOG_FILE='${file}', MASTER_LOG_POS=${position}; START SLAVE`);
    const ask = probe({
      mail: addressOf(copy.url("watcher", ""), null),
      privileged: addressOf(copy.url("watcher", ""), null),
      maxLagSeconds: 2,
    });
    const failing = (what: string) =>
      until(what, async () => {
        const seen = await ask();
        return !seen.ok && seen;
      });
    const well = () => until("it is in step", async () => (await ask()).details?.replicationLagSeconds === 0);
    await well();

    copy.sql("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY=600; START SLAVE");
    source.sql("INSERT INTO mail.late VALUES (1)");
    const late = await failing("it is late");
    expect(causesOf(late)).toEqual(["replication-lag"]);
    expect(late.details).toMatchObject({ fault: "replication" });
    expect(late.error).toMatch(/: replication is \d+ s behind, more than 2 s$/u);
    copy.sql("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY=0; START SLAVE");
    await well();

    copy.sql("INSERT INTO mail.late VALUES (2)");
    source.sql("INSERT INTO mail.late VALUES (2)");
    const stumbles = (await failing("it stumbles")).error;
    expect(stumbles).toMatch(/: replication has stopped: .*Duplicate entry/u);
    // What is copied are customers' data.
    expect(stumbles).not.toMatch(/Query|INSERT|VALUES/u);
    copy.sql("DELETE FROM mail.late WHERE id = 2; START SLAVE");
    await well();

    await source.kill();
    expect((await failing("its source is missed")).error).toMatch(
      /: replication has stopped: .*(?:connect|reconnect)/iu,
    );
    copy.sql("STOP SLAVE");
    expect((await ask()).details).toMatchObject({ fault: "replication" });
  } finally {
    await Promise.all([source.stop(), copy.stop()]);
  }
});

test("TLS: asked for, and the certificate looked at where that is wanted", async () => {
  const authority = makeAuthority();
  const { certPath, keyPath } = authority.make();
  const secure = await startMariadb([`--ssl-cert=${certPath}`, `--ssl-key=${keyPath}`]);
  try {
    secure.sql("CREATE USER mail@'127.0.0.1' REQUIRE SSL");
    const errorOf = async (tls: MysqlAddress["tls"]) =>
      (await probe({ mail: addressOf(secure.url("mail", ""), tls), privileged: null })()).error;
    expect(await errorOf({ verify: false, ca: null })).toBeUndefined();
    expect(await errorOf({ verify: true, ca: authority.ca })).toBeUndefined();
    expect(await errorOf({ verify: true, ca: null })).toMatch(/certificate/u);
    expect(await errorOf(null)).toContain(
      ": the password is not accepted, the role must come by TLS, or the role may not come from here (1045)",
    );
  } finally {
    await secure.stop();
    authority.remove();
  }
});

test("a role without PROCESS is blind and says so", async () => {
  expect((await probe({ privileged: at("blind") })()).details?.blind).toMatch(/PROCESS.*\(1227\)/u);
  expect((await probe({ privileged: null })()).details?.blind).toContain("no privileged connection");
  expect((await probe({ privileged: at("nobody") })()).details?.blind).toContain("(1045)");
});
