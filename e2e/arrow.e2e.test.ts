import type { Browser, Page } from "playwright-core";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RealInflux, startInflux } from "../server/test/real/influx.ts";
import { type PagerDutyDouble, startPagerDuty } from "../server/test/real/pagerduty.ts";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../server/test/real/postfix.ts";
import { type RealPostgres, startPostgres } from "../server/test/real/postgres.ts";
import { until } from "../server/test/real/process.ts";
import { addressOf, sendMail } from "../server/test/real/smtp-load.ts";
import { steadyMs } from "../server/test/steady-clock.ts";
import { count, headlineSeconds, openWall, saidHeadline, startBrowser } from "./browser.ts";
import { readToken, routingKey, type RunningMailtide, startMailtide } from "./server.ts";
import { cohortMs, headlineOf, type TruthUnit, unitsOf } from "./truth.ts";

const names = ["embedded", "influx"] as const;
/** How old what the wall says may be, without the time in which the machine stands still. */
const freshMs = 3_000;
/** From the outage to the last punctual mail it takes less: all of it is accepted in the same five minutes. */
const lateMs = 140_000;
let ownSink: RunningSink;
let foreignSink: RunningSink;
let postfix: RunningPostfix;
let postgres: RealPostgres;
let influx: RealInflux;
let pager: PagerDutyDouble;
let browser: Browser;
const servers: RunningMailtide[] = [];
const walls: Page[] = [];
let sent = 0;
const closing: (() => Promise<void>)[] = [];

async function started<T>(make: Promise<T>, close: (made: T) => Promise<unknown>): Promise<T> {
  const made = await make;
  closing.push(async () => void (await close(made)));
  return made;
}

beforeAll(async () => {
  ownSink = await started(startSink(), (sink) => sink.stop());
  foreignSink = await started(startSink(), (sink) => sink.stop());
  const routes = { "own.test": ownSink.port, "foreign.test": foreignSink.port };
  const backoff = { minimalBackoffSeconds: 5, maximalBackoffSeconds: 10, queueRunDelaySeconds: 5 };
  postfix = await started(startPostfix({ routes, ...backoff }), (made) => made.stop());
  postgres = await started(startPostgres(), (made) => made.stop());
  postgres.sql("CREATE TABLE mailbox (id int); INSERT INTO mailbox VALUES (1)");
  influx = await started(startInflux(), (made) => made.stop());
  pager = await started(startPagerDuty({ routingKeys: names.map(routingKey) }), (made) => made.stop());
  const common = {
    logPath: postfix.logPath,
    listCommand: postfix.listCommand,
    ownHop: `127.0.0.1:${ownSink.port}`,
    databaseUrl: postgres.superUrl,
    pagerDutyUrl: pager.url,
  };
  const series = [`{ type: embedded }`, `{ type: influx, url: ${JSON.stringify(influx.url)}, database: e2e }`];
  for (const [index, name] of names.entries()) {
    servers.push(await started(startMailtide({ ...common, name, series: series[index] ?? "" }), (made) => made.stop()));
  }
  browser = await started(startBrowser(), (made) => made.close());
  for (const { url } of servers) walls.push(await openWall(browser, url, readToken));
});

afterAll(async () => {
  for (const close of closing.toReversed()) await close().catch((error: unknown) => console.error(error));
});

test("5,000 distinct clients are seen, and mail is on time", async () => {
  expect(await load(2_500, "own.test", "xclient")).toBe(2_500);
  expect(await load(2_500, "own.test", "proxy")).toBe(2_500);
  for (const wall of walls) {
    await until("the wall to show 5,000 sources", async () => {
      const text = await wall.textContent('[data-testid="distinct-sources"]');
      return Number((text ?? "").replaceAll(/\D/g, "")) >= 5_000;
    });
    expect(await saidHeadline(wall)).toBeLessThan(30);
  }
});

