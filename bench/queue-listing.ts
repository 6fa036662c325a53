import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { listingFormats } from "../server/src/collect/listings.ts";
import { scanWay } from "../server/src/collect/mta/postfix/spool/scan.ts";
import { showqWay } from "../server/src/collect/mta/postfix/spool/socket.ts";
import type { ListingFormat } from "../server/src/collect/queue/listing.ts";
import { commandWay, type QueueWay } from "../server/src/collect/queue/way.ts";
import { startPostfix } from "../server/test/real/postfix.ts";
import { freePort, temporaryFolder, until } from "../server/test/real/process.ts";
import { type LoopFigures, watchLoop } from "./support/loop-watch.ts";
import { printedQueues, printInto } from "./support/printed-queues.ts";
import { type QueueServer, startQueueServer } from "./support/queue-server.ts";

/**
 * What each way to a queue of 100,000 messages (MAILTIDE_BENCH_MESSAGES) costs: a real Postfix' by all its ways, and what the
 * other MTAs print, from a file. Each first takes the queue over in a server that knew nothing of it, then lists it as the collector
 * does every so often, beside the bare program whose output nobody reads; at last all of its next tries fall into one turn.
 * Of each the longest stretch that held the event loop: on the wall, and of the processor's time alone, for what other programs take of a
 * core is none of ours; how long garbage was collected at most; how far the memory rose. MAILTIDE_BENCH_WAYS: names by commas.
 */
const messages = Number(process.env["MAILTIDE_BENCH_MESSAGES"] ?? 100_000);
const rounds = Number(process.env["MAILTIDE_BENCH_ROUNDS"] ?? 5);
const wanted = process.env["MAILTIDE_BENCH_WAYS"]?.split(",");

const folder = temporaryFolder("queue-listing");
const isWanted = (name: string): boolean => wanted?.includes(name) ?? true;
console.log(`${messages} messages; the median (and the worst) of ${rounds} rounds, in ms`);
try {
  if (["scan", "showq", "postqueue -j", "postqueue -p"].some(isWanted)) await postfixWays();
  for (const [name, { mta, queue }] of Object.entries(printedQueues)) {
    if (!isWanted(name)) continue;
    const path = join(folder.path, "listing");
    await printInto(path, queue, messages);
    await measure(commandWay(["cat", path], formatOf(name, mta), undefined), ["cat", path], messages);
  }
} finally {
  folder.remove();
}

function formatOf(name: string, mta: string): ListingFormat {
  const format = listingFormats.find((one) => one.name === name && one.mta === mta);
  if (format === undefined) throw new Error(`no listing ${name}`);
  return format;
}

async function postfixWays(): Promise<void> {
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
    multiply(postfix.queue().map(({ queue_id }) => queue_id)[0] ?? "", spool);
    const count = messages + 1;
    const [j, p] = ["-j", "-p"].map((how) => ["postqueue", "-c", postfix.configFolder, how] as const);
    const find = ["find", join(spool, "deferred"), "-type", "f", "-printf", String.raw`%f %s %T@\0`] as const;
    const ways: readonly (readonly [QueueWay, Command])[] = [
      [scanWay(spool), find],
      [showqWay(spool), j ?? find],
      [commandWay(j ?? find, formatOf("postqueue -j", "postfix"), undefined), j ?? find],
      [commandWay(p ?? find, formatOf("postqueue -p", "postfix"), undefined), p ?? find],
    ];
    for (const [way, bare] of ways) if (isWanted(way.name)) await measure(way, bare, count);
  } finally {
    await postfix.stop();
  }
}

/** The one message, over and over under other names, with the note of why it waits. */
function multiply(id: string, spool: string): void {
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

type Command = readonly [string, ...string[]];
type Row = Readonly<Record<string, number>>;

async function measure(way: QueueWay, bare: Command, count: number): Promise<void> {
  const taking: Row[] = [];
  const listing: Row[] = [];
  const falling: Row[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await startQueueServer(way);
    try {
      taking.push(await watched(async () => takeOver(server, count)));
      // The first one knows what was not known before.
      await server.look();
      const idle = watchLoop();
      const bareStartedMs = performance.now();
      await once(spawn(bare[0], bare.slice(1), { stdio: "ignore" }), "close");
      const bareMs = performance.now() - bareStartedMs;
      const { stall } = await idle.end();
      const row = await watched(async () => {
        const { unknown, vanished, snapshot } = await server.look();
        const listed = Object.values(snapshot.queues).reduce((sum, queue) => sum + queue.count, 0);
        if (listed !== count) throw new Error(`${way.name}: ${listed} of ${count}`);
        if (unknown.length + vanished.length > 0) throw new Error(`${way.name}: ${unknown.length} unknown`);
        return {};
      });
      listing.push({ bare: bareMs, "stall of an idle loop": stall, ...row });
      // A young message is tried again after minutes, an old one after more than an hour, and is ours a queue run later.
      const young = await watched(async () => (await server.turnAfter(700), {}));
      await server.turnAfter(3_900);
      const old = await watched(async () => (await server.turnAfter(4_600), {}));
      falling.push((young["cpu"] ?? 0) > (old["cpu"] ?? 0) ? young : old);
    } finally {
      await server.close();
    }
  }
  console.log(
    `${way.name}\n  taken over: ${said(taking)}\n  listed: ${said(listing)}\n  all due at once: ${said(falling)}`,
  );
}

/** A model that knew nothing is told, as often as it takes. */
async function takeOver(server: QueueServer, count: number): Promise<Row> {
  let [listings, taken] = [0, 0];
  const before = server.turns;
  for (; taken < count; listings++) {
    const listing = await server.look();
    taken += listing.unknown.length;
    await server.take(listing);
    if (listings > count / 1_000) throw new Error(`${taken} of ${count} are taken over`);
  }
  return { listings, turns: server.turns - before };
}

async function watched(work: () => Promise<Row>): Promise<Row> {
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage().rss;
  let highest = before;
  const look = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 20);
  const cpu = process.cpuUsage();
  const loop = watchLoop();
  const startedMs = performance.now();
  const row = await work();
  const took = performance.now() - startedMs;
  const figures: LoopFigures = await loop.end();
  clearInterval(look);
  const { user, system } = process.cpuUsage(cpu);
  return { ...row, took, cpu: (user + system) / 1_000, ...figures, "MiB more": (highest - before) / 2 ** 20 };
}

function said(rows: readonly Row[]): string {
  return Object.keys(rows[0] ?? {})
    .map((key) => {
      const values = rows.map((row) => row[key] ?? Number.NaN).toSorted((a, b) => a - b);
      const [median = 0, worst = 0] = [values[values.length >> 1], values.at(-1)];
      return `${key} ${median.toFixed(0)} (${worst.toFixed(0)})`;
    })
    .join(", ");
}
