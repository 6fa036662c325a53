import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseLine } from "../../src/agent/spool/line.ts";
import { freePort, type RunningProgram, temporaryFolder, until } from "../real/process.ts";
import {
  answers,
  durableOffset,
  journalOf,
  logsIn,
  lossesIn,
  type Places,
  startAgent,
  startServer,
  spoolOf,
} from "./running.ts";

let folder: ReturnType<typeof temporaryFolder>;
let places: Places;
let log = "";
let spool = "";
let server: RunningProgram;
let agent: RunningProgram;
beforeEach(async () => {
  folder = temporaryFolder("turned-back");
  const port = await freePort();
  places = { folder: folder.path, serverPort: port, agentPort: port };
  log = join(folder.path, "mail.log");
  spool = spoolOf(folder.path, "agent");
  writeFileSync(log, "");
  await startBoth();
});
afterEach(async () => {
  await Promise.all([agent.stop("SIGKILL"), server.stop("SIGKILL")]);
  folder.remove();
});

const collecting = (): RunningProgram =>
  startAgent(places, { collect: `{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }` });
async function startBoth(): Promise<void> {
  server = startServer(places);
  await answers(places.serverPort);
  agent = collecting();
}
const idOf = (n: number): string => `ABCDEF${String(n).padStart(4, "0")}`;
const upTo = (last: number, first = 1): string[] => Array.from({ length: last - first + 1 }, (_, i) => idOf(first + i));

/** One by one, so that each is a record of its own. */
async function write(first: number, last: number, then: (n: number) => unknown): Promise<void> {
  for (let n = first; n <= last; n++) {
    appendFileSync(log, `2026-11-30T10:00:00Z mx2 postfix/qmgr[1]: ${idOf(n)}: removed\n`);
    await until(`line ${n} to be taken`, () => then(n), { everyMs: 20 });
  }
}
const isDurable = (): boolean => durableOffset(folder.path, "mx2/postfix-log") === readFileSync(log).length;
const records = () =>
  readdirSync(spool)
    .sort()
    .flatMap((name) => readFileSync(join(spool, name), "latin1").split("\n"))
    .map((text) => parseLine(Buffer.from(text, "latin1")))
    .flatMap((line) => (line?.kind === "record" ? [line.record] : []));
const isSpooled = (n: number): boolean => records().some(({ wire }) => wire.includes(idOf(n)));
/** What the server was told, at the end of both. */
async function told(): Promise<{ ids: (string | undefined)[]; lost: number }> {
  await Promise.all([agent.stop(), server.stop()]);
  const all = await journalOf(folder.path);
  return {
    ids: logsIn(all).map(({ event }) => event.queueId),
    lost: lossesIn(all).reduce((sum, { lines }) => sum + lines, 0),
  };
}
function damage(n: number): void {
  const name = readdirSync(spool).sort().at(-1) ?? "";
  const bytes = readFileSync(join(spool, name));
  const at = bytes.indexOf(idOf(n));
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(join(spool, name), bytes);
}

test("a spool that was restored from a snapshot loses nothing of what came since, however often it starts before it is heard", async () => {
  await write(1, 5, isDurable);
  await agent.stop();
  cpSync(spool, `${spool}-snapshot`, { recursive: true });
  agent = collecting();
  await write(6, 10, isDurable);
  await Promise.all([agent.stop(), server.stop()]);

  rmSync(spool, { recursive: true });
  cpSync(`${spool}-snapshot`, spool, { recursive: true });
  agent = collecting();
  // With fewer records for what the server had, and more behind them, than it had.
  await write(11, 20, isSpooled);
  await agent.stop("SIGKILL");
  await startBoth();
  await until("the last to be durable", isDurable);
  const { ids, lost } = await told();
  expect(ids).toEqual([...upTo(10), ...upTo(20, 6)]);
  expect(lost).toBe(0);
});

test("a bit that flipped in the spool costs what it stood in, counted where it was not sent, and nothing comes twice", async () => {
  await write(1, 6, isDurable);
  await agent.stop();
  damage(3);
  agent = collecting();
  await write(7, 8, isDurable);
  await server.stop();
  await write(9, 14, isSpooled);
  await agent.stop();
  damage(11);
  await startBoth();
  await until("the last to be durable", isDurable);
  const { ids, lost } = await told();
  expect(ids).toEqual(upTo(14).filter((id) => id !== idOf(11)));
  expect(lost).toBe(1);
});

test("a server that was restored from an older state is told again what the agent still has", async () => {
  await write(1, 5, isDurable);
  await server.stop();
  const state = join(folder.path, "state");
  cpSync(state, `${state}-backup`, { recursive: true });
  server = startServer(places);
  await answers(places.serverPort);
  await write(6, 10, isDurable);
  await server.stop();
  rmSync(state, { recursive: true });
  cpSync(`${state}-backup`, state, { recursive: true });
  server = startServer(places);
  await answers(places.serverPort);
  await write(11, 12, isDurable);
  const { ids, lost } = await told();
  expect(ids).toEqual(upTo(12));
  expect(lost).toBe(0);
});
