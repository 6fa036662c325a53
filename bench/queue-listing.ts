import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setImmediate as immediate } from "node:timers/promises";
import { collectorId, nodeId, siteId } from "@mailtide/shared";
import { DelayModel } from "../server/src/core/model/delay-model.ts";
import { compileHops } from "../server/src/core/model/hops.ts";
import { postqueueJ } from "../server/src/collect/mta/postfix/postqueue-j.ts";
import { scanWay } from "../server/src/collect/mta/postfix/spool/scan.ts";
import { showqWay } from "../server/src/collect/mta/postfix/spool/socket.ts";
import { QueueComparison } from "../server/src/collect/queue/comparison.ts";
import { SnapshotBuilder } from "../server/src/collect/queue/snapshot.ts";
import { commandWay, type QueueWay } from "../server/src/collect/queue/way.ts";
import { Intake } from "../server/src/flow/intake.ts";
import { encodeTick } from "../server/src/flow/journal.ts";
import { startPostfix } from "../server/test/real/postfix.ts";
import { freePort, until } from "../server/test/real/process.ts";

/**
 * What each way to the queue of a real Postfix costs with 100,000 deferred messages (MAILTIDE_BENCH_MESSAGES): beside the bare
 * program, whose output nobody reads, the listing as the collector makes it, compared with a model that knows every message;
 * and before that, what it takes until a model that knew nothing has been told of all.
 * How long the event loop stood still at most (and how long while it had nothing to do but to wait for the bare program: what
 * the machine itself takes), and how far the memory rose.
 */
const messages = Number(process.env["MAILTIDE_BENCH_MESSAGES"] ?? 100_000);
const node = nodeId("mx1");
const rounds = Number(process.env["MAILTIDE_BENCH_ROUNDS"] ?? 5);

const postfix = await startPostfix({
  routes: { "own.test": await freePort() },
  settings: { enable_long_queue_ids: "yes" },
  // Nothing is tried again meanwhile.
  minimalBackoffSeconds: 40_000,
  maximalBackoffSeconds: 40_000,
});
const spool = join(postfix.configFolder, "../spool");
try {
  const load = ["-s", "1", "-m", "1", "-l", "900", "-f", "a@far.test", "-t", "b@own.test"];
  execFileSync("smtp-source", [...load, `127.0.0.1:${postfix.smtpPort}`]);
  await until("a deferred message", () => postfix.queue()[0]?.queue_name === "deferred", { withinMs: 30_000 });
  multiply();
  const count = postfix.queue().length;
  console.log(`${count} deferred messages; the median (and the worst) of ${rounds} rounds`);
  const model = new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: [
      {
        id: node,
        ownDomains: ["own.test"],
        backoff: { minimalSeconds: 300, maximalSeconds: 4_000, queueRunDelaySeconds: 300 },
      },
    ],
  });
  const bare: Record<string, readonly [string, ...string[]]> = {
    scan: ["find", join(spool, "deferred"), "-type", "f", "-printf", String.raw`%f %s %T@\0`],
    showq: ["postqueue", "-c", postfix.configFolder, "-j"],
    "postqueue -j": ["postqueue", "-c", postfix.configFolder, "-j"],
  };
  await takeOver(commandWay(postfix.listCommand, postqueueJ, undefined), count, model);
  for (const way of [scanWay(spool), showqWay(spool), commandWay(postfix.listCommand, postqueueJ, undefined)])
    await measure(way, { bare: bare[way.name] ?? ["true"], count, model });
} finally {
  await postfix.stop();
}