test("a queue full of mail for a dead remote side moves neither headline nor alert", async () => {
  await foreignSink.stop();
  await load(300, "foreign.test", "proxy");
  await until(
    "Postfix to have deferred it",
    () => postfix.queue().filter(({ queue_name }) => queue_name === "deferred").length >= 290,
  );
  for (const wall of walls) {
    await until("the wall to show it as remote", async () => (await count(wall, "waiting-remote")) >= 290);
  }
  const untilMs = Date.now() + 30_000;
  while (Date.now() < untilMs || cohortMs - (Date.now() % cohortMs) < lateMs) {
    for (const wall of walls) expect(await saidHeadline(wall)).toBeLessThan(30);
    await load(5, "own.test", "proxy");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  for (const server of servers) expect(rules(await server.incidents())).not.toContain("late-mail");
  expect(pager.received).toHaveLength(0);
});

test("own sink stops: the wall says the truth, one incident, one trigger", async () => {
  await ownSink.stop();
  const stoppedMs = steadyMs();
  const compared: { wall: number; lowest: number; highest: number }[] = [];
  // Enough that the punctual mail of the same five minutes, the first test's perhaps, does not thin it out.
  await load(20 + Math.ceil(0.08 * cohortNow().length), "own.test", "proxy");
  const truths: { readonly atMs: number; readonly seconds: number }[] = [];
  let nextLookMs = stoppedMs + 60_000;
  while (compared.length < 6) {
    await load(1, "own.test", "proxy");
    await new Promise((resolve) => setTimeout(resolve, 500));
    truths.push({ atMs: steadyMs(), seconds: truthNow() });
    if (steadyMs() < nextLookMs) continue;
    nextLookMs = steadyMs() + 4_000;
    expect(steadyMs() - stoppedMs, "the truth stays under a minute").toBeLessThan(220_000);
    if ((truths.at(-1)?.seconds ?? 0) < 65) continue;
    for (const wall of walls) {
      let askedMs = 0;
      const said = await until("the wall to say a headline", () => {
        askedMs = steadyMs();
        return headlineSeconds(wall);
      });
      truths.push({ atMs: steadyMs(), seconds: truthNow() });
      // The truth moves by steps, as a cohort grows by another twenty: the wall says that of one of its last moments, the
      // first of which has what was read last before it.
      const first = truths.findLastIndex(({ atMs }) => atMs <= askedMs - freshMs);
      const recent = truths.slice(Math.max(0, first)).map(({ seconds }) => seconds);
      compared.push({ wall: said, lowest: Math.min(...recent), highest: Math.max(...recent) });
    }
  }
  console.log(
    "headline against truth of the last moments, seconds:",
    compared
      .map(({ wall, lowest, highest }) => `${wall.toFixed(1)}/${lowest.toFixed(1)}-${highest.toFixed(1)}`)
      .join(" "),
  );
  for (const { wall, lowest, highest } of compared) {
    expect(lowest).toBeGreaterThan(55);
    expect(wall).toBeGreaterThanOrEqual(lowest - Math.max(0.05 * lowest, 2));
    expect(wall).toBeLessThanOrEqual(highest + Math.max(0.05 * highest, 2));
  }
  for (const [index, server] of servers.entries()) {
    const open = (await server.incidents()).filter(({ state }) => state !== "resolved");
    expect(open).toHaveLength(1);
    expect(rules(open)).toContain("late-mail");
    expect(await walls[index]?.locator('[data-testid="incident"]').count()).toBeGreaterThanOrEqual(1);
    expect(triggersOf(index)).toHaveLength(1);
    expect(triggersOf(index)[0]?.key).toBe(open[0]?.id);
  }
});

test("a lock that blocks readers is named with who blocks whom, then a hung server", async () => {
  await ownSink.start();
  postfix.flush();
  const holder = new Client({ connectionString: postgres.superUrl });
  const ddl = new Client({ connectionString: postgres.superUrl });
  const reader = new Client({ connectionString: postgres.superUrl });
  for (const client of [holder, ddl, reader]) {
    client.on("error", () => undefined);
    await client.connect();
  }
  await holder.query("BEGIN; SELECT * FROM mailbox");
  const dropping = ddl.query("BEGIN; LOCK TABLE mailbox IN ACCESS EXCLUSIVE MODE; COMMIT");
  await until("the request to wait", () => postgres.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") === "1");
  const reading = reader.query("SELECT * FROM mailbox");
  const lockedMs = Date.now();
  const holderPid = (await holder.query("SELECT pg_backend_pid() AS pid")).rows[0].pid as number;
  await Promise.all(
    servers.map((server) =>
      until(
        "schema-lock to be named",
        async () => {
          const alert = (await server.incidents())
            .flatMap(({ alerts }) => alerts)
            .find(({ rule }) => rule === "schema-lock");
          return alert !== undefined && JSON.stringify(alert).includes(String(holderPid));
        },
        { withinMs: 10_000 },
      ),
    ),
  );
  console.log(`schema lock named after ${((Date.now() - lockedMs) / 1000).toFixed(1)} s`);

  postgres.freeze();
  const frozenMs = Date.now();
  await Promise.all(
    servers.map((server) =>
      until(
        "database-unresponsive to be named",
        async () => rules(await server.incidents()).includes("database-unresponsive"),
        { withinMs: 10_000 },
      ),
    ),
  );
  console.log(`hung server named after ${((Date.now() - frozenMs) / 1000).toFixed(1)} s`);
  postgres.thaw();
  await holder.query("COMMIT");
  await Promise.all([dropping, reading]);
  await Promise.all([holder, ddl, reader].map((client) => client.end()));
});

test("all released: everything resolves under the key that was triggered", { timeout: 480_000 }, async () => {
  await foreignSink.start();
  postfix.flush();
  await until(
    "the queue to drain",
    () => {
      postfix.flush();
      return postfix.queue().length === 0;
    },
    { everyMs: 2_000 },
  );
  // That mail was late is true until it has been over for five minutes, or until it was hardly any of what was accepted with it.
  const cohort = cohortOf(Date.now());
  while (truthNow() >= 20 && cohortOf(Date.now()) === cohort) await load(500, "own.test", "xclient");
  for (const [index, server] of servers.entries()) {
    const key = triggersOf(index)[0]?.key ?? "";
    await until("the incident to be resolved at the double", () => pager.alert(key)?.state === "resolved", {
      withinMs: 400_000,
      everyMs: 500,
    });
    expect((await server.incidents()).filter(({ state }) => state !== "resolved")).toHaveLength(0);
    expect(new Set(eventsOf(index).map((event) => event.key))).toEqual(new Set([key]));
    expect(triggersOf(index)).toHaveLength(1);
    expect(eventsOf(index).filter((event) => event.action === "resolve")).toHaveLength(1);
  }
  expect(pager.received.filter(({ status }) => status !== 202)).toHaveLength(0);
  await until("all that was sent to be in InfluxDB", async () => {
    const flow = await influx.query('SELECT SUM("accepted") FROM "10s"."mail_flow"', "e2e");
    return JSON.stringify(flow).includes(`,${sent}]`);
  });
});

async function load(messages: number, domain: string, by: "xclient" | "proxy"): Promise<number> {
  const port = by === "proxy" ? postfix.proxyPort : postfix.smtpPort;
  const first = sent;
  sent += messages;
  const sessions = Array.from({ length: messages }, (_, index) => ({
    clientIp: addressOf(first + index),
    from: `sender${first + index}@elsewhere.test`,
    to: `rcpt${first + index}@${domain}`,
  }));
  return sendMail(sessions, { port, by });
}

const cohortOf = (atMs: number): number => Math.floor(atMs / cohortMs);
const logged = (): TruthUnit[] => [...unitsOf(postfix.logPath, new Date().getUTCFullYear()).values()];
/** What was accepted in these five minutes. */
const cohortNow = (): TruthUnit[] => logged().filter(({ acceptedMs }) => cohortOf(acceptedMs) === cohortOf(Date.now()));

/** From the log and `postqueue -j`, with none of Mailtide's code. What the queue still holds has not left. */
function truthNow(): number {
  const waiting = new Set(postfix.queue().map(({ queue_id }) => queue_id));
  const units = logged().map((unit) =>
    waiting.has(unit.queueId) ? { ...unit, leftMs: null } : { ...unit, leftMs: unit.leftMs ?? unit.acceptedMs },
  );
  return headlineOf(units, Date.now(), ({ recipient }) => !(recipient ?? "").endsWith("@foreign.test"));
}

const eventsOf = (index: number) =>
  pager.accepted().filter(({ event }) => event?.routing_key === routingKey(names[index] ?? ""));
const triggersOf = (index: number) => eventsOf(index).filter(({ action }) => action === "trigger");
const rules = (incidents: readonly { readonly alerts: readonly { readonly rule: string }[] }[]): string[] =>
  incidents.flatMap(({ alerts }) => alerts.map(({ rule }) => rule));
