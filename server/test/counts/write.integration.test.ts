import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { DelayEstimate } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runCli } from "../../src/cli/index.ts";
import type { CountsObservation, Observation } from "../../src/core/observation.ts";
import { parserFor } from "../../src/replay-parser.ts";
import { openCapture } from "../../src/replay/capture.ts";
import { runCapture } from "../../src/replay/run.ts";
import { startLiveApp } from "../real/live-app.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";

const folder = temporaryFolder("write");
const config = join(folder.path, "mailtide.yaml");
const secrets = { ALL: "all-secret-0123456789", MX3: "mx3-secret-0123456789", WALL: "wall-secret-0123456789" };
let app: App;
let url = "";

beforeAll(async () => {
  for (const [name, secret] of Object.entries(secrets)) process.env[`WRITE_${name}`] = secret;
  writeFileSync(
    config,
    `version: 1
server: { port: ${await freePort()}, state: ${JSON.stringify(join(folder.path, "state"))} }
auth:
  tokens:
    - { name: all, secret: { env: WRITE_ALL }, scopes: [ingest, admin] }
    - { name: mx3, secret: { env: WRITE_MX3 }, scopes: [ingest], node: mx3 }
    - { name: wall, secret: { env: WRITE_WALL }, scopes: [read] }
nodes:
  - { id: mx3, collect: [{ type: influx-write, host: [mx3.example.org] }] }
  - { id: mx4, collect: [{ type: influx-write, host: [mx4.example.org], limit: 5m }] }
`,
  );
  app = await startLiveApp(config, join(folder.path, "state"));
  url = app.url;
});
afterAll(async () => {
  await app.close();
  folder.remove();
});

interface Sent {
  readonly path?: string;
  readonly as?: string;
  readonly headers?: Record<string, string>;
}
const basic = (secret: string): string => `Basic ${Buffer.from(`telegraf:${secret}`).toString("base64")}`;
async function post(body: string | Uint8Array, { path = "/write?db=telegraf", as, headers }: Sent = {}) {
  const authorization = as ?? basic(secrets.ALL);
  const answer = await fetch(url + path, {
    method: "POST",
    body: body as never,
    headers: { authorization, ...headers },
  });
  const text = await answer.text();
  return [answer.status, text === "" ? "" : (JSON.parse(text) as unknown)];
}

/** As inputs.postfix gathers and outputs.influxdb writes it (Telegraf's source): nanoseconds, whole seconds, one body. */
const telegraf = (host: string, deferred: number, nowMs = Date.now()): string =>
  ["active", "hold", "incoming", "maildrop"]
    .map((queue) => `postfix_queue,host=${host},queue=${queue} length=0i,size=0i,age=0i`)
    .concat(`postfix_queue,host=${host},queue=deferred length=${deferred}i,size=4096i,age=60i`)
    .map((line) => `${line} ${Math.floor(nowMs / 1000)}000000000\n`)
    .join("");

let captures = 0;
async function recorded(): Promise<readonly Observation[]> {
  const out = join(folder.path, `capture-${++captures}`);
  expect(
    await runCli(["capture", "--config", config, "--last", "1h", "--token", secrets.ALL, "--out", out], signal),
  ).toBe(0);
  return gunzipSync(readFileSync(join(out, "observations.jsonl.gz")))
    .toString("utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : (JSON.parse(line) as { take: Observation[] }).take));
}
const signal = new AbortController().signal;
const countsIn = (all: readonly Observation[]): readonly CountsObservation[] =>
  all.filter((one): one is CountsObservation => one.kind === "counts");

test("Telegraf as it is: it creates its database, then writes packed points, and is told when they are durable", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const create = "q=CREATE+DATABASE+%22telegraf%22";
  expect(await post(create, { path: "/query", headers: form })).toEqual([200, { results: [{ statement_id: 0 }] }]);
  const packed = { "content-type": "text/plain; charset=utf-8", "content-encoding": "gzip" };
  expect(await post(gzipSync(telegraf("mx3.example.org", 41)), { headers: packed })).toEqual([204, ""]);
  const counts = countsIn(await recorded()).filter(({ node }) => node === "mx3");
  expect(counts.at(-1)).toMatchObject({
    by: "mx3/influx-write",
    whole: false,
    queues: {
      deferred: { count: 41, bytes: 4096, oldestAgeSeconds: 60, ageIsAtLeast: true },
      active: { count: 0, bytes: 0, oldestAgeSeconds: null },
    },
  });
});

