import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientToServer, type LiveState, protocolVersion, type ServerToClient } from "@mailtide/shared";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { runCli } from "../../src/cli/index.ts";
import type { ReportDocument } from "../../src/replay/report/index.ts";
import { reportSchema } from "../../src/replay/report/schema.ts";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../real/postfix.ts";
import { startLiveApp } from "../real/live-app.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { addressOf, sendMail } from "../real/smtp-load.ts";

const secret = "replay-secret-0123456789";
const folder = temporaryFolder("as-shown-live");
let sink: RunningSink;
let postfix: RunningPostfix;
let app: App;
let config = "";
/** What a screen was shown, in order. */
const shown: LiveState[] = [];

const settings = (port: number, state: string): string => `version: 1
site: { id: real, name: A real Postfix, timezone: Africa/Johannesburg }
server: { port: ${port}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: ops, secret: { env: REPLAY_SECRET }, scopes: [read, admin] }] }
nodes:
  - id: mx1
    timezone: UTC
    ownDomains: [own.test]
    ownHops: ["127.0.0.1:${sink.port}"]
    backoff: { minimal: 5s, maximal: 10s, queueRunDelay: 5s }
    collect:
      - { type: postfix-log, path: ${JSON.stringify(postfix.logPath)}, from: start }
      - { type: postfix-queue, every: 5s, command: ${JSON.stringify(postfix.listCommand)} }
delay: { target: 30s }
alerts: { resolveAfter: 10s }
`;

async function watch(): Promise<Socket<ServerToClient, ClientToServer>> {
  const socket: Socket<ServerToClient, ClientToServer> = io(app.url, {
    transports: ["websocket"],
    forceNew: true,
    auth: { token: secret },
  });
  let state: LiveState | null = null;
  socket.on("snapshot", (message) => shown.push((state = message.state)));
  socket.on("delta", ({ changed }) => shown.push((state = { ...(state as LiveState), ...changed })));
  await socket.emitWithAck("hello", { version: protocolVersion });
  return socket;
}

let mails = 0;
const load = (count: number): Promise<number> =>
  sendMail(
    Array.from({ length: count }, () => {
      mails += 1;
      return { clientIp: addressOf(mails), from: `s${mails}@far.test`, to: `r${mails}@own.test` };
    }),
    { port: postfix.smtpPort, by: "xclient" },
  );
const now = (): LiveState | undefined => shown.at(-1);

beforeAll(async () => {
  sink = await startSink();
  postfix = await startPostfix({
    routes: { "own.test": sink.port },
    minimalBackoffSeconds: 5,
    maximalBackoffSeconds: 10,
    queueRunDelaySeconds: 5,
  });
  process.env["REPLAY_SECRET"] = secret;
  config = join(folder.path, "mailtide.yaml");
  const state = join(folder.path, "state");
  writeFileSync(config, settings(await freePort(), state));
  app = await startLiveApp(config, state);
  const socket = await watch();
  await until("mail to leave", async () => (await load(4)) === 4 && (now()?.delay.headlineSeconds ?? null) !== null, {
    everyMs: 500,
  });

  await sink.stop();
  await until("mail to be late and a page", async () => (await load(2)) > 0 && isPaged(now()), {
    withinMs: 150_000,
    everyMs: 500,
  });
  // Minutes with late mail and minutes in which it leaves, so that rows of the report stand in both.
  await minuteMore();
  await sink.start();
  postfix.flush();
  await minuteMore();
  // The injector's own address connects too, before it says whose mail it hands over.
  await until("all of them to be seen", () => now()?.inbound.distinctSources === mails + 1);
  socket.disconnect();
}, 600_000);

afterAll(async () => {
  await app.close();
  await postfix.stop();
  await sink.stop();
  folder.remove();
});

const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());
const incidentsOf = (state: LiveState | undefined) => state?.incidents.incidents ?? [];
const isPaged = (state: LiveState | undefined) => incidentsOf(state).some(({ severity }) => severity === "page");

async function minuteMore(): Promise<void> {
  const untilMs = (now()?.meta.nowMs ?? 0) + 61_000;
  await until("another minute", async () => (await load(2)) > 0 && (now()?.meta.nowMs ?? 0) > untilMs, {
    withinMs: 90_000,
    everyMs: 500,
  });
}

