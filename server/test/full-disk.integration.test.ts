import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { answers, startServer, tokens } from "./agent/running.ts";
import { freePort, temporaryFolder, until } from "./real/process.ts";
import { smallDisk } from "./real/small-disk.ts";

interface Health {
  readonly status: number;
  readonly why?: string;
  readonly detail?: string;
}

test("a server whose disk is full says so to who watches it, goes on when there is room, and ends when it is told to", async () => {
  const folder = temporaryFolder("server-full");
  onTestFinished(() => folder.remove());
  const state = join(folder.path, "state");
  const disk = smallDisk(state, "12m");
  onTestFinished(() => disk.remove());
  const port = await freePort();
  const server = startServer({ folder: folder.path, serverPort: port, agentPort: port });
  onTestFinished(() => server.stop("SIGKILL"));
  await answers(port);
  const asked = async (path: string, token?: string): Promise<Health> => {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return { ...((await answer.json()) as object), status: answer.status };
  };
  const alive = (): Promise<Health | null> =>
    asked("/healthz").then((said) => (said.status === 200 && said.why === undefined ? said : null));
  await until("turns come", alive);

  const ballast = join(state, "ballast");
  const fill = (): void => expect(() => writeFileSync(ballast, Buffer.alloc(12 << 20))).toThrow(/ENOSPC/);
  fill();
  const stopped = await until(
    "it is not alive",
    async () => {
      const said = await asked("/healthz");
      return said.status === 503 ? said : null;
    },
    { everyMs: 500 },
  );
  const form = /^the turn cannot be stored: the disk of the state folder is full; it has been tried again for \d+ s$/;
  expect(stopped.why).toMatch(form);
  expect(stopped).not.toHaveProperty("detail");
  expect(await asked("/healthz", tokens.read)).toMatchObject({ detail: "database or disk is full" });
  expect(await asked("/readyz")).toMatchObject({ status: 503, ready: false, why: expect.stringMatching(form) });
  rmSync(ballast);
  await until("turns come again", alive, { everyMs: 500 });
  expect(server.output()).toContain("turns are stored again");

  fill();
  await until("it says why", async () => (await asked("/healthz")).why !== undefined);
  // Nobody has to wait until there is room.
  server.child.kill("SIGTERM");
  await until("it has ended", async () => server.child.exitCode !== null, { everyMs: 200 });
  expect(server.child.exitCode).toBe(1);
  expect(server.output()).toContain("mailtide: the last turn could not be stored: database or disk is full");
});
