import { type Browser, chromium, type Page } from "playwright-core";
import { until } from "../server/test/real/process.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

/** For what never comes: on a busy machine a page takes its time. */
export const patienceMs = 120_000;

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: flags,
  });
}

/** The wall in a page of its own, signed in by the read token. */
export async function openWall(browser: Browser, url: string, token: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  page.setDefaultTimeout(patienceMs);
  await page.goto(`${url}/wall?token=${token}`);
  await page.waitForSelector('[data-testid="headline"]');
  return page;
}

/** The number on the wall in seconds; 0 while mail is on time shows as a small one, null when it cannot be said. */
export async function headlineSeconds(page: Page): Promise<number | null> {
  const text = await page.getAttribute('[data-testid="headline"]', "data-seconds");
  return text === null || text === "" ? null : Number(text);
}

/** The same as soon as it can be said: where the machine stands still for some seconds, the wall is stale until the next frame. */
export const saidHeadline = (page: Page): Promise<number> =>
  until("the wall to say a headline", () => headlineSeconds(page));

export async function count(page: Page, testId: string): Promise<number> {
  return Number(await page.getAttribute(`[data-testid="${testId}"]`, "data-count"));
}
