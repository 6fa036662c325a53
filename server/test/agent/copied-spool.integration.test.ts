import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import {
  answers,
  ask,
  durableOffset,
  journalOf,
  logsIn,
  lossesIn,
  spoolOf,
  startAgent,
  startServer,
} from "./running.ts";

const lineOf = (id: string): string => `2026-11-30T10:00:00Z mx2 postfix/qmgr[1]: ${id}: removed\n`;
const idOf = (head: string, n: number): string => `${head}${String(n).padStart(6, "0")}`;
const upTo = (head: string, last: number): string[] => Array.from({ length: last }, (_, at) => idOf(head, at + 1));

/**
 * Two doors to the server: what comes by the one waits until something has come by the other, so that both always have sent
 * before either is answered. Then one is let in behind the other, each the first in turn. `open`: nothing waits any more.
 */
async function startTwinDoors(toPort: number): Promise<{ readonly ports: readonly number[]; open(): void }> {
  const waiting: (() => Promise<void>)[][] = [[], []];
  let isOpen = false;
  let passing = Promise.resolve();
  const pass = async (): Promise<void> => {
    while (isOpen ? waiting.some(({ length }) => length > 0) : waiting.every(({ length }) => length > 0)) {
      const both = waiting.map((side) => side.shift());
      waiting.reverse();
      for (const forward of both) await forward?.();
    }
  };
  const door = (side: (() => Promise<void>)[]): Server =>
    createServer((asked, answer) => {
      const parts: Buffer[] = [];
      asked.on("data", (part: Buffer) => parts.push(part));
      asked.once("end", () => {
        side.push(() => forwarded(toPort, asked, Buffer.concat(parts), answer));
        passing = passing.then(pass);
      });
    });
  const ports = [await freePort(), await freePort()];
  const sides = [...waiting];
  for (const [at, port] of ports.entries()) {
    const server = door(sides[at] ?? []).listen(port, "127.0.0.1");
    onTestFinished(() => server.close().closeAllConnections());
  }
  return {
    ports,
    open() {
      isOpen = true;
      passing = passing.then(pass);
    },
  };
}

/** Resolves once it is answered, or cannot be. */
function forwarded(port: number, asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<void> {
  const { method, url: path, headers } = asked;
  return new Promise((done) => {
    answer.once("close", done);
    request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (given) =>
      given.pipe(answer.writeHead(given.statusCode ?? 500, given.headers)),
    )
      .once("error", () => answer.destroy())
      .end(body);
  });
}

test("two agents on copies of one spool are named, and every line of both comes once", async () => {
  const folder = temporaryFolder("copied-spool");
  onTestFinished(() => folder.remove());
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  // At the same place in both copies, as on the disks of a machine and its clone.
  const logs = ["one", "two"].map((name) => join(folder.path, `${name}.log`)) as [string, string];
  writeFileSync(logs[0], upTo("AAAA", 3).map(lineOf).join(""));
  const collecting = (name: string, log: string, agentPort = port) =>
    startAgent(
      { ...places, agentPort },
      { name, collect: `{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }` },
    );
  const server = startServer(places);
  onTestFinished(() => server.stop("SIGKILL"));
  await answers(port);
  const before = collecting("agent", logs[0]);
  await until(
    "all to be durable",
    () => durableOffset(folder.path, "mx2/postfix-log") === readFileSync(logs[0]).length,
  );
  await before.stop();
  cpSync(spoolOf(folder.path, "agent"), spoolOf(folder.path, "clone"), { recursive: true });
  cpSync(logs[0], logs[1]);

  const doors = await startTwinDoors(port);
  const agents = [collecting("agent", logs[0], doors.ports[0]), collecting("clone", logs[1], doors.ports[1])];
  for (const each of agents) onTestFinished(() => each.stop("SIGKILL"));
  const turns = 40;
  const said = () => ask(port, "/api/v1/incidents");
  for (let n = 1; n <= turns; n += 1) {
    appendFileSync(logs[0], lineOf(idOf("BBBB", n)));
    appendFileSync(logs[1], lineOf(idOf("CCCC", n)));
    // As long as the server takes to answer: both send in between.
    await ask(port, "/metrics");
  }
  await until("the two to be named", async () => (await said()).includes("Two agents send as mx2"), { everyMs: 200 });
  doors.open();
  for (const each of agents) await each.stop();
  await server.stop();
  const all = await journalOf(folder.path);
  const ids = logsIn(all).map(({ event }) => event.queueId ?? "");
  const heard = ids.filter((id) => /^[BC]/.test(id)).toSorted();
  expect(heard).toEqual([...upTo("BBBB", turns), ...upTo("CCCC", turns)]);
  // The clone's log is another file here, so that it is followed as one that was rotated.
  expect(lossesIn(all).filter(({ because }) => because !== "rotated-away")).toEqual([]);
});