/** The one message, over and over under other names, with the note of why it waits. */
function multiply(): void {
  const [id = ""] = postfix.queue().map(({ queue_id }) => queue_id);
  const find = (folder: string): string =>
    join(
      spool,
      folder,
      readdirSync(join(spool, folder), { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(id)) ?? "",
    );
  const [file, note] = [find("deferred"), find("defer")];
  const alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
  const digits = (value: number, length: number): string =>
    length === 0 ? "" : digits(Math.floor(value / 52), length - 1) + (alphabet[value % 52] ?? "");
  for (const folder of ["deferred", "defer"])
    for (const hash of "0123456789ABCDEF") mkdirSync(join(spool, folder, hash), { recursive: true, mode: 0o700 });
  for (let at = 0; at < messages; at++) {
    // The inode is of base 51, without z. Hashed by the first hexadecimal digit of its microseconds (Postfix: src/global/mail_queue.c).
    const micros = (at * 10) % 1_000_000;
    const hash = micros.toString(16).toUpperCase().padStart(5, "0").slice(0, 1);
    const name = `${id.slice(0, 6)}${digits(micros, 4)}z${String(at).padStart(6, "0")}`;
    copyFileSync(file, join(spool, "deferred", hash, name));
    copyFileSync(note, join(spool, "defer", hash, name));
  }
  likeThat(join(spool, "deferred"), file);
  likeThat(join(spool, "defer"), note);
}

/** Owner, mode and time as Postfix has them. */
function likeThat(folder: string, reference: string): void {
  for (const command of [
    ["chown", "-R", "postfix", folder],
    ["find", folder, "-type", "f", "-exec", "touch", "-r", reference, "{}", "+"],
    ["find", folder, "-type", "f", "-exec", "chmod", "--reference", reference, "{}", "+"],
  ]) {
    const [program = "", ...args] = command;
    execFileSync(program, args);
  }
}

interface Measured {
  readonly bare: readonly [string, ...string[]];
  readonly count: number;
  readonly model: DelayModel;
}

/** The queue is told to a model that knows nothing, as the pipeline would: a listing, then turns until it has been taken in. */
async function takeOver(way: QueueWay, count: number, model: DelayModel): Promise<void> {
  const comparison = new QueueComparison();
  const intake = new Intake();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  const turnsMs: number[] = [];
  let listings = 0;
  delay.enable();
  for (let taken = 0; taken < count; listings++) {
    const { observation } = await list(way, comparison, model);
    taken += observation.unknown.length;
    await intake.put(collectorId("mx1/postfix-queue"), { observations: [observation] });
    while (intake.waitingFacts > 0) {
      const startedMs = performance.now();
      const { observations } = intake.take(10_000);
      for (const one of observations) model.apply(one);
      encodeTick({ nowMs: Date.now(), observations, commands: [], pagesSent: [] });
      turnsMs.push(performance.now() - startedMs);
      await immediate();
    }
    if (listings > count) throw new Error(`${taken} of ${count} are taken over`);
  }
  delay.disable();
  const sorted = turnsMs.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
  console.log(
    `nothing known, ${way.name}: ${listings} listings and ${turnsMs.length} turns in ${(performance.now() - started).toFixed(0)} ms; ` +
      `a turn ${median.toFixed(1)} (${worst.toFixed(1)}) ms, longest stall ${(delay.max / 1e6).toFixed(0)} ms`,
  );
}

/** One listing as the collector makes it. */
async function list(way: QueueWay, comparison: QueueComparison, model: DelayModel) {
  // The log has had its time to tell of all that waits.
  const nowMs = Date.now() + 20_000;
  const known = () => model.knownIds(node);
  const snapshot = new SnapshotBuilder({ ...way, atMs: nowMs, hops: compileHops() });
  const compared = await comparison.begin(nowMs, known());
  let count = 0;
  await way.list({ nowMs, zone: "UTC" }, AbortSignal.timeout(120_000), (entry) => {
    count += 1;
    snapshot.add(entry);
    compared.add(entry, known());
  });
  const { ageless: _, ...difference } = await compared.finish(known);
  const told = { snapshot: snapshot.finish(), ...difference };
  return { count, observation: { kind: "queue", node, atMs: nowMs, endMs: nowMs, ...told } as const };
}

async function measure(way: QueueWay, { bare, count, model }: Measured): Promise<void> {
  const rows: {
    bareMs: number;
    tookMs: number;
    cpuMs: number;
    idleStallMs: number;
    stallMs: number;
    grownMiB: number;
  }[] = [];
  const comparison = new QueueComparison();
  // The first round warms what is compiled and cached.
  for (let round = 0; round <= rounds; round++) {
    const idle = monitorEventLoopDelay({ resolution: 1 });
    idle.enable();
    const bareStartedMs = performance.now();
    await once(spawn(bare[0], bare.slice(1), { stdio: "ignore" }), "close");
    const bareMs = performance.now() - bareStartedMs;
    idle.disable();
    (globalThis as { gc?: () => void }).gc?.();
    const before = process.memoryUsage().rss;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const cpu = process.cpuUsage();
    let highest = before;
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 20);
    const startedMs = performance.now();
    const listed = await list(way, comparison, model);
    const tookMs = performance.now() - startedMs;
    clearInterval(watch);
    delay.disable();
    if (listed.count !== count) throw new Error(`${way.name}: ${listed.count} of ${count}`);
    const { unknown, vanished } = listed.observation;
    if (unknown.length + vanished.length > 0) throw new Error(`${way.name}: ${unknown.length} unknown`);
    const { user, system } = process.cpuUsage(cpu);
    if (round > 0)
      rows.push({
        bareMs,
        tookMs,
        cpuMs: (user + system) / 1000,
        idleStallMs: idle.max / 1e6,
        stallMs: delay.max / 1e6,
        grownMiB: (highest - before) / 2 ** 20,
      });
  }
  const figure = (
    key: "bareMs" | "tookMs" | "cpuMs" | "idleStallMs" | "stallMs" | "grownMiB",
    unit: string,
  ): string => {
    const sorted = rows.map((row) => row[key]).sort((a, b) => a - b);
    return `${(sorted[sorted.length >> 1] ?? 0).toFixed(0)} (${(sorted.at(-1) ?? 0).toFixed(0)}) ${unit}`;
  };
  console.log(
    `${way.name}: bare ${figure("bareMs", "ms")}, ours ${figure("tookMs", "ms")}, our CPU ${figure("cpuMs", "ms")}, ` +
      `longest stall ${figure("stallMs", "ms")} (idle: ${figure("idleStallMs", "ms")}), memory +${figure("grownMiB", "MiB")}`,
  );
}
