import { createServer } from "node:http";
import { measurements } from "../../core/measurement.ts";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RealInflux, startInflux } from "../../../test/real/influx.ts";
import { until } from "../../../test/real/process.ts";
import type { Point } from "../../core/measurement.ts";
import { seriesContract } from "../../../test/contract/series.ts";
import { openInfluxSeries } from "./open.ts";

let influx: RealInflux;
beforeAll(async () => {
  influx = await startInflux();
});
afterAll(() => influx.stop());

/** Whoever is not to give up here has time: a busy machine takes its own. */
const timeoutMs = 120_000;
const open = (more: { timeoutMs?: number; url?: string; database?: string } = {}) =>
  openInfluxSeries({ url: influx.url, database: "mailtide", timeoutMs, ...more });
const point = (atMs: number, site = "one"): Point => ({
  measurement: "mail_sources",
  tags: { site },
  atMs,
  fields: { distinct: 1 },
});
const query = {
  tier: "10s",
  measurement: "mail_sources",
  tags: {},
  fields: ["distinct"],
  fromMs: 0,
  toMs: 8e12,
  limit: 10,
} as const;

describe("InfluxDB series store", () => {
  seriesContract((retention) =>
    openInfluxSeries({ url: influx.url, database: "mailtide", timeoutMs, ...(retention && { retention }) }),
  );

  test("hostile tags made no other measurement", async () => {
    const answer = await influx.query("SHOW MEASUREMENTS", "mailtide");
    const ours = Object.keys(measurements)
      .toSorted()
      .map((name) => [name]);
    expect(answer).toMatchObject({ results: [{ series: [{ values: ours }] }] });
  });

  test("points that the server refuses are counted, the good ones of the batch are stored", async () => {
    await influx.query("CREATE DATABASE conflict");
    const store = await open({ database: "conflict" });
    await store.ping();
    const form = { method: "POST", body: "mail_sources,site=typed distinct=1i" };
    expect((await fetch(`${influx.url}/write?db=conflict&rp=10s`, form)).status).toBe(204);
    const nowMs = Date.now();
    const tooOld = point(nowMs - 30 * 86_400_000);
    expect(await store.write("10s", [tooOld, { ...point(nowMs), fields: { fresh: 4 } }, tooOld])).toEqual({
      written: 1,
      dropped: 2,
    });
    expect(await store.write("10s", [point(nowMs, "typed")])).toEqual({ written: 0, dropped: 1 });
    expect(await store.read({ ...query, fields: ["fresh"] })).toHaveLength(1);
    await store.close();
  });

  test("retention that differs is altered", async () => {
    await influx.query("CREATE DATABASE altered");
    await influx.query('CREATE RETENTION POLICY "10s" ON altered DURATION 2h REPLICATION 1');
    const store = await open({ database: "altered" });
    await store.ping();
    expect(JSON.stringify(await influx.query("SHOW RETENTION POLICIES ON altered"))).toContain('"10s","168h0m0s"');
    await store.close();
  });

  test("a server that is away, hung, back or replaced by an empty one", async () => {
    const store = await open({ timeoutMs: 4_000, database: "moving" });
    await store.write("10s", [point(Date.now())]);
    await influx.freeze();
    await expect(store.write("10s", [point(Date.now())])).rejects.toMatchObject({ name: "StoreUnavailable" });
    await expect(store.ping()).rejects.toMatchObject({
      name: "StoreUnavailable",
      message: `InfluxDB at ${influx.url} did not answer within 4 s (list its databases): see its log, and its disk`,
    });
    influx.thaw();
    await until("the store takes points after the thaw", () =>
      store.write("10s", [point(Date.now())]).catch(() => null),
    );
    await influx.kill();
    await expect(store.write("10s", [point(Date.now())])).rejects.toThrow(
      `InfluxDB at ${influx.url} refuses connections: nothing listens there; start it, or correct store.series.url`,
    );
    await influx.start();
    await store.write("10s", [point(Date.now())]);
    await influx.query("DROP DATABASE moving");
    await expect(store.write("10s", [point(Date.now())])).rejects.toMatchObject({ name: "StoreUnavailable" });
    expect(await store.write("10s", [point(Date.now())])).toEqual({ written: 1, dropped: 0 });
    expect(await store.read(query)).toHaveLength(1);
    await store.close();
  });

  test("accounts: a wrong password is told, an administrator sets up, a plain user then suffices", async () => {
    const admin = { username: "root", password: "secret-1" };
    const guarded = await startInflux({ admin });
    const as = (username: string, password: string) =>
      openInfluxSeries({ url: guarded.url, database: "mailtide", username, password: { reveal: () => password } });
    const stranger = await as("root", "wrong");
    await expect(stranger.write("10s", [point(Date.now())])).rejects.toThrow(
      /does not take the account "root" with this password \(authorization failed\): see store.series.username and password/,
    );
    const nobody = await openInfluxSeries({ url: guarded.url, database: "mailtide" });
    await expect(nobody.ping()).rejects.toThrow(/wants an account \(.*\): see store.series.username and password$/);
    await guarded.query("CREATE USER plain WITH PASSWORD 'secret-2'");
    const plain = await as("plain", "secret-2");
    await expect(plain.write("10s", [point(Date.now())])).rejects.toMatchObject({
      name: "StoreUnavailable",
      message: expect.stringMatching(/does not let this account .* says GRANT ALL ON "mailtide" TO "plain"$/) as string,
    });
    const root = await as("root", "secret-1");
    expect(await root.write("10s", [point(Date.now())])).toEqual({ written: 1, dropped: 0 });
    await guarded.query("GRANT ALL ON mailtide TO plain");
    expect(await plain.write("10s", [point(Date.now())])).toEqual({ written: 1, dropped: 0 });
    expect(await plain.read(query)).toHaveLength(2);
    await Promise.all([stranger.close(), nobody.close(), plain.close(), root.close()]);
    await guarded.stop();
  });

  test("a web page in place of InfluxDB is told in words, and no point is believed to be stored", async () => {
    const page = createServer((_, response) => response.end("<html>Welcome</html>")).listen(0, "127.0.0.1");
    await new Promise((resolve) => page.once("listening", resolve));
    const store = await open({ url: `http://127.0.0.1:${(page.address() as AddressInfo).port}` });
    await expect(store.write("10s", [point(Date.now())])).rejects.toThrow(/is no InfluxDB 1.x/);
    await store.close();
    page.close();
  });

  test.each([
    ["http://nosuch.invalid:8086", "has a name that nobody knows: correct store.series.url"],
    ["https://TARGET", "is not spoken to: its TLS fails"],
  ])("an address that was mistyped, %s", async (mistyped, words) => {
    const url = mistyped.replace("TARGET", new URL(influx.url).host);
    const store = await open({ url });
    await expect(store.ping()).rejects.toThrow(`InfluxDB at ${url} ${words}`);
    await store.close();
  });
});
