import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { answers, startAgent, startServer } from "./running.ts";

test("SIGHUP, as rotation and reload send it, ends neither server nor agent, and says whether the file is valid", async () => {
  const folder = temporaryFolder("hang-up");
  onTestFinished(() => folder.remove());
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const log = join(folder.path, "mail.log");
  writeFileSync(log, "");
  const server = startServer(places);
  onTestFinished(() => server.stop());
  await answers(port);
  const agent = startAgent(places, { collect: `{ type: postfix-log, path: ${JSON.stringify(log)} }` });
  onTestFinished(() => agent.stop());
  await until("the agent runs", () => agent.output().includes("Mailtide agent of mx2"));
  for (const [running, file] of [
    [server, "server.yaml"],
    [agent, "agent.yaml"],
  ] as const) {
    running.child.kill("SIGHUP");
    await until("it says that the file is valid", () => running.output().includes("is valid and is taken at the next"));
    const path = join(folder.path, file);
    writeFileSync(path, `${readFileSync(path, "utf8")}nonsense: 1\n`);
    running.child.kill("SIGHUP");
    await until("it says what is wrong", () =>
      /is not valid and would stop[^]*nonsense|nonsense[^]*would stop/.test(running.output()),
    );
    expect(running.child.exitCode).toBeNull();
  }
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});
