import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import { startLiveApp } from "../real/live-app.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { smallDisk } from "../real/small-disk.ts";

const never = new AbortController().signal;
const secret = "capture-secret-0123456789";

test("mailtide capture records a running server, and one that stands still", async () => {
  const folder = temporaryFolder("capture-command");
  onTestFinished(() => folder.remove());
  const log = join(folder.path, "mail.log");
  const config = join(folder.path, "mailtide.yaml");
  const state = join(folder.path, "state");
  writeFileSync(log, "");
  process.env["CAPTURE_SECRET"] = secret;
  writeFileSync(
    config,
    `version: 1
site: { id: cap, name: Zzplanted Mail }
server: { port: ${await freePort()}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: ops, secret: { env: CAPTURE_SECRET }, scopes: [admin] }] }
nodes: [{ id: mx1, ownDomains: [zzplanted.example], collect: [{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }] }]
`,
  );
  const app = await startLiveApp(config, state);
  const run = (out: string, ...more: string[]) =>
    runCli(["capture", "--config", config, "--last", "1h", "--out", join(folder.path, out), ...more], never);
  const stamp = new Date().toISOString();
  appendFileSync(log, `${stamp} mx postfix/smtpd[7]: 0123456789: client=zzplanted.example[192.0.2.1]\n`);
  appendFileSync(log, `${stamp} mx postfix/cleanup[8]: 0123456789: message-id=<zzplanted@x.example>\n`);

  const written = (out: string) => gunzipSync(readFileSync(join(folder.path, out, "mx1/mail.log.gz"))).toString("utf8");
  let tries = 0;
  await until(
    "the lines to be recorded",
    async () => {
      const out = `running-${++tries}`;
      expect(await run(out, "--token", secret)).toBe(0);
      return existsSync(join(folder.path, out, "mx1/mail.log.gz")) && written(out).split("\n").length === 3;
    },
    { everyMs: 300 },
  );
  expect(written(`running-${tries}`)).toMatch(/postfix\/smtpd\[7\]: 0123456789: client=/);
  expect(written(`running-${tries}`)).not.toMatch(/zzplanted/);
  const said: string[] = [];
  const consoleError = console.error;
  console.error = (text: string) => void said.push(text);
  try {
    expect(await run("wrong", "--token", "not-the-secret-0123456789")).toBe(1);
    expect(said.join()).toMatch(/token with the scope admin/);
    expect(await run(`running-${tries}`, "--token", secret)).toBe(1);
    expect(said.join()).toMatch(/exists already/);
    expect(await runCli(["capture", "--last", "soon", "--out", "x"], never)).toBe(2);
  } finally {
    console.error = consoleError;
  }

  await app.close();
  const disk = smallDisk(join(folder.path, "small"), "8k");
  onTestFinished(() => disk.remove());
  console.error = (text: string) => void said.push(text);
  expect(await run("small/day")).toBe(1);
  console.error = consoleError;
  expect(said.at(-1)).toBe(`mailtide: ${join(folder.path, "small/day")} cannot be written: the disk is full`);
  expect(readdirSync(join(folder.path, "small"))).toEqual([]);
  expect(await run("still", "--clear")).toBe(0);
  expect(written("still")).toMatch(/zzplanted/);
  expect(readFileSync(join(folder.path, "still/capture.yaml"), "utf8")).toMatch(/Zzplanted Mail/);
});

test("what answers and is no Mailtide is said to be that, with its address and nothing secret of it", async () => {
  const folder = temporaryFolder("capture-stranger");
  onTestFinished(() => folder.remove());
  const answers: [number, string, string][] = [];
  const server = createServer((_request, response) => {
    const [status, type, body] = answers.shift() ?? [500, "", ""];
    response.writeHead(status, { "Content-Type": type }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => consoleError.mockRestore());
  const argv = ["capture", "--last", "1h", "--out", join(folder.path, "out"), "--url", `${base}/mail?token=geheim`];
  const stranger = `what answers at ${base} is no Mailtide server, or one that is too old`;
  const keepsNone = JSON.stringify({ status: 404, detail: "This server keeps no recording." });
  for (const [answer, said] of [
    [[404, "text/html", "<h1>Not Found</h1>"], `${stranger}: it answers 404`],
    [[404, "application/json", '{"detail":"Not Found"}'], `${stranger}: it answers 404`],
    [[200, "text/html", "<h1>Welcome</h1>"], `${stranger}: it answers 200`],
    [[401, "text/html", "Who are you?"], `${stranger}: it answers 401`],
    [[502, "text/html", "Bad gateway"], `${base}: it answers 502`],
    [[404, "application/problem+json", keepsNone], `${base}: This server keeps no recording.`],
  ] as const) {
    answers.push([...answer]);
    expect(await runCli(argv, never)).toBe(1);
    expect(consoleError.mock.lastCall).toEqual([`mailtide: ${said}`]);
  }
});

test("a server that watches nothing is told to have nothing to replay, and nothing is written", async () => {
  const folder = temporaryFolder("capture-nothing");
  onTestFinished(() => folder.remove());
  const inside = (name: string): string => join(folder.path, name);
  const [config, state, out] = [inside("mailtide.yaml"), inside("state"), inside("out")];
  writeFileSync(
    config,
    `version: 1\nserver: { port: ${await freePort()}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: ops, secret: { env: CAPTURE_SECRET }, scopes: [admin] }] }\n`,
  );
  process.env["CAPTURE_SECRET"] = secret;
  const app = await startLiveApp(config, state);
  onTestFinished(() => app.close());
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => consoleError.mockRestore());
  const argv = ["capture", "--config", config, "--last", "1h", "--out", out];
  await until("a turn to be recorded", async () => {
    expect(await runCli([...argv, "--token", secret], never)).toBe(1);
    return /watches nothing/.test(String(consoleError.mock.lastCall));
  });
  expect(existsSync(out)).toBe(false);
});

test("a server that only probes is recorded, and its replay says what was down", { timeout: 120_000 }, async () => {
  const folder = temporaryFolder("capture-probes");
  onTestFinished(() => folder.remove());
  const inside = (name: string): string => join(folder.path, name);
  const [config, state, out, report] = [inside("mailtide.yaml"), inside("state"), inside("out"), inside("report.json")];
  process.env["CAPTURE_SECRET"] = secret;
  writeFileSync(
    config,
    `version: 1
server: { port: ${await freePort()}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: ops, secret: { env: CAPTURE_SECRET }, scopes: [admin] }] }
dependencies: [{ id: imap, type: tcp, host: 127.0.0.1, port: ${await freePort()}, every: 1s, deadline: 1s }]
`,
  );
  const app = await startLiveApp(config, state);
  onTestFinished(() => app.close());
  const consoleLog = vi.spyOn(console, "log").mockImplementation(() => undefined);
  onTestFinished(() => consoleLog.mockRestore());
  const headers = { Authorization: `Bearer ${secret}` };
  await until("its failure to be told", async () => {
    const answer = await fetch(`${app.url}/api/v1/incidents`, { headers });
    return /imap/.test(await answer.text());
  });
  expect(await runCli(["capture", "--config", config, "--last", "1h", "--out", out, "--token", secret], never)).toBe(0);
  expect(await runCli(["replay", out, "--report", report], never)).toBe(0);
  const { alerts, assumptions } = JSON.parse(readFileSync(report, "utf8")) as Report;
  expect(alerts).toMatchObject([{ rule: "dependency-trouble", subject: "imap" }]);
  expect(assumptions).toEqual([]);
});

interface Report {
  readonly alerts: readonly object[];
  readonly assumptions: readonly string[];
}
