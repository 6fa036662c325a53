// Whether a server keeps up with a log that it follows: lines of twelve ordinary hours, with the times of now, are appended at one
// rate after the other, and a screen watches.
// usage: tsx bench/tail.ts [RATES] [SECONDS]     lines/s, with commas between; each for so long
// late: how long ago the first line was written that is not committed yet, looked at ten times a second. rest: how long after the
// last line the last was committed. frames: the longest that the screen waited for the next, and how many of them said that the log is
// stale. wrong: by how much a line that was not committed yet was older than the screen said that the log is read to.
import { appendFileSync, createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { type Freshness, protocolVersion } from "@mailtide/shared";
import { io } from "socket.io-client";
import { openEngine } from "../server/src/store/embedded/engine.ts";
import { freePort, runProgram, temporaryFolder, until } from "../server/test/real/process.ts";
import { cpuSecondsOf, memoryOf } from "./support/process-figures.ts";
import { mailtide, twelveHours } from "./support/twelve-hours.ts";

const [rates = "1000,5000,10000,20000", seconds = "60"] = process.argv.slice(2);
const recorded = join(await twelveHours(), "mx1", "mail.log.gz");
const folder = temporaryFolder("tail");
const log = join(folder.path, "mail.log");
const state = join(folder.path, "state");
const token = "bench-read-token-0123456789";
let endByte = 0;
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const config = join(folder.path, "mailtide.yaml");
writeFileSync(log, "");
writeFileSync(
  config,
  `version: 1
site: { id: bench, name: Bench, timezone: UTC }
server: { port: ${port}, state: ${JSON.stringify(state)} }
auth: { tokens: [{ name: wall, secret: { env: READ_TOKEN }, scopes: [read] }] }
nodes: [{ id: mx1, ownHops: [127.0.0.0/8], collect: [{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }] }]
`,
);

const [program = "", ...args] = mailtide("serve", "--config", config);
const server = runProgram(program, args, { env: { ...process.env, READ_TOKEN: token }, cwd: folder.path });
try {
  await until("the server", async () => (await fetch(`${url}/healthz`)).ok);
  const pid = server.child.pid ?? 0;
  const screen = await watch();
  const store = openEngine(join(state, "state.db"), { busyMs: 30_000 });
  const kept = store.prepare("SELECT position FROM position");
  const committed = (): number => (JSON.parse(String(kept.one()?.[0] ?? '{"offset":0}')) as { offset: number }).offset;
  const lines = createInterface({ input: createReadStream(recorded).pipe(createGunzip()) })[Symbol.asyncIterator]();
  for (const rate of rates.split(",").map(Number)) {
    screen.begin();
    const cpuBefore = cpuSecondsOf(pid);
    const startedMs = Date.now();
    const { late, restMs, mib, wrongMs } = await append(
      lines,
      rate,
      committed,
      screen.readToMs,
      () => memoryOf(pid).mib,
    );
    const cpu = (cpuSecondsOf(pid) - cpuBefore) / ((Date.now() - startedMs) / 1_000);
    const at = (share: number): string =>
      ((late[Math.floor((late.length - 1) * share)] ?? Number.NaN) / 1_000).toFixed(1);
    const { gapMs, frames, stale, lostLines } = screen.end();
    console.log(
      `${rate} lines/s for ${seconds} s: late ${at(0.5)} s, ${at(0.95)} s, at most ${at(1)} s, rest ${(restMs / 1_000).toFixed(1)} s; ` +
        `frames ${(gapMs / 1_000).toFixed(1)} s, ${stale} of ${frames} stale, wrong ${(wrongMs / 1_000).toFixed(1)} s; ${lostLines} lines lost; ` +
        `${(cpu * 100).toFixed(0)} % of a core, at most ${Math.max(...mib).toFixed(0)} MiB`,
    );
  }
  store.close();
  screen.close();
} finally {
  await server.stop();
  folder.remove();
}

/** Appends twenty times a second what is due, until the time is over and all is committed. Sorted, milliseconds. */
async function append(
  lines: AsyncIterator<string>,
  rate: number,
  committed: () => number,
  readToMs: () => number,
  memory: () => number,
): Promise<{
  readonly late: readonly number[];
  readonly restMs: number;
  readonly mib: readonly number[];
  readonly wrongMs: number;
}> {
  const waiting: { readonly endByte: number; readonly atMs: number }[] = [];
  const [late, mib]: [number[], number[]] = [[], []];
  const startedMs = Date.now();
  const endMs = startedMs + Number(seconds) * 1_000;
  let [written, wrongMs] = [0, 0];
  const look = (): void => {
    // What a screen shows has been committed.
    const saidMs = readToMs();
    const offset = committed();
    while ((waiting[0]?.endByte ?? Infinity) <= offset) waiting.shift();
    late.push(Date.now() - (waiting[0]?.atMs ?? Date.now()));
    wrongMs = Math.max(wrongMs, saidMs - (waiting[0]?.atMs ?? saidMs));
    mib.push(memory());
  };
  for (let step = 0; Date.now() < endMs; step++) {
    const nowMs = Date.now();
    const stamp = new Date(nowMs).toISOString().replace("Z", "+00:00");
    const due: string[] = [];
    for (; written < ((nowMs - startedMs) / 1_000) * rate; written++) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${recorded} has no more lines`);
      // Traditional times are fifteen characters long.
      due.push(`${stamp}${value.slice(15)}\n`);
    }
    appendFileSync(log, due.join(""));
    endByte += due.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    if (due.length > 0) waiting.push({ endByte, atMs: Date.now() });
    if (step % 2 === 0) look();
    await sleep(50);
  }
  const lastMs = Date.now();
  while (waiting.length > 0) {
    look();
    await sleep(100);
  }
  return { late: late.sort((a, b) => a - b), restMs: Date.now() - lastMs, mib, wrongMs };
}

/** A wall, and how its frames came since `begin`. */
async function watch(): Promise<{
  begin(): void;
  end(): { readonly gapMs: number; readonly frames: number; readonly stale: number; readonly lostLines: number };
  /** Up to when, it says, the log is read. */
  readToMs(): number;
  close(): void;
}> {
  const screen = io(url, { transports: ["websocket"], forceNew: true, auth: { token } });
  let shown: Freshness | undefined;
  let [lastMs, gapMs, frames, stale] = [performance.now(), 0, 0, 0];
  const frame = (freshness: Freshness | undefined): void => {
    const nowMs = performance.now();
    gapMs = Math.max(gapMs, nowMs - lastMs);
    lastMs = nowMs;
    shown = freshness ?? shown;
    frames += 1;
    if (shown?.slowest?.state === "stale") stale += 1;
  };
  screen.on("snapshot", ({ state: { freshness } }) => frame(freshness));
  screen.on("delta", ({ changed }) => frame(changed.freshness));
  await screen.emitWithAck("hello", { version: protocolVersion });
  return {
    begin: () => void ([lastMs, gapMs, frames, stale] = [performance.now(), 0, 0, 0]),
    end: () => ({ gapMs, frames, stale, lostLines: shown?.lostLines ?? Number.NaN }),
    readToMs: () => shown?.slowest?.lastDataMs ?? 0,
    close: () => void screen.close(),
  };
}
