import { performance } from "node:perf_hooks";
import { nodeId, siteId } from "@mailtide/shared";
import type { LogObservation } from "../server/src/core/observation.ts";
import { shippedBackoff } from "../server/src/core/backoff.ts";
import { DelayModel } from "../server/src/core/model/delay-model.ts";

/** How many log events a second the delay model takes, and what one second's numbers cost with 400,000 units waiting. */
const node = nodeId("mx");
const startMs = 1_700_000_100_000;

const model = (): DelayModel =>
  new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [{ id: node, ownDomains: ["own.test"], backoff: shippedBackoff.postfix }],
  });

function line(atMs: number, event: LogObservation["event"]): LogObservation {
  return { kind: "log", node, atMs, event: { atMs, ...event } };
}

/** Six lines a message, at `perSecond` messages; `end` says what becomes of each. */
function* stream(count: number, perSecond: number, end: "sent" | "own" | "remote" | "none"): Generator<LogObservation> {
  const own = { relay: "store", relayIp: "10.0.0.1", relayPort: 24 } as const;
  const far = { relay: "mx.far.test", relayIp: "198.51.100.9", relayPort: 25 } as const;
  for (let i = 0; i < count; i++) {
    const at = startMs + Math.floor(i / perSecond) * 1_000;
    const queueId = `${(0x100000 + i).toString(16).toUpperCase()}F${i % 10}`;
    yield line(at, {
      event: "client",
      process: "postfix/smtpd",
      pid: i % 100,
      queueId,
      clientIp: `192.0.2.${i % 250}`,
    });
    yield line(at, { event: "queued", process: "postfix/cleanup", queueId, messageId: `${i}@far.test` });
    yield line(at, { event: "message", process: "postfix/qmgr", queueId, from: "a@far.test", size: 2_000, nrcpt: 1 });
    const delivery = {
      event: "delivery" as const,
      process: "postfix/smtp",
      queueId,
      to: `u${i % 5_000}@own.test`,
      delay: 0.27,
      delays: [0.1, 0, 0.1, 0.07],
    } satisfies LogObservation["event"];
    if (end === "sent")
      yield line(at + 1_000, {
        ...delivery,
        ...own,
        status: "sent",
        dsn: "2.0.0",
        reason: `250 2.0.0 Ok: queued as ${queueId}X`,
      });
    if (end === "sent") yield line(at + 1_000, { event: "removed", process: "postfix/qmgr", queueId });
    if (end === "own") yield line(at, { ...delivery, ...own, ...refused("10.0.0.1") });
    if (end === "remote") yield line(at, { ...delivery, ...far, ...refused("198.51.100.9") });
    yield line(at, { event: "disconnect", process: "postfix/smtpd", pid: i % 100, clientIp: `192.0.2.${i % 250}` });
  }
}

function refused(ip: string) {
  return { status: "deferred", dsn: "4.4.1", reason: `connect to x[${ip}]:25: Connection refused` } as const;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function applyRate(end: "sent" | "own" | "remote"): string {
  const rates = Array.from({ length: 5 }, () => {
    const lines = [...stream(100_000, 50, end)];
    const fresh = model();
    let evaluated = startMs;
    let inEvaluate = 0;
    const began = performance.now();
    for (const observation of lines) {
      if (observation.atMs > evaluated) {
        evaluated = observation.atMs;
        const at = performance.now();
        fresh.evaluate(evaluated);
        inEvaluate += performance.now() - at;
      }
      fresh.apply(observation);
    }
    return {
      perSecond: lines.length / ((performance.now() - began - inEvaluate) / 1_000),
      evaluateMs: inEvaluate / 2_000,
    };
  });
  const [perSecond, evaluateMs] = [
    median(rates.map((rate) => rate.perSecond)),
    median(rates.map((rate) => rate.evaluateMs)),
  ];
  return `apply, ${end}: ${Math.round(perSecond / 1_000)} k events/s; evaluate ${evaluateMs.toFixed(2)} ms each second of it`;
}

function waitingCost(end: "own" | "remote" | "none"): string {
  const full = model();
  let nowMs = startMs;
  for (const observation of stream(400_000, 20, end)) {
    full.apply(observation);
    nowMs = observation.atMs;
  }
  full.evaluate(nowMs);
  const heap = process.memoryUsage().heapUsed / 2 ** 20;
  const each = Array.from({ length: 25 }, () => {
    nowMs += 1_000;
    const began = performance.now();
    full.evaluate(nowMs);
    return performance.now() - began;
  });
  const saving = performance.now();
  const text = full.save();
  const savedMs = performance.now() - saving;
  const restoring = performance.now();
  model().restore({ format: 1, text });
  return `400,000 waiting (${end}): evaluate ${median(each).toFixed(1)} ms, worst ${Math.max(...each).toFixed(1)}; heap ${Math.round(heap)} MiB; save ${Math.round(savedMs)} ms, ${Math.round(text.length / 2 ** 20)} MiB; restore ${Math.round(performance.now() - restoring)} ms`;
}

for (const end of ["sent", "own", "remote"] as const) console.log(applyRate(end));
for (const end of ["own", "remote", "none"] as const) console.log(waitingCost(end));
