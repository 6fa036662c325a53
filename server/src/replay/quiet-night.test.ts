import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LiveState } from "@mailtide/shared";
import { afterAll, expect, test } from "vitest";
import { parserFor } from "../replay-parser.ts";
import { openCapture } from "./capture.ts";
import { runCapture } from "./run.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const fromMs = Date.parse("2016-05-11T01:00:00Z");
const at = (minute: number): string => new Date(fromMs + minute * 60_000).toISOString();
const trip = (minute: number, row: object): object => ({
  at: at(minute),
  id: "trip",
  type: "roundtrip",
  ok: true,
  ...row,
});

/** Two hours in which one mail comes and goes; the test mail takes 3 s until it does not come back. */
async function nightWith(rows: readonly object[]): Promise<readonly LiveState[]> {
  const folder = await mkdtemp(join(tmpdir(), "mailtide-quiet-"));
  folders.push(folder);
  await mkdir(join(folder, "mx1"));
  const lines = [
    [2, "postfix/smtpd[1]: 4A1B2C: client=mail.example.com[192.0.2.7]"],
    [2, "postfix/cleanup[1]: 4A1B2C: message-id=<1@example.com>"],
    [2, "postfix/qmgr[1]: 4A1B2C: from=<a@example.com>, size=9, nrcpt=1 (queue active)"],
    [
      2,
      "postfix/lmtp[1]: 4A1B2C: to=<u@own.test>, relay=s[10.0.0.9]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 Ok)",
    ],
    [2, "postfix/qmgr[1]: 4A1B2C: removed"],
    [60, "postfix/anvil[1]: statistics: max connection rate 1/60s"],
  ] as const;
  const log = lines.map(([minute, text]) => `${at(minute).replace("Z", "000+00:00")} mx1 ${text}\n`).join("");
  await writeFile(join(folder, "mx1", "mail.log"), log);
  await writeFile(join(folder, "probes.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const nodes = "nodes: [{ id: mx1, mta: postfix, ownDomains: [own.test] }]";
  const trips = "dependencies: [{ id: trip, type: roundtrip, affects: [mx1] }]";
  const head = `version: 1\nname: night\ntimezone: UTC\nyear: 2016\nsimulated: false\nto: ${at(60)}\n`;
  await writeFile(join(folder, "capture.yaml"), `${head}${nodes}\n${trips}\n`);
  const states: LiveState[] = [];
  const capture = await openCapture(folder, { parserFor });
  await runCapture({
    capture,
    hasPoints: false,
    onTurn: (turn, nowMs) => {
      // A state is made when it is asked for: one in half a minute is enough to look at.
      if (nowMs % 30_000 === 0) states.push(turn.state);
    },
  });
  return states;
}

const stateAt = (states: readonly LiveState[], minute: number): LiveState => {
  const found = states.findLast(({ meta }) => meta.nowMs <= fromMs + minute * 60_000);
  if (found === undefined) throw new Error(`nothing at ${minute} min`);
  return found;
};

test("the test mail's recorded time is the headline of a quiet night, and its absence an alert against the log", async () => {
  const calm = Array.from({ length: 30 }, (_, minute) => trip(minute + 3, { latencySeconds: 3 }));
  const waits = [2, 4, 6, 8, 10, 12].map((minutes) => {
    const waitingSeconds = minutes * 60;
    const error = minutes > 5 ? { ok: false, error: `not back after ${minutes} min` } : {};
    return trip(33 + minutes, {
      latencySeconds: waitingSeconds,
      details: { waitingSeconds, probesOut: minutes },
      ...error,
    });
  });
  const back = trip(50, { latencySeconds: 4 });
  const states = await nightWith([...calm, ...waits, back]);
  expect(stateAt(states, 20).delay).toMatchObject({ verdict: "quiet", headlineSeconds: 3, atLeast: false });
  expect(stateAt(states, 37.5).delay).toMatchObject({ verdict: "quiet", headlineSeconds: 240, atLeast: true });
  const missing = stateAt(states, 45.5);
  expect(missing.delay).toMatchObject({ verdict: "unknown", headlineSeconds: 720, roundTrip: { state: "failing" } });
  const alerts = missing.incidents.incidents.flatMap((incident) => incident.alerts);
  expect(alerts).toMatchObject([{ rule: "round-trip", cause: "delivery-slow", severity: "page", state: "firing" }]);
  expect(stateAt(states, 52).delay).toMatchObject({ verdict: "quiet", headlineSeconds: 4 });
  // A wait that is told six times is one probe.
  expect(missing.dependencies.dependencies[0]?.recent.slice(-2)).toEqual([3, null]);
});

test("without a test mail such a night is no traffic", async () => {
  expect(stateAt(await nightWith([]), 40).delay).toMatchObject({ verdict: "no-traffic" });
});
