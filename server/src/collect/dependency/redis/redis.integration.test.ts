import { createServer, type Socket } from "node:net";
import { rmSync } from "node:fs";
import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeAuthority } from "../../../../test/real/certificates.ts";
import { asked, causesOf } from "../../../../test/real/probing.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { type RealRedis, startRedis } from "../../../../test/real/redis.ts";
import type { PollCollector } from "../../collector.ts";
import { redis } from "./index.ts";

let server: RealRedis;
const others: RealRedis[] = [];
beforeAll(async () => {
  server = await startRedis({ "busy-reply-threshold": "200", maxclients: "20" });
});
afterEach(async () => {
  server.thaw();
  await Promise.all(others.splice(0).map((other) => other.stop()));
});
afterAll(() => server.stop());

function probe(more: Readonly<Record<string, unknown>> = {}, port = server.port): PollCollector {
  const url = `redis://127.0.0.1:${port}`;
  return redis.create(redis.config.parse({ url, every: "1s", deadline: "20s", ...more }), {
    id: dependencyId("cache"),
  });
}
/** The recipe of the README, with a password that stands in a variable. */
function signedIn(user: string, password: string, port = server.port): PollCollector {
  process.env["MAILTIDE_TEST_REDIS"] = `redis://${user}:${password}@127.0.0.1:${port}`;
  return probe({ url: { env: "MAILTIDE_TEST_REDIS" } });
}
async function another(settings: Readonly<Record<string, string>> = {}): Promise<RealRedis> {
  const other = await startRedis(settings);
  others.push(other);
  return other;
}

test("a healthy server: times, connections, memory", async () => {
  server.cli("CONFIG", "SET", "maxmemory", "100mb");
  const seen = await asked(probe());
  server.cli("CONFIG", "SET", "maxmemory", "0");
  expect(seen).toMatchObject({ ok: true, type: "redis", details: { connectionsMax: 20, blockedClients: 0 } });
  expect(seen.details?.connectionsUsed).toBeGreaterThanOrEqual(1);
  expect(seen.details?.memoryShare).toBeGreaterThan(0);
  expect(seen.details?.querySeconds).toBeGreaterThan(0);
  expect(seen.details).not.toHaveProperty("blind");
});

test("an account of ours sees all with +ping +info, and says which right is missing", async () => {
  server.cli("ACL", "SETUSER", "mailtide", "on", ">geheim", "resetkeys", "-@all", "+ping", "+info");
  const well = await asked(signedIn("mailtide", "geheim"));
  expect(well).toMatchObject({ ok: true });
  expect(well.details).not.toHaveProperty("blind");
  server.cli("ACL", "SETUSER", "mailtide", "-info");
  expect((await asked(signedIn("mailtide", "geheim"))).details?.blind).toContain("the user may not INFO");
  server.cli("ACL", "SETUSER", "mailtide", "-ping");
  expect((await asked(signedIn("mailtide", "geheim"))).error).toMatch(/: the user may not PING: NOPERM/u);
  const wrong = await asked(signedIn("mailtide", "wrong"));
  expect(wrong.error).toContain(": does not accept the password or the user (WRONGPASS)");
});

test("a password that is wanted and not given", async () => {
  const other = await another({ requirepass: "geheim" });
  expect((await asked(probe({}, other.port))).error).toContain(": wants a password and got none (NOAUTH)");
});

test("no connection left is named, though the server hangs up as it says so", async () => {
  const other = await another();
  const listeners = Array.from({ length: 3 }, () => other.send("BLPOP", "nothing", "0"));
  // Whoever looked while they come would take the place of one of them, which then gives up.
  await until("all three to wait", () => other.cli("INFO", "clients").includes("blocked_clients:3"));
  other.cli("CONFIG", "SET", "maxclients", "3");
  const seen = await until("all are taken", async () => {
    const result = await asked(probe({}, other.port));
    return !result.ok && result;
  });
  expect(seen.error).toContain(": no connection left: ERR max number of clients reached");
  await Promise.all(listeners.map((listener) => listener.stop()));
});

test("a script that holds everything up is called that, not only no answer", async () => {
  const script = server.send("EVAL", "while true do end", "0");
  const { error } = await until("the script to be known as slow", async () => {
    const result = await asked(probe());
    return result.error?.includes("BUSY") === true && result;
  });
  expect(error).toContain(": busy: a script holds up everything else (BUSY)");
  server.cli("SCRIPT", "KILL");
  await script.stop();
  await until("it to be well again", async () => (await asked(probe())).ok);
});

test("TLS that only one side speaks is named, whatever it looks like", async () => {
  const authority = makeAuthority();
  try {
    const { certPath, keyPath } = authority.make();
    const tlsPort = await freePort();
    const both = await another({
      "tls-port": String(tlsPort),
      "tls-cert-file": certPath,
      "tls-key-file": keyPath,
      "tls-ca-cert-file": authority.caPath,
      "tls-auth-clients": "no",
    });
    const said = async (url: string, more: object = {}): Promise<string | undefined> =>
      (await asked(probe({ url, ...more }))).error;
    expect(await said(`rediss://127.0.0.1:${tlsPort}`, { ca: authority.caPath })).toBeUndefined();
    expect(await said(`rediss://127.0.0.1:${tlsPort}`)).toContain(
      ": the certificate is signed by an authority that is not known here",
    );
    expect(await said(`redis://127.0.0.1:${tlsPort}`)).toContain(": wants TLS: rediss:// in place of redis://");
    // It takes the handshake for a command that has not ended, and is silent.
    const handshake = { ca: authority.caPath, deadline: "2s" };
    expect(await said(`rediss://127.0.0.1:${both.port}`, handshake)).toContain(
      ": speaks no TLS: redis:// in place of rediss://",
    );
    both.freeze();
    for (const port of [both.port, tlsPort])
      expect(await said(`rediss://127.0.0.1:${port}`, { ...handshake, deadline: "1s" })).toContain(
        ": no answer within 1 s",
      );
    both.thaw();
  } finally {
    authority.remove();
  }
});

