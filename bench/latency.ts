// Line appended -> number changed in Chromium. Own lines at a steady rate into a log that a built server follows; each probe
// appends lines from a client not seen before and waits until the wall's count of sources shows it.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWall, startBrowser } from "../e2e/browser.ts";
import { readToken, startMailtide } from "../e2e/server.ts";
import { temporaryFolder } from "../server/test/real/process.ts";
import { addressOf } from "../server/test/real/smtp-load.ts";

const perSecond = Number(process.argv[2] ?? 50);
const probes = Number(process.argv[3] ?? 60);
const folder = temporaryFolder("latency");
const logPath = join(folder.path, "mail.log");
writeFileSync(logPath, "");
let messages = 0;
function message(clientIp: string): string {
  const stamp = new Date().toISOString().replace("Z", "+00:00");
  const id = (0xb0000000 + messages++).toString(16).toUpperCase();
  const line = (program: string, text: string): string => `${stamp} mx postfix/${program}[7]: ${text}\n`;
  return (
    line("smtpd", `connect from unknown[${clientIp}]`) +
    line("smtpd", `${id}: client=unknown[${clientIp}]`) +
    line("cleanup", `${id}: message-id=<${id}@x.test>`) +
    line("qmgr", `${id}: from=<a@x.test>, size=500, nrcpt=1 (queue active)`) +
    line(
      "smtp",
      `${id}: to=<b@own.test>, relay=10.0.0.9[10.0.0.9]:25, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 ok)`,
    ) +
    line("qmgr", `${id}: removed`)
  );
}

const server = await startMailtide({
  name: "latency",
  logPath,
  listCommand: ["true"],
  ownHop: "10.0.0.0/8",
  databaseUrl: "postgres://nobody@127.0.0.1:1/none",
  pagerDutyUrl: "http://127.0.0.1:1/v2/enqueue",
  series: "{ type: embedded }",
});
const browser = await startBrowser();
const tick = setInterval(() => appendFileSync(logPath, message("198.51.100.1")), 1000 / perSecond);
try {
  const page = await openWall(browser, server.url, readToken);
  const took: number[] = [];
  for (let probe = 0; probe < probes; probe++) {
    const before = Number(((await page.textContent('[data-testid="distinct-sources"]')) ?? "").replaceAll(/\D/g, ""));
    // Spread over the second, so that the turn's phase is averaged out.
    await new Promise((resolve) => setTimeout(resolve, 150 + ((probe * 379) % 1000)));
    const started = performance.now();
    appendFileSync(logPath, message(addressOf(70_000 + probe)));
    await page.waitForFunction(
      (seen) =>
        Number((document.querySelector('[data-testid="distinct-sources"]')?.textContent ?? "").replaceAll(/\D/g, "")) >
        seen,
      before,
      { polling: 10, timeout: 30_000 },
    );
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): string =>
    (took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Number.NaN).toFixed(0);
  console.log(`${probes} probes at ${perSecond} messages/s: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`);
} finally {
  clearInterval(tick);
  await browser.close();
  await server.stop();
  folder.remove();
}
