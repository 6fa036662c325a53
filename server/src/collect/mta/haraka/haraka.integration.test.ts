import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { nodeId, siteId } from "@mailtide/shared";
import { expect, onTestFinished, test } from "vitest";
import { startHaraka } from "../../../../test/real/haraka.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { startSink } from "../../../../test/real/postfix.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { QueueObservation } from "../../../core/observation.ts";
import type { CollectorContext, PollCollector } from "../../collector.ts";
import { lineReader } from "../../readers.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { harakaQueue } from "./index.ts";

test.each(["default", "json", "logfmt"] as const)(
  "of a real Haraka: a message taken, sent on and put off, in the format %s; the queue by its list",
  async (format) => {
    const sinkPort = await freePort();
    const sink = await startSink(sinkPort);
    const haraka = await startHaraka(format, sinkPort);
    try {
      const send = (): void => {
        const mail = ["-s", "1", "-m", "1", "-r", "2", "-l", "600", "-f", "a@far.test", "-t", "b@own.test"];
        execFileSync("smtp-source", [...mail, `127.0.0.1:${haraka.port}`], { timeout: 60_000 });
      };
      const events = () => {
        const read = lineReader("haraka", { zone: "UTC", year: 2026 });
        const lines = readFileSync(haraka.logPath, "utf8").split("\n");
        return lines.flatMap((line) => (line === "" || read === null ? [] : [read(line)]));
      };
      const seen = (status: string) => events().find((event) => event.status === status);
      send();
      const sent = await until("the delivery", () => seen("sent"));
      await sink.stop();
      send();
      const deferred = await until("the deferral", () => seen("deferred"));

      expect(sent).toMatchObject({ relayIp: "127.0.0.1", relayPort: sinkPort, to: "@own.test", nrcpt: 2 });
      // Why stands in the line before.
      const reason = expect.stringMatching(/^Tried all MXs: .*ECONNREFUSED/) as string;
      expect(deferred).toMatchObject({ event: "delivery", reason, relayIp: "127.0.0.1", relayPort: sinkPort });
      const messages = events().filter(({ event }) => event === "message");
      expect(messages.map(({ queueId }) => queueId)).toEqual([sent.queueId, deferred.queueId]);
      for (const message of messages)
        expect(message).toMatchObject({
          nrcpt: 2,
          size: expect.any(Number),
          from: "a@far.test",
          clientIp: "127.0.0.1",
        });
      expect(events().filter(({ event }) => event === "connect" || event === "disconnect")).toHaveLength(4);

      const [file = ""] = await until("the queue file", () => {
        const names = readdirSync(haraka.queueFolder).filter((name) => /^\d+_\d+_1_/.test(name));
        return names.length === 1 && names;
      });
      const options = harakaQueue.config.parse({ command: haraka.command("--qlist") });
      const queue = harakaQueue.create(options, { id: nodeId("mx1"), timezone: "UTC" }) as PollCollector;
      const context = { now: () => Date.now(), knownIds: () => ({ has: () => true, acceptedBefore: () => [] }) };
      await queue.start(context as unknown as CollectorContext);
      const { observations } = await queue.poll(AbortSignal.timeout(120_000));
      // Nothing that Haraka prints besides is taken for a lost message.
      expect(observations).toHaveLength(1);
      const { snapshot } = observations[0] as QueueObservation;
      expect(snapshot).toMatchObject({ recipients: 2, topDomains: [{ name: "own.test", count: 1 }] });
      expect(snapshot.queues["deferred"]).toMatchObject({ count: 1 });
      // arrival_next_attempts_pid_uid_counter_host: the next try is a minute after the first.
      const [arrivalMs = 0, nextMs = 0] = file.split("_").map(Number);
      expect(Math.abs(nextMs - arrivalMs - 60_000)).toBeLessThan(30_000);
      const ageSeconds = (snapshot.atMs - arrivalMs) / 1000;
      expect(snapshot.queues["deferred"]?.oldestAgeSeconds).toBeCloseTo(ageSeconds, 1);
      const [program, ...stat] = haraka.command("--qstat");
      expect(execFileSync(program, stat, { encoding: "utf8" })).toContain("queue_count: 1");
    } catch (error) {
      throw new Error(readFileSync(haraka.logPath, "utf8").slice(-4_000), { cause: error });
    } finally {
      await haraka.stop();
      await sink.stop();
    }
  },
);

test.each([
  ["by domain", ""],
  ["by recipient", "always_split=true\n"],
])("of a real Haraka that delivers %s: a mail over several domains ends with the last of them", async (_, outbound) => {
  let isLater = true;
  const server = await startSmtpServer({
    recipient: (address) => (isLater && address.startsWith("later") ? "450 4.2.1 later" : "250 2.1.5 Ok"),
  });
  const haraka = await startHaraka("default", server.port, outbound, "5s,5s,5s,5s,5s,5s");
  const node = nodeId("mx");
  /** What the model makes of all that was logged so far, of mails from customers alone. */
  const totals = () => {
    const model = new DelayModel({
      site: { id: siteId("main"), targetSeconds: 300 },
      nodes: [{ id: node, ownDomains: ["own.test"], backoff: backoffOf("haraka"), endsWithRecipients: true }],
    });
    const read = lineReader("haraka", { zone: "UTC", year: 2026 });
    for (const line of readFileSync(haraka.logPath, "utf8").split("\n")) {
      const event = line === "" ? undefined : read?.(line);
      if (event?.atMs !== undefined) model.apply({ kind: "log", node, atMs: event.atMs, event });
    }
    const { facts, queues } = model.evaluate(Date.now());
    return { ...facts.totals, inQueues: queues.queues.reduce((sum, { count }) => sum + count, 0) };
  };
  const send = (...to: string[]) => speakSmtp(haraka.port, handOver("a@far.test", to, "Subject: x\r\n\r\nx"));
  try {
    // Says which way it counts deliveries, before it matters.
    await send("c@own.test", "d@own.test", "e@own.test");
    await until("that to go", () => totals().waiting === 0 && totals().left > 0);
    await send("x@one.nowhere.test", "later1@own.test", "z@two.nowhere.test", "w@one.nowhere.test", "later2@own.test");
    await send("y@own.test", "later3@own.test");
    const put = (): string => readFileSync(haraka.logPath, "utf8");
    await until("them to be put off", () => /temp failed.*later3/.test(put()) && /temp failed.*later[12]/.test(put()));
    expect(totals().inQueues).toBe(2);
    isLater = false;
    await until("nothing to wait", () => totals().waiting === 0);
    expect(totals()).toMatchObject({ waiting: 0, inQueues: 0 });
    expect(put()).not.toMatch(/Too many failures/);
  } catch (error) {
    throw new Error(readFileSync(haraka.logPath, "utf8").slice(-8_000), { cause: error });
  } finally {
    await haraka.stop();
    await server.stop();
  }
});

test("a real Haraka's answer tells the hop before it under which id it took a message", async () => {
  const sink = await startSink();
  const haraka = await startHaraka("default", sink.port);
  onTestFinished(async () => {
    await haraka.stop();
    await sink.stop();
  });
  const answers = await speakSmtp(haraka.port, handOver("a@far.test", ["b@own.test"], "Subject: x\r\n\r\nbody"));
  const read = lineReader("haraka", { zone: "UTC", year: 2026 });
  const taken = await until("the message", () =>
    readFileSync(haraka.logPath, "utf8")
      .split("\n")
      .map((line) => read?.(line))
      .find((event) => event?.event === "message"),
  );
  expect(answers.flatMap((answer) => nextQueueId(answer.trimEnd()) ?? [])).toEqual([taken.queueId]);
});
