import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientFolder } from "../server/src/cli/paths.ts";
import { silentLogger } from "../server/src/observe/logger.ts";
import { openCapture } from "../server/src/replay/capture.ts";
import { parserFor } from "../server/src/replay-parser.ts";
import { type ReplayServer, startReplayServer } from "../server/src/replay-server.ts";
import { until } from "../server/test/real/process.ts";
import { secrets, someTokens } from "../server/test/serving.ts";
import { smallDay, writeSmallCapture } from "../server/test/small-capture.ts";
import { headlineSeconds, patienceMs, startBrowser } from "./browser.ts";

let folder = "";
let server: ReplayServer;
let browser: Browser;
let wall: Page;
let phone: Page;
let isComputed = false;
const problems: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-replay-e2e-"));
  const dir = join(folder, "capture");
  await writeSmallCapture(dir, "<b onclick=alert(1)>A Tuesday</b>");
  server = await startReplayServer({
    capture: await openCapture(dir, { parserFor }),
    work: { dir, year: null, zone: null, untilMs: null },
    speed: 1,
    settings: { host: "127.0.0.1", port: 0 },
    auth: { tokens: someTokens },
    clientFolder: clientFolder(),
    logger: silentLogger,
    computed: (_, isDone) => (isComputed = isDone),
    failed: (error) => problems.push(String(error)),
  });
  browser = await startBrowser();
  wall = await open("/wall", secrets.ack, { width: 1920, height: 1080 });
  phone = await open("/", secrets.wall, { width: 390, height: 844 });
  await until("the recording to be computed", () => isComputed);
});

afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(path: string, token: string, viewport: { width: number; height: number }): Promise<Page> {
  const page = await (await browser.newContext({ viewport })).newPage();
  page.setDefaultTimeout(patienceMs);
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${server.url}${path}?token=${token}`);
  await page.waitForSelector('[data-testid="replay-slider"]');
  return page;
}

const local = (atMs: number): string => new Date(atMs + 2 * 3_600_000).toISOString().slice(11, 19);
const time = (page: Page): Promise<string | null> => page.textContent('[data-testid="replay-time"]');
const play = (page: Page): Promise<string | null> => page.getAttribute('[data-testid="transport"]', "data-play");
const both = (words: string, atMs: number): Promise<unknown> =>
  until(words, async () => (await time(wall)) === local(atMs) && (await time(phone)) === local(atMs));

test("the keyboard moves it by minutes and half hours, and stops it; both screens follow", async () => {
  const slider = wall.locator('[data-testid="replay-slider"]');
  await wall.keyboard.press("Space");
  await until("both to be paused", async () => (await play(wall)) === "paused" && (await play(phone)) === "paused");
  await slider.focus();
  await wall.keyboard.press("Home");
  await until("the beginning", async () => (await time(wall))?.startsWith("11:00:0"));
  const [hour, minute, second] = ((await time(wall)) ?? "").split(":").map(Number);
  const firstMs = smallDay.fromMs + ((((hour ?? 0) - 11) * 60 + (minute ?? 0)) * 60 + (second ?? 0)) * 1000;
  await wall.keyboard.press("PageUp");
  await both("half an hour on", firstMs + 30 * 60_000);
  expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Wed 11 May 11:30:\d\d SAST, paused$/);
  await until("the headline of that minute", async () => ((await headlineSeconds(wall)) ?? 0) > 600);
  await until("the same on both", async () => (await headlineSeconds(phone)) === (await headlineSeconds(wall)));
  expect(await wall.textContent('[data-testid="mode-label"]')).toContain("REPLAY PAUSED");

  await wall.keyboard.press("ArrowLeft");
  await both("a minute back", firstMs + 29 * 60_000);
});

test("the finger: a click on the line, a mark, a speed; the wall does not go stale while it stands", async () => {
  const slider = wall.locator('[data-testid="replay-slider"]');
  const box = await slider.boundingBox();
  if (box === null) throw new Error("there is no slider to be seen");
  await wall.mouse.click(box.x + box.width / 8, box.y + box.height / 2);
  for (const page of [wall, phone])
    await until("five minutes past", async () => /^11:0[45]/.test((await time(page)) ?? ""));
  expect(await headlineSeconds(wall)).toBeLessThan(10);

  await wall.click('[data-testid="replay-next"]');
  await both("the deploy", smallDay.changeMs);
  // Longer than a live screen would believe a silent server. One that nothing comes to stays stale once it is; where the
  // machine stands still for as long, it is so until the next sign of life.
  await wall.waitForTimeout(3_500);
  await until("the wall not to be stale", async () => {
    const stale = await wall.getAttribute('[data-testid="root"]', "data-stale");
    const age = await wall.getAttribute('[data-testid="data-age"]', "data-age-seconds");
    return stale === "false" && /^[0-5]$/.test(age ?? "");
  });

  await wall.selectOption('[data-testid="replay-speed"]', "300");
  await wall.click('[data-testid="replay-play"]');
  await until("five minutes more", async () => ((await time(phone)) ?? "") > local(smallDay.changeMs + 5 * 60_000));
});

test("who may not act sees why; nothing can be acknowledged; the name is text", async () => {
  await until("the incident", async () => (await phone.locator('article[data-testid="incident"]').count()) === 1);
  expect(await phone.isDisabled('[data-testid="replay-slider"]')).toBe(true);
  expect(await phone.textContent('[data-testid="replay-note"]')).toContain("lacks the scope ack");
  expect(await phone.locator('[data-testid="acknowledge"]').count()).toBe(0);
  expect(await phone.textContent("main")).toContain("This is a recording: nothing in it can be acknowledged");
  expect(await wall.textContent(".wall-site")).toBe("<b onclick=alert(1)>A Tuesday</b>");
  expect(problems).toEqual([]);
});

test("a wall's theme is a key's press away, and is remembered for the wall alone", async () => {
  const theme = (): Promise<string | undefined> => wall.evaluate(() => document.documentElement.dataset["theme"]);
  expect(await theme()).toBe("dark");
  await wall.locator(".wall-top button").press("Enter");
  await until("it to be light", async () => (await theme()) === "light");
  await wall.reload();
  await wall.waitForSelector('[data-testid="replay-slider"]');
  expect(await theme()).toBe("light");
  // A person's page is as the device is set to.
  const other = await wall.context().newPage();
  for (const colorScheme of ["dark", "light"] as const) {
    await other.emulateMedia({ colorScheme });
    await other.goto(server.url);
    await other.waitForSelector('[data-testid="replay-slider"]');
    expect(await other.evaluate(() => document.documentElement.dataset["theme"])).toBe(colorScheme);
  }
  await other.close();
});
