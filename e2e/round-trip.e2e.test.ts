import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientToServer, type LiveState, protocolVersion, type ServerToClient } from "@mailtide/shared";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../server/src/cli/index.ts";
import { reportSchema } from "../server/src/replay/report/schema.ts";
import { openCapture } from "../server/src/replay/capture.ts";
import { runCapture } from "../server/src/replay/run.ts";
import { parserFor } from "../server/src/replay-parser.ts";
import { type Authority, makeAuthority } from "../server/test/real/certificates.ts";
import { type RealDovecot, startDovecot } from "../server/test/real/dovecot.ts";
import { type PagerDutyDouble, startPagerDuty } from "../server/test/real/pagerduty.ts";
import { type RunningPostfix, startPostfix } from "../server/test/real/postfix.ts";
import { freePort, temporaryFolder, until } from "../server/test/real/process.ts";
import { type ApiIncident, readToken, routingKey, serve } from "./server.ts";

const folder = temporaryFolder("round-trip-e2e");
const configPath = join(folder.path, "mailtide.yaml");
let authority: Authority;
let dovecot: RealDovecot;
let postfix: RunningPostfix;
let pager: PagerDutyDouble;
let port: number;
let server: Awaited<ReturnType<typeof serve>>;
let screen: Socket<ServerToClient, ClientToServer>;
/** What a screen was shown, in order. */
const shown: LiveState[] = [];

beforeAll(async () => {
  authority = makeAuthority();
  dovecot = await startDovecot(authority.make({ names: ["localhost"] }));
  pager = await startPagerDuty({ routingKeys: [routingKey("night")] });
  const doorPort = await freePort();
  postfix = await startPostfix({
    routes: { "own.test": doorPort, "box.test": 0 },
    minimalBackoffSeconds: 1,
    maximalBackoffSeconds: 2,
    queueRunDelaySeconds: 1,
    settings: {
      recipient_delimiter: "+",
      transport_maps: `inline:{{own.test=smtp:[127.0.0.1]:${doorPort}},{box.test=lmtp:[127.0.0.1]:${dovecot.lmtpPort}}}`,
    },
  });
  port = await freePort();
  writeFileSync(configPath, configuration(doorPort));
  server = await start();
});

afterAll(async () => {
  screen?.disconnect();
  await server?.stop();
  await postfix?.stop();
  await dovecot?.stop();
  await pager?.stop();
  authority?.remove();
  folder.remove();
});

/** Short times, so that a night from a mail that is back to the end of an outage fits into a test. */
function configuration(doorPort: number): string {
  const text = JSON.stringify;
  const wayIn = `host: 127.0.0.1, port: ${postfix.smtpPort}, every: 5s, deadline: 10s, affects: [mx1]`;
  const mailbox = `host: localhost, port: ${dovecot.imapsPort}, ca: ${text(authority.caPath)}, user: ${dovecot.user}, password: { env: MAILBOX_PASSWORD }, every: 1s`;
  return `version: 1
site: { id: night, name: A quiet night, timezone: UTC }
server: { port: ${port}, state: ${text(join(folder.path, "state"))} }
auth: { tokens: [{ name: ops, secret: { env: READ_TOKEN }, scopes: [read, admin] }] }
nodes:
  - id: mx1
    ownDomains: [own.test, box.test]
    backoff: { minimal: 1s, maximal: 2s, queueRunDelay: 1s }
    collect:
      - { type: postfix-log, path: ${text(postfix.logPath)}, from: start }
      - { type: postfix-queue, every: 5s, command: ${text(postfix.listCommand)} }
dependencies:
  - { id: door, type: roundtrip, to: mailtide-probe@own.test, listen: "127.0.0.1:${doorPort}", ${wayIn} }
  - { id: mailbox, type: roundtrip, to: mailtide-probe@box.test, mailbox: { ${mailbox} }, ${wayIn} }
alerts: { resolveAfter: 5s, rules: { round-trip: { ticketAfterSeconds: 3, pageAfterSeconds: 20 } } }
notify:
  - { id: pager, type: pagerduty, routingKey: { env: ROUTING_KEY }, url: ${text(pager.url)}, severities: [page, ticket] }
`;
}

async function start(): Promise<typeof server> {
  process.env["MAILBOX_PASSWORD"] = dovecot.password;
  process.env["READ_TOKEN"] = readToken;
  process.env["ROUTING_KEY"] = routingKey("night");
  const running = await serve(configPath, port, {});
  screen = io(running.url, { transports: ["websocket"], forceNew: true, auth: { token: readToken } });
  let state: LiveState | null = null;
  screen.on("snapshot", (message) => shown.push((state = message.state)));
  screen.on("delta", ({ changed }) => shown.push((state = { ...(state as LiveState), ...changed })));
  await screen.emitWithAck("hello", { version: protocolVersion });
  return running;
}

/** Postfix takes mail and gives none on, as when somebody forgot what he deferred; or it does again. */
function deferAll(isOn: boolean): void {
  const setting = isOn ? ["defer_transports=smtp,lmtp"] : ["-X", "defer_transports"];
  execFileSync("postconf", ["-c", postfix.configFolder, ...setting]);
  execFileSync("postfix", ["-c", postfix.configFolder, "reload"], { stdio: "pipe" });
}

