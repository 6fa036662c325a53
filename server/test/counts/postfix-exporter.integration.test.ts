import { nodeId } from "@mailtide/shared";
import { afterAll, expect, test } from "vitest";
import type { PollCollector } from "../../src/collect/collector.ts";
import { prometheus } from "../../src/collect/prometheus/index.ts";
import type { CountsObservation } from "../../src/core/observation.ts";
import { tryCollector } from "../../src/doctor/try-collector.ts";
import { startPostfixExporter } from "../real/postfix-exporter.ts";
import { startPostfix } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

test("Debian's exporter beside a real Postfix: its queues, arrivals, and that nothing leaves", async () => {
  const postfix = await startPostfix({ routes: { "dead.test": await freePort() } });
  closing.push(() => postfix.stop());
  const exporter = await startPostfixExporter(postfix);
  closing.push(() => exporter.stop());
  const options = prometheus.config.parse({ url: exporter.url, mapping: "postfix-exporter" });
  const collector = prometheus.create(options, { id: nodeId("mx3"), timezone: "UTC" }) as PollCollector;
  let atMs = 0;
  await collector.start({ now: () => (atMs += 10_000) } as never);
  const look = async (): Promise<CountsObservation> => {
    const { observations } = await collector.poll(AbortSignal.timeout(60_000));
    return observations[0] as CountsObservation;
  };
  const send = (to: string) => speakSmtp(postfix.smtpPort, handOver("s@sender.test", [to], "Subject: x\r\n\r\nx"));

  // What the exporter has read of the log when it is asked is its own business: it is asked until it has all.
  await send("a@dead.test");
  await until("a first look", async () => (await look()).queues["deferred"]?.count === 1);
  for (const to of ["b@dead.test", "c@dead.test"]) await send(to);
  let arrived = 0;
  const last = await until("three that wait, two of which came meanwhile", async () => {
    const counts = await look();
    arrived += (counts.arrivedPerSecond ?? 0) * 10;
    return counts.queues["deferred"]?.count === 3 && Math.round(arrived) >= 2 ? counts : null;
  });
  expect(last.leftPerSecond).toBe(0);
  expect(Object.keys(last.queues).sort()).toEqual(["active", "deferred", "hold", "incoming", "maildrop"]);
  expect(last.queues["deferred"]?.bytes).toBeGreaterThan(0);
  expect(last.queues["hold"]).toEqual({ count: 0, bytes: 0, oldestAgeSeconds: null });
  expect((await tryCollector(collector)).says).toMatch(/^answers: .*3 in deferred/);

  await postfix.stop();
  await until("the exporter to say that it cannot look", async () =>
    look().then(
      () => false,
      (error: Error) => error.message.includes("postfix_up is 0"),
    ),
  );
});
