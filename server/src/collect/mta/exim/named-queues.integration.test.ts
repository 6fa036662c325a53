import { type EpochMs, nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectingInto } from "../../../../test/collecting.ts";
import { type RunningExim, startExim } from "../../../../test/real/exim.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { handOver, speakSmtp } from "../../../../test/real/smtp-client.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import type { PollCollector } from "../../collector.ts";
import { eximLog, eximQueue } from "./index.ts";

const node = nodeId("mx");
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const model = new DelayModel({
  site: { id: siteId("main"), targetSeconds: 300 },
  nodes: [{ id: node, ownDomains: ["own.test"], backoff: backoffOf("exim") }],
});
const context = collectingInto(model);

let exim: RunningExim;
let log: ReturnType<typeof eximLog.create>;
beforeAll(async () => {
  exim = await startExim({ nextHopPort: await freePort() });
  log = eximLog.create(eximLog.config.parse({ path: exim.logPath, from: "start" }), { id: node, timezone });
  await log.start(context);
});
afterAll(async () => {
  await log?.stop();
  await exim?.stop();
});

const totals = (nowMs: EpochMs = Date.now()) => model.evaluate(nowMs).facts.totals;
function listing(more: object = {}): () => Promise<{ readonly listed: number; readonly vanished: readonly string[] }> {
  const config = eximQueue.config.parse({ command: exim.listCommand, ...more });
  const queue = eximQueue.create(config, { id: node, timezone }) as PollCollector;
  return async () => {
    await queue.start(context);
    const [found] = (await queue.poll(AbortSignal.timeout(120_000))).observations;
    if (found?.kind !== "queue") throw new Error("no listing");
    return { listed: found.snapshot.queues["queue"]?.count ?? 0, vanished: found.vanished };
  };
}

test("a message that is moved into a named queue waits there, and is not gone", async () => {
  for (const to of ["a@own.test", "b@own.test"])
    await speakSmtp(exim.smtpPort, handOver("s@far.test", [to], "Subject: hello"));
  await until("two to wait", () => totals().waiting === 2);
  const [ofDefault, ofBoth] = [listing(), listing({ queues: ["slow"] })];
  expect([await ofDefault(), await ofBoth()]).toEqual(Array.from({ length: 2 }, () => ({ listed: 2, vanished: [] })));
  const [id = ""] = /\S{6}-\S{6,11}-\S{2,4}/.exec(exim.exim("-bpr")) ?? [];
  // A delivery that has just begun holds the message.
  await until("it to be moved", () => {
    exim.exim("-MG", "slow", id);
    return exim.exim("-bpc").trim() === "1";
  });
  const end = "the log of the move to be read";
  await until(
    end,
    () => [...context.knownIds(node).acceptedBefore(Date.now())].filter((each) => each !== null).length === 1,
  );
  // Gone is what two listings in a row did not show.
  for (let times = 0; times < 3; times += 1) {
    expect(await ofDefault()).toEqual({ listed: 1, vanished: [] });
    expect(await ofBoth()).toEqual({ listed: 2, vanished: [] });
  }
  exim.exim("-qGslow", "-Mrm", id);
  await until("its end there to be read", () => totals().unexplained === 1);
  expect(await ofBoth()).toEqual({ listed: 1, vanished: [] });
});

test("names of queues are no options", () => {
  for (const name of ["-x", "a b", "", "../x"])
    expect(eximQueue.config.safeParse({ queues: [name] }).success, name).toBe(false);
});
