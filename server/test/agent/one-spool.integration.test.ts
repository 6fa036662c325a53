import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { startAgent } from "./running.ts";

test("a second agent on the same spool does not start, and one does after the first was killed", async () => {
  const folder = temporaryFolder("agent-twice");
  onTestFinished(() => folder.remove());
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const log = join(folder.path, "mail.log");
  writeFileSync(log, "");
  const collect = `{ type: postfix-log, path: ${JSON.stringify(log)} }`;
  const spool = join(folder.path, "agent-spool");
  const started = async () => {
    const agent = startAgent(places, { collect });
    onTestFinished(() => agent.stop("SIGKILL"));
    await until("it to collect", () => /Mailtide agent of mx2/.test(agent.output()));
    return agent;
  };

  const first = await started();
  await until("its spool", () => existsSync(spool) && readdirSync(spool).length > 0);
  const second = startAgent(places, { collect });
  onTestFinished(() => second.stop("SIGKILL"));
  await until("the second to end", () => second.child.exitCode !== null);
  expect(second.child.exitCode).toBe(1);
  expect(second.output()).toBe(
    `mailtide: another agent is running on the spool ${spool}: stop it, or name another folder by agent.spool.path\n`,
  );
  expect(first.child.exitCode).toBeNull();
  await first.stop("SIGKILL");
  await started();
});
