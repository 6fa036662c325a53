import { memoryDay, tinyDayMs } from "../../src/simulate/engine/testing/memory-day.ts";
import { arrivals, domainOf } from "./arrivals.ts";
import type { RealRun } from "./real.ts";

/** The same arrivals, at about the same speed, through the simulated host. */
export async function simulatedLines({ count, backoffSeconds, runDelaySeconds, lastsMs }: RealRun): Promise<string[]> {
  const mails = [...arrivals(count)];
  const hosts = Object.fromEntries(["full", "grey", "throttled", "closed"].map((side) => [side, `mx.${side}.test`]));
  let asked = 0;
  const { log } = await memoryDay({
    scenario: {
      to: "2016-05-11T10:01",
      // As little old mail as can be; the arrivals are what counts.
      rate: 0.1,
      dependencies: [
        { id: "recipients", type: "tcp" },
        { id: "verdicts", type: "tcp" },
      ],
      platform: {
        nodes: ["mx1"],
        inbound: { asks: ["recipients"] },
        filter: {
          capacity: 1000,
          serviceSeconds: 0.02,
          asks: [{ dependency: "verdicts", share: 0.02 }],
          // One mail in twenty, as in the arrivals.
          givesUpShare: 0.05,
        },
        queue: {
          minimalBackoffSeconds: backoffSeconds.least,
          maximalBackoffSeconds: backoffSeconds.most,
          runDelaySeconds,
        },
      },
    },
    world: {
      count,
      perSecond: 40,
      session(plain, number) {
        const mail = mails[number];
        if (mail === undefined) return {};
        const { clientIp, from, to, refuse, filter } = mail;
        return {
          client: { name: "unknown", ip: clientIp },
          saslUser: null,
          sender: from,
          recipients: to,
          hostile: filter === "hostile",
          refuse: refuse === "look-up" ? null : refuse,
          messageId: plain.messageId,
        };
      },
      destination: (domain) => ({
        connectSeconds: 0.002,
        transmitSeconds: 0.002,
        greylists: domain === domainOf("grey"),
        fullMailboxShare: domain === domainOf("full") ? 1 : 0,
      }),
      conditions: {
        // One look-up of a recipient in nineteen fails, because one arrival in twenty never gets so far.
        dependency: (id) =>
          id === "verdicts" || asked++ % 18 === 17 ? { state: "refusing", slowdown: 1 } : { state: "ok", slowdown: 1 },
        attempt: (_node, { name }) =>
          name === hosts["throttled"]
            ? { fault: "throttle", ours: false }
            : name === hosts["closed"]
              ? { fault: "refuse", ours: false }
              : null,
      },
    },
  });
  const lastMs = tinyDayMs + lastsMs;
  return log.filter((line) => Date.parse(`2016-05-11T${line.slice(7, 15)}Z`) < lastMs);
}
