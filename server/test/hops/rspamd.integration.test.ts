import { readFileSync } from "node:fs";
import { nodeId } from "@mailtide/shared";
import { afterAll, expect, test } from "vitest";
import type { PollCollector } from "../../src/collect/collector.ts";
import { rowsOf } from "../../src/collect/counts/mapping.ts";
import { ReadingBuilder } from "../../src/collect/counts/reading.ts";
import { readExposition } from "../../src/collect/prometheus/exposition.ts";
import { prometheus } from "../../src/collect/prometheus/index.ts";
import { readJsonMetrics } from "../../src/collect/prometheus/json.ts";
import { Indexed } from "../index/indexed.ts";
import { startPostfix, startSink } from "../real/postfix.ts";
import { until } from "../real/process.ts";
import { type RunningRspamd, startRspamd } from "../real/rspamd.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import { gtube, letter } from "./letter.ts";
import { readModelInTime } from "./read-model.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

test("what a real rspamd said and how long it took stands with the message that Postfix logged", async () => {
  const [sink, rspamd] = await Promise.all([startSink(), startRspamd()]);
  closing.push(
    () => sink.stop(),
    () => rspamd.stop(),
  );
  const postfix = await startPostfix({
    routes: { "own.test": sink.port },
    settings: { smtpd_milters: `inet:127.0.0.1:${rspamd.milterPort}`, milter_default_action: "tempfail" },
  });
  closing.push(() => postfix.stop());
  const send = async (messageId: string, body: string): Promise<string> =>
    (await speakSmtp(postfix.smtpPort, handOver("s@sender.test", ["r@own.test"], letter(messageId, body)))).at(5) ?? "";
  const taken = await send("clean@sender.test", "hello");
  expect(taken).toMatch(/^250 .*queued as/);
  // Exim asks by HTTP; it is told of another text here, so that the two can be told apart.
  const asked = await fetch(`http://127.0.0.1:${rspamd.normalPort}/checkv2`, {
    method: "POST",
    headers: { "Queue-Id": /queued as (\S+)/.exec(taken)?.[1] ?? "" },
    body: `${letter("clean@sender.test", gtube)}\r\n`,
  });
  expect(await asked.json()).toMatchObject({ action: "reject" });
  expect(await send("spam@sender.test", gtube)).toMatch(/^5\d\d /);
  await until(
    "the three lines of rspamd",
    () => linesOf(rspamd.logPath).filter((line) => line.includes("task_write_log")).length >= 3,
  );
  for (const path of ["metrics", "stat"]) expect(await scannedBy(rspamd, path)).toBeGreaterThan(0);
  await until("the end", () => linesOf(postfix.logPath).some((line) => line.endsWith(": removed")));

  const mail = { node: "mx1", mta: "postfix", lines: linesOf(postfix.logPath), here: true };
  const filter = { node: "mx1", mta: "rspamd", lines: linesOf(rspamd.logPath), here: true };
  for (const logs of [
    [mail, filter],
    [filter, mail],
  ]) {
    const index = new Indexed().read(logs, Date.now());
    const { messages } = index.find("domain", "sender.test");
    expect(messages.map(({ messageId, hops }) => `${messageId} ${hops.length}`).sort()).toEqual([
      "clean@sender.test 1",
      "spam@sender.test 1",
    ]);
    const hopOf = (id: string) => index.find("messageId", id).messages[0]?.hops[0];
    expect(hopOf("clean@sender.test")).toMatchObject({
      ending: "removed",
      filters: [{ filter: "rspamd", seconds: expect.any(Number) as number }, { filter: "rspamd" }],
    });
    const [milter, http] = hopOf("clean@sender.test")?.filters.map(({ action }) => action) ?? [];
    expect(milter).not.toBe("reject");
    expect(http).toBe("reject");
    expect(hopOf("spam@sender.test")).toMatchObject({
      ending: "refused",
      filters: [{ filter: "rspamd", action: "reject" }],
    });
    expect(index.follower.passes.unmatched).toBe(0);
  }
  expect(readModelInTime([mail], Date.now() + 1_000).facts.totals).toMatchObject({
    waiting: 0,
    left: 1,
    unexplained: 0,
  });
});

/** What it scanned since it began, as its web server tells. */
async function scannedBy({ controllerPort }: RunningRspamd, path: string): Promise<number> {
  const options = prometheus.config.parse({ url: `http://127.0.0.1:${controllerPort}/${path}`, mapping: "rspamd" });
  const rows = rowsOf(options.mapping);
  const collector = prometheus.create(options, { id: nodeId("mx1"), timezone: "UTC" }) as PollCollector;
  await collector.start({ now: () => 0 } as never);
  // One that has none of the mapped metrics is refused.
  await collector.poll(AbortSignal.timeout(60_000));
  const text = await (await fetch(options.url)).text();
  const builder = new ReadingBuilder(rows);
  const wants = (metric: string): boolean => builder.wants(metric);
  const samples =
    path === "stat" ? readJsonMetrics(JSON.parse(text), wants) : readExposition(text, { wants, isOpenMetrics: false });
  for (const sample of samples) if (sample !== null) builder.add(sample);
  return builder.finish().arrived ?? 0;
}
