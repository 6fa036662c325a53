import { expect, test } from "vitest";
import { startPostfix } from "../real/postfix.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { answers, ask, journalOf, startAgent, startServer } from "./running.ts";

test("an agent sends test mail too, once what it would send is durable in its spool", async () => {
  const folder = temporaryFolder("agent-round-trip");
  const doorPort = await freePort();
  const postfix = await startPostfix({ routes: { "own.test": doorPort }, settings: { recipient_delimiter: "+" } });
  const serverPort = await freePort();
  const places = { folder: folder.path, serverPort, agentPort: serverPort };
  const says = {
    collect: `{ type: postfix-log, path: ${JSON.stringify(postfix.logPath)}, from: start }`,
    dependencies: `[{ id: trip, type: roundtrip, host: 127.0.0.1, port: ${postfix.smtpPort}, to: mailtide-probe@own.test, listen: "127.0.0.1:${doorPort}", every: 5s, affects: [mx2] }]`,
  };
  const server = startServer(places);
  const agent = startAgent(places, says);
  try {
    await answers(serverPort);
    const shown = async (): Promise<string | undefined> =>
      /dependency_latency_seconds\{dependency="mx2\/trip"\} (\S+)/.exec(await ask(serverPort, "/metrics"))?.[1];
    await until("one is back", shown, { withinMs: 30_000 });
  } catch (error) {
    throw new Error(`agent: ${agent.output().slice(-2_000)}`, { cause: error });
  } finally {
    await Promise.all([agent.stop(), server.stop()]);
    await postfix.stop();
  }
  const probes = (await journalOf(folder.path)).filter((each) => each.kind === "probe");
  expect(probes.length).toBeGreaterThan(0);
  expect(probes.every(({ ok, type, latencySeconds }) => ok && type === "roundtrip" && latencySeconds < 20)).toBe(true);
  folder.remove();
});
