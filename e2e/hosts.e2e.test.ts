import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostsDocument } from "@mailtide/shared";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, type RunningSink, startPostfix, startSink } from "../server/test/real/postfix.ts";
import { freePort, temporaryFolder, until } from "../server/test/real/process.ts";
import { addressOf, sendMail } from "../server/test/real/smtp-load.ts";
import { patienceMs, startBrowser } from "./browser.ts";
import { readToken, serve } from "./server.ts";

const folder = temporaryFolder("hosts-e2e");
const stuck = 7;
/** So much more than is stuck that the site as a whole is on time. */
const moved = 200;
let sink: RunningSink;
let moving: RunningPostfix;
let standing: RunningPostfix;
let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let page: Page;
const broken: string[] = [];

beforeAll(async () => {
  // The filter behind one of them is dead.
  sink = await startSink();
  [moving, standing] = await Promise.all([
    startPostfix({ routes: { "own.test": sink.port } }),
    startPostfix({ routes: { "own.test": await freePort() } }),
  ]);
  const port = await freePort();
  const configPath = join(folder.path, "mailtide.yaml");
  writeFileSync(configPath, configuration(port));
  server = await serve(configPath, port, { READ_TOKEN: readToken });
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(patienceMs);
  page.on("pageerror", ({ message }) => broken.push(message));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await Promise.all([moving?.stop(), standing?.stop()]);
  await sink?.stop();
  folder.remove();
});

const nodeOf = (id: string, { logPath, listCommand }: RunningPostfix): string => `
  - id: ${id}
    ownDomains: [own.test]
    collect:
      - { type: postfix-log, path: ${JSON.stringify(logPath)}, from: start }
      - { type: postfix-queue, every: 5s, command: ${JSON.stringify(listCommand)} }`;

function configuration(port: number): string {
  return `version: 1
site: { id: e2e, name: Two hosts, timezone: UTC }
server: { port: ${port}, state: ${JSON.stringify(join(folder.path, "state"))} }
auth: { tokens: [{ name: wall, secret: { env: READ_TOKEN }, scopes: [read] }] }
nodes:${nodeOf("mx-moving", moving)}${nodeOf("mx-standing", standing)}
delay: { target: 20s }
alerts: { rules: { late-host: { forSeconds: 1, minCount: ${stuck} } } }
dependencies:
  - { id: filter, type: tcp, host: 127.0.0.1, port: ${port}, every: 1s, deadline: 1s, affects: [mx-standing] }
`;
}

const text = async (testId: string): Promise<string> => (await page.textContent(`[data-testid="${testId}"]`)) ?? "";

const mails = (length: number) =>
  Array.from({ length }, (_, index) => ({
    clientIp: addressOf(index),
    from: `sender${index}@elsewhere.test`,
    to: `rcpt${index}@own.test`,
  }));

test("from the list of hosts to the one where mail waits, and to all of them", async () => {
  expect(await sendMail(mails(moved), { port: moving.smtpPort, by: "xclient" })).toBe(moved);
  expect(await sendMail(mails(stuck), { port: standing.smtpPort, by: "xclient" })).toBe(stuck);

  await page.goto(`${server.url}/?token=${readToken}`);
  await page.waitForSelector(`[data-testid="host-mx-standing"][data-own="${stuck}"]`);
  await page.click('[data-testid="host-mx-standing"] a');
  await until("the host to be told in full", async () => (await text("host-own")) === String(stuck));
  expect(new URL(page.url()).searchParams.get("host")).toBe("mx-standing");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("mx-standing");
  expect(await page.getAttribute('[data-testid="heard"]', "data-meaning")).toBe("calm");
  await page.waitForSelector('.host [data-testid="dependency-filter"]');
  expect(await text("host")).toContain("mx-standing/postfix-queue");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

  await page.click('[data-testid="host"] .back-link a');
  await page.waitForSelector('[data-testid="verdict"]');
  await page.click("text=All hosts");
  await page.fill('[data-testid="all-hosts"] input', "MOV");
  await until("the other host alone", async () => {
    const rows = await page.locator('[data-testid="all-hosts"] .hosts > li').count();
    return rows === 1 && (await text("all-hosts")).includes("mx-moving");
  });
  await page.click('[data-testid="all-hosts"] [data-testid="host-mx-moving"] a');
  await until("nothing to wait there", async () => (await text("host-own")) === "0");
  expect(broken).toEqual([]);
});

test("the one host that is late is named first, with how long its mail waits, while the site is on time", async () => {
  await page.goto(`${server.url}/`);
  await until("the host to be named", async () => (await text("verdict")).includes("late at mx-standing, on time"));
  const why = await text("incident");
  expect(why).toContain("Mail waits at mx-standing");
  expect(why).toContain(`${stuck} messages wait at mx-standing for over 20`);
  expect(why).toContain("postqueue -p");
  const answer = await fetch(`${server.url}/api/v1/nodes`, { headers: { authorization: `Bearer ${readToken}` } });
  const { nodes } = (await answer.json()) as HostsDocument;
  expect(nodes.map(({ node, late }) => [node, late?.count ?? null])).toEqual([
    ["mx-standing", stuck],
    ["mx-moving", null],
  ]);
  await page.click('[data-testid="host-mx-standing"] a');
  await until("its lateness", async () => (await text("host")).includes(`${stuck} late, mail waits`));
});

test("a host that nobody configured is told as that", async () => {
  await page.goto(`${server.url}/?host=${encodeURIComponent("<img src=x onerror=alert(1)>")}`);
  await until("the answer", async () => (await text("host")).includes("No host of that name is configured."));
  expect(await page.locator('[data-testid="host"] img').count()).toBe(0);
});
