import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MailEvent } from "../../src/core/event.ts";
import type { Observation } from "../../src/core/observation.ts";
import { SiteCore } from "../../src/core/site-core.ts";
import { parserFor } from "../../src/replay-parser.ts";
import { openCapture } from "../../src/replay/capture.ts";
import type { Capture } from "../../src/replay/contract.ts";
import { runCapture } from "../../src/replay/run.ts";
import { siteOf } from "../../src/replay/site.ts";
import { openStateStore } from "../../src/store/embedded/state/open.ts";
import { recoverCore } from "../../src/stores.ts";
import { startPostfix, startSink } from "../real/postfix.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { handOver, speakSmtp } from "../real/smtp-client.ts";
import {
  answers,
  ask,
  capturedBy,
  doctorOf,
  durableOffset,
  journalOf,
  logsIn,
  startAgent,
  startServer,
} from "./running.ts";

const customers = 3;

test("an agent's test mail is timed and is no customer's, through a crash of the server, and in a replay", async () => {
  const folder = temporaryFolder("agent-round-trip");
  const doorPort = await freePort();
  const sink = await startSink();
  const postfix = await startPostfix({
    routes: { "probe.test": doorPort, "own.test": sink.port },
    settings: { recipient_delimiter: "+" },
  });
  const serverPort = await freePort();
  const places = { folder: folder.path, serverPort, agentPort: serverPort };
  const says = {
    collect: `{ type: postfix-log, path: ${JSON.stringify(postfix.logPath)}, from: start }`,
    dependencies: `[{ id: trip, type: roundtrip, host: 127.0.0.1, port: ${postfix.smtpPort}, to: mailtide-probe@probe.test, listen: "127.0.0.1:${doorPort}", every: 5s, affects: [mx2] }]`,
  };
  let server = startServer(places);
  const agent = startAgent(places, says);
  const probesBack = (): number =>
    [...readFileSync(postfix.logPath, "utf8").matchAll(/to=<mailtide-probe\+[0-9a-f]{20}@.*status=sent/g)].length;
  try {
    await answers(serverPort);
    const shown = async (): Promise<string | undefined> =>
      /dependency_latency_seconds\{dependency="mx2\/trip"\} (\S+)/.exec(await ask(serverPort, "/metrics"))?.[1];
    await until("one is back", shown);
    const host = JSON.parse(await ask(serverPort, "/api/v1/nodes/mx2")) as { dependencies: string[] };
    expect(host.dependencies).toEqual(["mx2/trip"]);
    expect(doctorOf(places)).toMatch(/^ok +round trip: mx2\/dependency trip /m);
    await until("two are back", () => probesBack() >= 2);
    await server.stop("SIGKILL");
    server = startServer(places);
    await answers(serverPort);
    const before = probesBack();
    await until("another one is back", () => probesBack() > before + 1);
    for (let at = 0; at < customers; at++)
      await speakSmtp(postfix.smtpPort, handOver("anna@shop.example", [`ben${at}@own.test`], "Hello"));
    const delivered = (): boolean =>
      [...readFileSync(postfix.logPath, "utf8").matchAll(/to=<ben\d@own.test>.*status=sent/g)].length === customers;
    await until("the customers' mail is delivered", delivered);
    const { size } = statSync(postfix.logPath);
    const offset = (): number => durableOffset(folder.path, "mx2/postfix-log");
    await until("the server to have heard of it", () => offset() >= size);
  } catch (error) {
    throw new Error(`agent: ${agent.output().slice(-2_000)}\nserver: ${server.output().slice(-2_000)}`, {
      cause: error,
    });
  } finally {
    await Promise.all([agent.stop(), server.stop()]);
    await postfix.stop();
    await sink.stop();
  }
  const all = await journalOf(folder.path);
  const probes = all.filter((each) => each.kind === "probe");
  expect(probes.length).toBeGreaterThan(2);
  expect(probes.every(({ ok, type, latencySeconds }) => ok && type === "roundtrip" && latencySeconds < 20)).toBe(true);
  const dir = join(folder.path, "captured");
  capturedBy(places, dir);
  const capture = await openCapture(dir, { parserFor });
  // What is personal has another name there.
  expect(JSON.stringify(capture.meta)).not.toContain("own.test");
  // One that was under way when the agent stopped is anybody's until a line names its recipient.
  const expected = customers + underWay(all);
  expect(await countedLive(folder.path, capture)).toBe(expected);
  expect(await countedAgain(capture)).toBe(expected);
  folder.remove();
});

function underWay(all: readonly Observation[]): number {
  const idsOf = (kind: MailEvent["event"]): ReadonlySet<string | undefined> =>
    new Set(logsIn(all).flatMap(({ event }) => (event.event === kind ? [event.queueId] : [])));
  const tried = idsOf("delivery");
  return [...idsOf("client")].filter((id) => !tried.has(id)).length;
}

/** Units of mail that count as customers', by what the model would be saved as. */
function countedBy(core: SiteCore): number {
  const { totals } = JSON.parse(core.save().get("delay")?.text ?? "") as { totals: { accepted: number } };
  return totals.accepted;
}

/** As the server would stand after its next start. */
async function countedLive(folder: string, { meta }: Capture): Promise<number> {
  const core = new SiteCore({ ...siteOf(meta), mode: "live" });
  const store = await openStateStore({ folder: join(folder, "state") });
  try {
    await recoverCore(core, await store.recover());
  } finally {
    await store.close();
  }
  return countedBy(core);
}

async function countedAgain(capture: Capture): Promise<number> {
  const cores: SiteCore[] = [];
  await runCapture({ capture, onCore: (core) => void cores.push(core), onTurn: () => undefined });
  const [core] = cores;
  if (core === undefined) throw new Error("nothing was played");
  return countedBy(core);
}