test.each([
  ["Token", `Token ${secrets.ALL}`, "/write?db=x"],
  ["Token of 1.8", `Token telegraf:${secrets.ALL}`, "/write?db=x"],
  ["Bearer", `Bearer ${secrets.ALL}`, "/write?db=x&precision=ms"],
  ["u and p", "", `/write?db=x&u=t&p=${secrets.ALL}`],
  ["version 2", `Token ${secrets.ALL}`, "/api/v2/write?org=o&bucket=b&precision=ns"],
])("the token is taken as %s", async (_what, as, path) => {
  expect(await post("cpu,host=mx4.example.org usage=3\n", { as, path })).toEqual([204, ""]);
});

test("refusals have InfluxDB's form, and its status", async () => {
  expect(await post("a v=1", { as: basic("wrong-secret") })).toEqual([401, { error: "authorization failed" }]);
  expect(await post("a v=1", { as: "" })).toEqual([401, { error: "authorization failed" }]);
  expect((await post("a v=1", { as: basic(secrets.WALL) }))[0]).toBe(403);
  expect(await post("a v=1", { path: "/write" })).toEqual([400, { error: "database is required" }]);
  expect((await post("a v=1", { path: "/write?db=x&precision=y" }))[0]).toBe(400);
  expect(await post("nothing")).toEqual([400, { error: "unable to parse 'nothing': missing fields" }]);
  expect((await post("DROP", { path: "/query?q=DROP+DATABASE+x" }))[0]).toBe(400);
  const tooLarge = { error: "Request Entity Too Large" };
  expect(await post(Buffer.alloc(9 << 20, "a"))).toEqual([413, tooLarge]);
  const gzip = { headers: { "content-encoding": "gzip" } };
  expect(await post(gzipSync(Buffer.alloc(9 << 20, "a")), gzip)).toEqual([413, tooLarge]);
  expect(await post("no gzip", gzip)).toEqual([400, { error: "the body could not be read: plain or gzip is" }]);
  const [status, body] = await post("x", { path: "/api/v2/write?bucket=b", as: `Token ${secrets.ALL}` });
  expect([status, body]).toEqual([400, { code: "invalid", message: "unable to parse 'x': missing fields" }]);
  const ping = await fetch(`${url}/ping`);
  expect([ping.status, ping.headers.get("x-influxdb-version")]).toEqual([204, "1.8-mailtide"]);
});

test("of a partial write the good points are taken", async () => {
  const [status, body] = await post(`${telegraf("mx4.example.org", 77)}broken\n`);
  expect([status, body]).toEqual([400, { error: "partial write: unable to parse 'broken': missing fields dropped=1" }]);
  const counts = countsIn(await recorded()).filter(({ node }) => node === "mx4");
  expect(counts.at(-1)?.queues["deferred"]?.count).toBe(77);
});

test("a host that nobody configured makes no node, and a node's token speaks of no other: counted, and shown", async () => {
  expect(await post(telegraf("stranger.example.org", 5))).toEqual([204, ""]);
  expect(await post(telegraf("mx4.example.org", 9_999), { as: basic(secrets.MX3) })).toEqual([204, ""]);
  const told = await until(
    "the strangers to be told",
    async () => {
      const all = await recorded();
      return all.find((one) => one.kind === "health" && one.collector === "influx-write" && one.state === "failing");
    },
    { everyMs: 300 },
  );
  expect(told).toMatchObject({ node: null, required: false });
  const shown = await fetch(`${url}/api/v1/collectors`, { headers: { authorization: `Bearer ${secrets.WALL}` } });
  expect(await shown.text()).toContain("the last of mx4.example.org with a token that speaks for the node mx3 alone");
  const counts = countsIn(await recorded());
  expect([...new Set(counts.map(({ node }) => node))].sort()).toEqual(["mx3", "mx4"]);
  expect(counts.some(({ queues }) => queues["deferred"]?.count === 9_999)).toBe(false);
});

test("what was recorded is replayed: the estimate of these nodes", async () => {
  await recorded();
  const estimates: DelayEstimate[] = [];
  await runCapture({
    capture: await openCapture(join(folder.path, `capture-${captures}`), { parserFor }),
    hasPoints: false,
    onTurn: ({ state: { delay } }) => void estimates.push(...(delay.estimate === undefined ? [] : [delay.estimate])),
  });
  expect(estimates.at(-1)).toMatchObject({
    nodes: ["mx3", "mx4"],
    seconds: 60,
    atMost: true,
    atLeast: true,
    isAll: true,
  });
});
