import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import { smallDisk } from "../real/small-disk.ts";
import { answers, startAgent, startServer, tokens } from "./running.ts";

interface Collectors {
  readonly collectors: readonly { readonly id: string; readonly state: string; readonly problem: string | null }[];
}

test("an agent whose disk is full says so on the screen, and goes on by itself when there is room", async () => {
  const folder = temporaryFolder("agent-full");
  onTestFinished(() => folder.remove());
  const spool = join(folder.path, "agent-spool");
  const disk = smallDisk(spool, "18m");
  onTestFinished(() => disk.remove());
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const log = join(folder.path, "mail.log");
  writeFileSync(log, "");
  const server = startServer(places);
  onTestFinished(() => server.stop("SIGKILL"));
  await answers(port);
  const collect = `{ type: postfix-log, path: ${JSON.stringify(log)} }`;
  const agent = startAgent(places, { collect, spoolMax: "16MiB" });
  onTestFinished(() => agent.stop("SIGKILL"));

  const told = async (): Promise<Collectors["collectors"][number] | undefined> => {
    const headers = { Authorization: `Bearer ${tokens.read}` };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/collectors`, { headers });
    return ((await answer.json()) as Collectors).collectors.find(({ id }) => id === "mx2/postfix-log");
  };
  await until("the log is read", async () => (await told())?.state === "ok");
  const ballast = join(spool, "ballast");
  expect(() => writeFileSync(ballast, Buffer.alloc(18 << 20))).toThrow(/ENOSPC/);
  // More than the page that the spool has already.
  appendFileSync(log, "Jan  5 12:00:00 mx2 postfix/qmgr[812]: ABCDEF: removed\n".repeat(1_000));
  const failing = await until("the screen says why nothing comes", async () => {
    const found = await told();
    return found?.state === "failing" ? found : null;
  });
  expect(failing.problem).toBe(
    "the spool of the agent on this host cannot be written, the disk is full: nothing is collected until it can",
  );
  rmSync(ballast);
  await until("it goes on", async () => (await told())?.state === "ok");
});
