import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { lineReader } from "../../src/collect/readers.ts";
import { startPostfix, startSink } from "../real/postfix.ts";
import { freePort, type RunningProgram, temporaryFolder, until } from "../real/process.ts";
import { addressOf, sendMail } from "../real/smtp-load.ts";
import {
  answers,
  durableOffset,
  journalOf,
  logsIn,
  lossesIn,
  startAgent,
  startNetwork,
  startServer,
} from "./running.ts";

const seed = Number(process.env["MAILTIDE_AGENT_SEED"] ?? Date.now() % 1_000_000);

test("a real log comes through kill -9 on either side and a cut network whole, in order and once", async () => {
  const random = generator(seed);
  const folder = temporaryFolder("agent");
  const sink = await startSink();
  const postfix = await startPostfix({ routes: { "own.test": sink.port } });
  const serverPort = await freePort();
  const network = await startNetwork(serverPort);
  const places = { folder: folder.path, serverPort, agentPort: network.port };
  const collect = `{ type: postfix-log, path: ${JSON.stringify(postfix.logPath)}, from: start }, { type: postfix-queue, every: 1s, command: ${JSON.stringify(postfix.listCommand)} }`;
  let server = startServer(places);
  let agent = startAgent(places, { collect });
  const sending = new AbortController();
  try {
    const sent = sendMail(mails(sending.signal), { port: postfix.smtpPort, by: "xclient", parallel: 2 });
    await answers(serverPort);
    const faults = [
      async () => {
        await agent.stop("SIGKILL");
        agent = startAgent(places, { collect });
      },
      async () => {
        await server.stop("SIGKILL");
        server = startServer(places);
        await answers(serverPort);
      },
      async () => {
        network.cut();
        await pause(200 + random() * 300);
        network.mend();
      },
    ];
    for (const which of [2, 0, 1]) {
      await until("some of the log to be durable", () => durableOffset(folder.path, "mx2/postfix-log") > 0);
      await pause(random() * 600);
      await faults[which]?.();
    }
    const logged = (): number => (readFileSync(postfix.logPath, "utf8").match(/status=sent/g) ?? []).length;
    await until("mails enough to be lost", () => logged() > 50);
    sending.abort();
    const accepted = await sent;
    await until(
      "all of the log to be durable",
      () => durableOffset(folder.path, "mx2/postfix-log") === statSync(postfix.logPath).size,
    );
    await Promise.all([agent.stop(), server.stop()]);

    const all = await journalOf(folder.path);
    const read = lineReader("postfix", { zone: "UTC", year: new Date().getUTCFullYear() });
    const lines = readFileSync(postfix.logPath, "utf8").split("\n").slice(0, -1);
    const written = lines.map((line) => plain(read?.(line)));
    expect(logsIn(all).map(({ event }) => plain(event))).toEqual(written);
    expect(lossesIn(all)).toEqual([]);
    expect(accepted).toBeGreaterThan(50);
    const listings = all.filter((each) => each.kind === "queue");
    expect(listings.length).toBeGreaterThan(1);
    expect(listings.flatMap(({ vanished, unknown }) => [...vanished, ...unknown])).toEqual([]);
    expect(new Set(logsIn(all).map(({ node }) => node))).toEqual(new Set(["mx2"]));
  } catch (error) {
    throw new Error(`seed ${seed}; agent: ${tail(agent)}; server: ${tail(server)}`, { cause: error });
  } finally {
    sending.abort();
    await Promise.all([agent.stop("SIGKILL"), server.stop("SIGKILL")]);
    network.stop();
    await postfix.stop();
    await sink.stop();
    folder.remove();
  }
});

function* mails(signal: AbortSignal) {
  for (let index = 0; !signal.aborted; index++) {
    const to = index % 9 === 0 ? "refused@own.test" : `b${index}@own.test`;
    yield { clientIp: addressOf(index), from: `a${index}@else.test`, to };
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const tail = (program: RunningProgram): string => program.output().slice(-1_000);

/** Numbers from 0 to 1 that can be had again (mulberry32). */
function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