test("memory that is full: a concern before, refused writes then", async () => {
  server.cli("SETRANGE", "ballast", "2000000", "x");
  const used = /used_memory:(\d+)/u.exec(server.cli("INFO", "memory"))?.[1];
  server.cli("CONFIG", "SET", "maxmemory-policy", "noeviction");
  server.cli("CONFIG", "SET", "maxmemory", String(Math.round(Number(used) * 0.9)));
  const canary = { write: "mailtide:canary" };
  const full = await asked(probe(canary));
  expect(full).toMatchObject({ ok: false, details: { fault: "writes" } });
  expect(causesOf(full)).toEqual(["writes-refused"]);
  expect(full.error).toContain(
    ": the write canary: takes no writes: its memory is full and nothing may be evicted (OOM)",
  );
  const reading = await asked(probe());
  expect(reading).toMatchObject({ ok: true });
  expect(reading.details?.concern).toMatch(/% of its memory is used and nothing may be evicted/u);
  server.cli("CONFIG", "SET", "maxmemory", "0");
  server.cli("DEL", "ballast");
  const wrote = await asked(probe(canary));
  expect(wrote).toMatchObject({ ok: true });
  expect(wrote.details?.writeSeconds).toBeGreaterThan(0);
  expect(Number(server.cli("TTL", "mailtide:canary"))).toBeGreaterThan(0);
});

test("a snapshot that cannot be written: a server that refuses writes says so to a PING, one that does not is a concern", async () => {
  const other = await another({ save: "3600 1" });
  other.cli("SET", "a", "1");
  // Root may write anywhere, but nobody in a folder that is gone.
  rmSync(other.folder, { recursive: true });
  other.cli("BGSAVE");
  const seen = await until("the snapshot to fail", async () => {
    const result = await asked(probe({}, other.port));
    return !result.ok && result;
  });
  expect(seen).toMatchObject({ details: { fault: "writes" } });
  expect(seen.error).toContain(": takes no writes: its last snapshot or append to disk failed (MISCONF)");
  other.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
  const goesOn = await asked(probe({ write: "mailtide:canary" }, other.port));
  expect(goesOn).toMatchObject({ ok: true });
  expect(goesOn.details?.concern).toMatch(/^its last snapshot failed/u);
});

test("a replica: takes no writes, has lost its master, and a master whose replica says nothing", async () => {
  const master = await another({ "repl-timeout": "5", "repl-diskless-sync-delay": "0" });
  const replica = await another({ replicaof: `127.0.0.1 ${master.port}`, "repl-timeout": "5" });
  await until("the replica to be in step", async () => {
    const result = await asked(probe({}, replica.port));
    return result.ok && result.details?.replicationLagSeconds !== undefined;
  });
  const readonly = await asked(probe({ write: "mailtide:canary" }, replica.port));
  expect(readonly.error).toContain(": the write canary: takes no writes: it is a replica (READONLY)");

  replica.freeze();
  const behind = await until("the replica to fall silent", async () => {
    const result = await asked(probe({ maxLag: "1s" }, master.port));
    return !result.ok && result;
  });
  expect(behind).toMatchObject({ details: { fault: "replication" } });
  expect(causesOf(behind)).toEqual(["replication-lag"]);
  expect(behind.error).toMatch(/: the replica at 127\.0\.0\.1:\d+ has said nothing for \d+ s$/u);
  replica.thaw();

  await master.kill();
  const orphan = await until("the master to be missed", async () => {
    const result = await asked(probe({}, replica.port));
    return !result.ok && result;
  });
  expect(orphan.error).toMatch(/: the replica has lost its master/u);
});

test("loading after a start is not an answer", async () => {
  const other = await another({
    save: "3600 1",
    "enable-debug-command": "yes",
    "key-load-delay": "10000",
    "loading-process-events-interval-bytes": "1024",
  });
  other.cli("DEBUG", "POPULATE", "5000");
  other.cli("SAVE");
  await other.kill();
  await other.start();
  expect((await asked(probe({}, other.port))).error).toContain(
    ": still loads its data after a start and answers nothing else (LOADING)",
  );
});

test("stopped: a result at the deadline; killed and started again: refused, then well", async () => {
  const other = await another();
  const ask = probe({ deadline: "1s" }, other.port);
  other.freeze();
  const hung = await asked(ask);
  expect(hung.error).toContain(": no answer within 1 s");
  other.thaw();
  await other.kill();
  expect((await asked(ask)).error).toContain(": connection refused");
  await other.start();
  expect(await asked(ask)).toMatchObject({ ok: true });
});

test("while it fails it is asked less and less, one connection at a time, and leaves none behind", async () => {
  let now = 0;
  let most = 0;
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, (now += 1));
    socket
      .resume()
      .on("error", () => undefined)
      .on("close", () => {
        now -= 1;
        sockets.delete(socket);
      });
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const ask = probe({ deadline: "100ms" }, port);
  const pauses: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await asked(ask);
    await until("nothing stays open", () => now === 0);
    pauses.push(ask.everySeconds);
  }
  expect(pauses).toEqual([1, 1, 2, 3, 4]);
  expect(most).toBe(1);
  await new Promise((resolve) => silent.close(resolve));
});