const shows = (what: string, holds: (state: LiveState) => boolean): Promise<LiveState> =>
  until(what, () => {
    const last = shown.at(-1);
    return last !== undefined && holds(last) && last;
  }).catch((error: unknown) => {
    const { delay, dependencies } = shown.at(-1) ?? {};
    throw new Error(`${what}; shown last: ${JSON.stringify([delay?.verdict, delay?.roundTrip, dependencies])}`, {
      cause: error,
    });
  });
const trips = ({ dependencies }: LiveState): readonly string[] => dependencies.dependencies.map(({ state }) => state);
const only = async (): Promise<ApiIncident> => {
  const [incident, another] = await server.incidents();
  if (incident === undefined || another !== undefined) throw new Error("there is not one incident");
  return incident;
};

test("a quiet night shows the test mail's own time, by the door and by the mailbox", async () => {
  const state = await shows(
    "both test mails to be back, and their time as the headline",
    (last) => trips(last).every((each) => each === "ok") && last.delay.roundTrip?.isHeadline === true,
  );
  expect(state.delay).toMatchObject({ verdict: "quiet", roundTrip: { state: "ok", isSoFar: false } });
  expect(state.delay.headlineSeconds).toBe(state.delay.roundTrip?.seconds);
  expect(state.delay.headlineSeconds).toBeLessThan(10);
  expect(await server.incidents()).toEqual([]);
});

test("a stopped queue is a ticket and then a page, over kill -9 of the server, and its end resolves both", async () => {
  deferAll(true);
  const missing = await shows("neither to be back", (last) => trips(last).every((each) => each === "failing"));
  expect(missing.delay).toMatchObject({ verdict: "unknown", atLeast: true, roundTrip: { isSoFar: true } });
  expect(missing.delay.headlineSeconds).toBeGreaterThan(10);
  await until("a ticket", () => severities().includes("warning"));
  const before = await only();
  expect(before.alerts.every(({ rule }) => rule === "round-trip")).toBe(true);
  expect(severities()).not.toContain("critical");

  screen.disconnect();
  await server.kill();
  server = await start();
  expect(await shows("it to know again", () => true)).toMatchObject({ delay: { verdict: "unknown" } });
  await until("a page", () => severities().includes("critical"));
  const paged = await only();
  expect(paged).toMatchObject({ id: before.id, startedAt: before.startedAt, state: "open" });
  expect(pager.keys().toSorted()).toEqual([before.id, `${before.id}/ticket`]);

  deferAll(false);
  postfix.flush();
  await shows(
    "both to be back",
    (last) => last.delay.verdict === "quiet" && trips(last).every((each) => each === "ok"),
  );
  await until("the incident to be resolved", async () => (await only()).state === "resolved");
  await until("the pager to know", () =>
    [before.id, `${before.id}/ticket`].every((key) => pager.alert(key)?.state === "resolved"),
  );
  // Nothing of it is left, in the queue or in the mailbox.
  await until("the queue to be empty", () => postfix.queue().length === 0);
  await until("the mailbox to be empty", () =>
    /messages=0/.test(dovecot.doveadm("mailbox status", "messages", "INBOX")),
  );
});
const severities = () => pager.accepted().map(({ event }) => event?.payload?.severity);

test("its recording tells the same, turn by turn and in the report", async () => {
  screen.disconnect();
  const dir = join(folder.path, "recording");
  const live = await only();
  const never = new AbortController().signal;
  const flags = ["--config", configPath, "--token", readToken, "--last", "1h", "--out", dir];
  expect(await runCli(["capture", ...flags], never)).toBe(0);
  const again = new Map<number, unknown>();
  const capture = await openCapture(dir, { parserFor });
  await runCapture({ capture, hasPoints: false, onTurn: ({ state }, nowMs) => void again.set(nowMs, saidBy(state)) });
  const compared = shown.filter(({ meta }) => again.has(meta.nowMs));
  expect(compared.length).toBeGreaterThan(15);
  for (const state of compared) expect(again.get(state.meta.nowMs)).toEqual(saidBy(state));
  expect(new Set(compared.map(({ delay }) => delay.verdict))).toEqual(new Set(shown.map(({ delay }) => delay.verdict)));

  const file = join(folder.path, "report.json");
  expect(await runCli(["replay", dir, "--report", file], never)).toBe(0);
  const report = reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  expect(told(report.alerts)).toEqual(told(live.alerts));
  expect(report.incidents).toMatchObject([{ startedAt: live.startedAt, resolvedAt: live.resolvedAt }]);
});

/** A line for each alert. */
const told = (alerts: readonly Pick<ApiIncident["alerts"][number], "rule" | "cause" | "severity" | "startedAt">[]) =>
  alerts.map(({ rule, cause, severity, startedAt }) => `${startedAt} ${rule} ${cause} ${severity}`).sort();

const saidBy = ({ delay, incidents, dependencies }: LiveState) => ({
  verdict: delay.verdict,
  headlineSeconds: delay.headlineSeconds,
  atLeast: delay.atLeast,
  roundTrip: delay.roundTrip,
  // But for the words, in which a recording hides what might name somebody.
  dependencies: dependencies.dependencies.map((shownThere) => ({ ...shownThere, note: null })),
  alerts: incidents.incidents.flatMap(({ alerts }) =>
    alerts.map(({ rule, severity, state, firedAtMs, resolvedAtMs }) => ({
      rule,
      severity,
      state,
      firedAtMs,
      resolvedAtMs,
    })),
  ),
});
