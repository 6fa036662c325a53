import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { nodeId, siteId } from "@mailtide/shared";
import type { MailEvent } from "../server/src/core/event.ts";
import { shippedBackoff } from "../server/src/core/backoff.ts";
import { DelayModel } from "../server/src/core/model/delay-model.ts";
import type { LogObservation, Tick } from "../server/src/core/observation.ts";
import { encodeTick } from "../server/src/flow/journal.ts";
import { type OpenedIndex, openMessageIndex } from "../server/src/index/open.ts";

/**
 * How many lines a second the index takes, and what giving it turns costs the thread that turns them. Then memory and disk
 * over many messages (MAILTIDE_BENCH_MESSAGES, 300,000 by default; the soak is 5,000,000), with 256 MiB of room (MAILTIDE_BENCH_BYTES).
 */
const messages = Number(process.env["MAILTIDE_BENCH_MESSAGES"] ?? 300_000);
const node = nodeId("mx");
const startMs = 1_700_000_100_000;
const linesPerMessage = 5;
const perTurn = 2_000;

/** A turn as a busy second has it: each message from its arrival to its end, one in 50 put off, addresses of a real spread. */
function turnOf(number: number): Tick {
  const nowMs = startMs + number * 1_000;
  const observations: LogObservation[] = [];
  const say = (event: MailEvent): void => void observations.push({ kind: "log", node, atMs: nowMs, event });
  for (let i = number * perTurn; i < (number + 1) * perTurn; i++) {
    const queueId = `4X${(1e9 + i).toString(36)}z3q2`;
    const client = `192.0.${i % 200}.${i % 250}`;
    say({ event: "client", process: "postfix/smtpd", pid: i % 100, queueId, clientIp: client });
    say({
      event: "queued",
      process: "postfix/cleanup",
      pid: i % 90,
      queueId,
      messageId: `20261123.${i}.ab@m${i % 3_000}.example`,
    });
    say({
      event: "message",
      process: "postfix/qmgr",
      queueId,
      from: `sender${i % 90_000}@m${i % 3_000}.example`,
      size: 4_821,
      nrcpt: 1,
    });
    const to = `user${(i * 7) % 40_000}@own${i % 400}.example`;
    const delivery = {
      event: "delivery",
      process: "postfix/smtp",
      queueId,
      to,
      relay: "store.own.example",
      relayIp: "10.0.0.9",
      delay: 0.4,
      delays: [0.1, 0, 0.1, 0.2],
    } satisfies MailEvent;
    if (i % 50 === 0)
      say({
        ...delivery,
        status: "deferred",
        dsn: "4.4.1",
        reason: "connect to store[10.0.0.9]:24: Connection timed out",
      });
    else {
      say({
        ...delivery,
        status: "sent",
        dsn: "2.0.0",
        reason: `250 2.0.0 Ok: queued as ${queueId}X`,
        nextQueueId: `${queueId}X`,
      });
    }
    say({ event: "removed", process: "postfix/qmgr", queueId });
  }
  return { nowMs, observations, commands: [], pagesSent: [] };
}

const newModel = (): DelayModel =>
  new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [{ id: node, ownDomains: ["own1.example"], backoff: shippedBackoff.postfix }],
  });

/** The thread that turns: delay model and journal, and the index or none. Making the lines is not counted. */
async function turning(index: OpenedIndex | null, turns: number): Promise<number> {
  const model = newModel();
  let spentMs = 0;
  for (let number = 0; number < turns; number++) {
    const tick = turnOf(number);
    const from = performance.now();
    for (const observation of tick.observations) model.apply(observation);
    model.evaluate(tick.nowMs);
    const journal = encodeTick(tick);
    index?.take({ journalSeq: number + 1, facts: tick.observations.length, journal });
    spentMs += performance.now() - from;
    // Within the rest of its second the other thread has its turn.
    await index?.find({ by: "queueId", value: "none" });
  }
  return (turns * perTurn * linesPerMessage) / (spentMs / 1_000);
}

async function withIndex<T>(maxBytes: number, body: (index: OpenedIndex) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "mailtide-bench-index-"));
  // Little may wait, so that the soak stays beside it.
  const index = await openMessageIndex({ folder, keepSeconds: 7 * 86_400, maxBytes, maxWaitingBytes: 2 << 20 });
  if (index === null) throw new Error("no index");
  try {
    return await body(index);
  } finally {
    await index.close();
    rmSync(folder, { recursive: true });
  }
}

async function soak(index: OpenedIndex): Promise<void> {
  const turns = Math.ceil(messages / perTurn);
  const from = performance.now();
  for (let number = 0; number < turns; number++) {
    const tick = turnOf(number);
    index.take({ journalSeq: number + 1, facts: tick.observations.length, journal: encodeTick(tick) });
    await index.room();
    if (number % Math.ceil(turns / 10) === 0 || number === turns - 1) report(number + 1);
  }
  await index.find({ by: "queueId", value: "none" });
  const seconds = (performance.now() - from) / 1_000;
  console.log(`taken: ${Math.round((turns * perTurn * linesPerMessage) / seconds)} lines/s, beside making them`);
  const searched = performance.now();
  const found = await index.find({ by: "domain", value: "m5.example", limit: 200 });
  console.log(
    `200 messages of a domain found in ${(performance.now() - searched).toFixed(1)} ms (${found.messages.length})`,
  );
  const { hops, bytes, forgottenForRoom, lostFacts } = index.figures();
  console.log({
    hops,
    megabytes: Math.round(bytes / 1e6),
    bytesPerMessage: Math.round(bytes / hops),
    forgottenForRoom,
    lostFacts,
  });

  function report(done: number): void {
    const { rss, heapUsed } = process.memoryUsage();
    const { bytes } = index.figures();
    console.log(`${done * perTurn} messages: rss ${mb(rss)} MB, heap ${mb(heapUsed)} MB, index ${mb(bytes)} MB`);
  }
}

const mb = (bytes: number): number => Math.round(bytes / 1e6);

for (let run = 0; run < 3; run++) {
  const without = await turning(null, 60);
  const beside = await withIndex(1 << 30, (index) => turning(index, 60));
  console.log(`turning thread: ${Math.round(without)} lines/s without the index, ${Math.round(beside)} with it`);
}
await withIndex(Number(process.env["MAILTIDE_BENCH_BYTES"] ?? 256 << 20), soak);
