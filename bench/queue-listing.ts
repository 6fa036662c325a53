import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { compileHops } from "../server/src/core/model/hops.ts";
import { postqueueJ } from "../server/src/collect/mta/postfix/postqueue-j.ts";
import { scanWay } from "../server/src/collect/mta/postfix/spool/scan.ts";
import { showqWay } from "../server/src/collect/mta/postfix/spool/socket.ts";
import { QueueComparison } from "../server/src/collect/queue/comparison.ts";
import { SnapshotBuilder } from "../server/src/collect/queue/snapshot.ts";
import { commandWay, type QueueWay } from "../server/src/collect/queue/way.ts";
import { startPostfix } from "../server/test/real/postfix.ts";
import { freePort, until } from "../server/test/real/process.ts";

/**
 * What each way to the queue of a real Postfix costs with 100,000 deferred messages (MAILTIDE_BENCH_MESSAGES): beside the bare
 * program, whose output nobody reads, the listing as the collector makes it, compared with a model that knows every message.
 * How long the event loop stood still at most (and how long while it had nothing to do but to wait for the bare program: what
 * the machine itself takes), and how far the memory rose.
 */
const messages = Number(process.env["MAILTIDE_BENCH_MESSAGES"] ?? 100_000);
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
  const known = new Set(postfix.queue().map(({ queue_id }) => queue_id));
  console.log(`${known.size} deferred messages; the median (and the worst) of ${rounds} rounds`);
  const bare: Record<string, readonly [string, ...string[]]> = {
    scan: ["find", join(spool, "deferred"), "-type", "f", "-printf", String.raw`%f %s %T@\0`],
    showq: ["postqueue", "-c", postfix.configFolder, "-j"],
    "postqueue -j": ["postqueue", "-c", postfix.configFolder, "-j"],
  };
  for (const way of [scanWay(spool), showqWay(spool), commandWay(postfix.listCommand, postqueueJ, undefined)])
    await measure(way, bare[way.name] ?? ["true"], known);
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

async function measure(way: QueueWay, bare: readonly [string, ...string[]], known: ReadonlySet<string>): Promise<void> {
  const rows: {
    bareMs: number;
    tookMs: number;
    cpuMs: number;
    idleStallMs: number;
    stallMs: number;
    grownMiB: number;
  }[] = [];
  const comparison = new QueueComparison();
  const ids = { has: (id: string) => known.has(id), acceptedBefore: () => known };
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
    const nowMs = Date.now();
    const snapshot = new SnapshotBuilder({ ...way, atMs: nowMs, hops: compileHops() });
    const compared = comparison.begin(nowMs, ids);
    let count = 0;
    await way.list({ nowMs, zone: "UTC" }, AbortSignal.timeout(120_000), (entry) => {
      count += 1;
      snapshot.add(entry);
      compared.add(entry, ids);
    });
    await compared.finish(() => ids);
    snapshot.finish();
    const tookMs = performance.now() - startedMs;
    clearInterval(watch);
    delay.disable();
    if (count !== known.size) throw new Error(`${way.name}: ${count} of ${known.size}`);
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
