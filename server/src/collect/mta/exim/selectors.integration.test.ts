import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { type RunningExim, startExim } from "../../../../test/real/exim.ts";
import { type RunningSink, startSink } from "../../../../test/real/postfix.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { lineParser } from "../../readers.ts";

const running: (RunningExim | RunningSink)[] = [];
afterAll(async () => {
  for (const one of running) await one.stop();
});

/** A header that looks like fields, for what a sender chose is logged among them. */
const text = 'Message-ID: <m1@far.test>\r\nSubject: R=x T="y" H=z [192.0.2.1]';
const one = (event: string, more: Record<string, unknown>): unknown => expect.objectContaining({ event, ...more });
const milestones = new Set(["message", "delivery", "removed", "reject"]);

test.each(["-all", "+incoming_interface +pid +millisec", "+all", "+all -sender_on_delivery -received_recipients"])(
  "log_selector = %s: a real Exim's lines say the same of one mail delivered and two refused",
  async (logSelector) => {
    const nextHopPort = await freePort();
    const sink = await startSink(nextHopPort);
    running.push(sink);
    const exim = await startExim({ nextHopPort, logSelector });
    running.push(exim);
    await speakSmtp(exim.smtpPort, handOver("s@far.test", ["a@own.test", "b@own.test"], text));
    await speakSmtp(exim.smtpPort, handOver("", ["refused@own.test"], text));
    await speakSmtp(exim.smtpPort, handOver("s@far.test", ["later@own.test"], text));
    const log = () => readFileSync(exim.logPath, "utf8");
    await until("it to be delivered", () => / Completed/.test(log()) && log().includes("temporarily rejected"));

    const parse = lineParser("exim", { zone: "UTC", year: 2026 });
    const said = log()
      .split("\n")
      .map((line) => parse?.(line) ?? {})
      .filter(({ event }) => milestones.has(String(event)));
    const ids = new Set(said.flatMap(({ queueId }) => (queueId === undefined ? [] : [queueId])));
    expect(ids.size).toBe(1);
    const client = { clientIp: "127.0.0.1", helo: "client.test" };
    const size = expect.any(Number) as unknown;
    const hop = { status: "sent", relay: "127.0.0.1", relayIp: "127.0.0.1", transport: "remote" };
    expect(said).toHaveLength(6);
    expect(said).toEqual(
      expect.arrayContaining([
        one("message", {
          from: "s@far.test",
          ...client,
          size,
          ...(logSelector === "-all" ? {} : { messageId: "m1@far.test" }),
        }),
        one("delivery", { to: "a@own.test", ...hop }),
        one("delivery", { to: "b@own.test", ...hop }),
        one("removed", {}),
        one("reject", { from: "", to: "refused@own.test", stage: "RCPT", ...client }),
        one("reject", {
          from: "s@far.test",
          to: "later@own.test",
          action: "temporarily rejected",
          attribution: "policy",
          ...client,
        }),
      ]),
    );
  },
);
