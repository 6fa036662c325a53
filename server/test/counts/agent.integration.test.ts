import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { CountsObservation } from "../../src/core/observation.ts";
import { answers, ask, journalOf, startAgent, startServer } from "../agent/running.ts";
import { freePort, temporaryFolder, until } from "../real/process.ts";

test("an agent asks an exporter on its host, and the server has its counts under the node's name", async () => {
  let looks = 0;
  const exporter = createServer((_request, response) => {
    looks += 1;
    response.end('q{queue="deferred"} 41\n');
  });
  await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
  const folder = temporaryFolder("counts-agent");
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const server = startServer(places);
  onTestFinished(async () => {
    await server.stop();
    exporter.closeAllConnections();
    exporter.close();
    folder.remove();
  });
  await answers(port);
  const url = `http://127.0.0.1:${(exporter.address() as AddressInfo).port}/metrics`;
  const mapping = '[{ metric: q, as: count, queue: "{queue}" }]';
  const agent = startAgent(places, {
    collect: `{ type: prometheus, url: "${url}", every: 1s, name: broker, mapping: ${mapping} }`,
  });
  onTestFinished(() => agent.stop());
  // What is not on its way any more is durable on the server.
  await until(
    "three looks, and nothing of them on its way",
    async () => looks >= 3 && /mailtide_agent_behind_seconds\{node="mx2"\} 0\b/.test(await ask(port, "/metrics")),
  );
  await agent.stop();
  await server.stop();
  const counts = (await journalOf(folder.path)).filter((one): one is CountsObservation => one.kind === "counts");
  expect(counts.length).toBeGreaterThan(0);
  expect(counts[0]).toMatchObject({ node: "mx2", by: "mx2/broker", whole: true, queues: { deferred: { count: 41 } } });
});