async function reportOf(dir: string, ...flags: string[]): Promise<ReportDocument> {
  const file = `${dir}.report.json`;
  expect(await runCli(["replay", dir, "--report", file, ...flags], new AbortController().signal)).toBe(0);
  return reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The rows of the minutes that the screen saw too, each with what it showed next, at most so much later. */
function beside({ delay }: ReportDocument, withinMs = Infinity) {
  return delay.flatMap((row) => {
    const atMs = Date.parse(row.at);
    const live = shown.find(({ meta }) => meta.nowMs >= atMs);
    return live === undefined || live === shown[0] || live.meta.nowMs - atMs > withinMs ? [] : [{ row, live }];
  });
}

test("a recording of it is told as it was shown: every alert at its instant, every minute to the digit", async () => {
  const dir = join(folder.path, "recording");
  const flags = ["--config", config, "--token", secret, "--last", "1h", "--out", dir];
  expect(await runCli(["capture", ...flags], new AbortController().signal)).toBe(0);
  const report = await reportOf(dir);

  const last = incidentsOf(now());
  const live = last.flatMap(({ alerts }) =>
    alerts.map(({ rule, cause, severity, startedAtMs, firedAtMs }) => ({
      rule,
      cause,
      severity,
      startedAt: iso(startedAtMs),
      firedAt: iso(firedAtMs),
    })),
  );
  expect(live.length).toBeGreaterThan(0);
  const byFiring = live.toSorted((a, b) => ((a.firedAt ?? "") < (b.firedAt ?? "") ? -1 : 1));
  expect(report.alerts).toMatchObject(byFiring);
  expect(report.incidents.map(({ startedAt, resolvedAt }) => ({ startedAt, resolvedAt }))).toEqual(
    last
      .map(({ startedAtMs, resolvedAtMs }) => ({ startedAt: iso(startedAtMs), resolvedAt: iso(resolvedAtMs) }))
      .toReversed(),
  );
  expect(report.sources).toMatchObject({ distinct: mails + 1 });
  const minutes = beside(report);
  expect(minutes.length).toBeGreaterThanOrEqual(2);
  for (const { row, live: state } of minutes) {
    const { headlineSeconds, lateShare, typicalSeconds } = state.delay;
    expect(row).toMatchObject({ headlineSeconds, lateShare, typicalSeconds, recovery: state.delay.recovery.state });
  }
});

test("Postfix' own log alone, with what the node is: the same lateness within two per cent", async () => {
  const dir = join(folder.path, "log");
  mkdirSync(join(dir, "mx1"), { recursive: true });
  copyFileSync(postfix.logPath, join(dir, "mx1", "mail.log"));
  writeFileSync(
    join(dir, "capture.yaml"),
    `version: 1
name: log
timezone: UTC
year: ${new Date().getUTCFullYear()}
simulated: false
nodes: [{ id: mx1, ownDomains: [own.test], ownHops: ["127.0.0.1:${sink.port}"] }]
`,
  );
  const report = await reportOf(dir);
  expect(report).toMatchObject({ unparsed: 0, lost: 0, sources: { distinct: mails + 1 } });
  // Where the machine stood still at a minute's end, what was shown is of a later instant than the log's.
  const minutes = beside(report, 1_500);
  expect(minutes.length).toBeGreaterThanOrEqual(2);
  for (const { row, live } of minutes) {
    const headline = live.delay.headlineSeconds ?? Number.NaN;
    expect(Math.abs((row.headlineSeconds ?? Number.NaN) - headline)).toBeLessThanOrEqual(Math.max(2, 0.02 * headline));
  }
  expect(Math.max(...minutes.map(({ row }) => row.headlineSeconds ?? 0))).toBeGreaterThan(30);

  const bare = join(folder.path, "bare");
  mkdirSync(bare);
  copyFileSync(postfix.logPath, join(bare, "mail.log"));
  const alone = await reportOf(bare, "--tz", "UTC", "--year", String(new Date().getUTCFullYear()));
  expect(alone).toMatchObject({ capture: "bare", lines: report.lines, unparsed: 0 });
  expect(alone.delay.map(({ at }) => at)).toEqual(report.delay.map(({ at }) => at));
});
