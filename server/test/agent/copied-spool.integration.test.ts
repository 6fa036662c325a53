import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
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

test("two agents on copies of one spool are named, and every line of both comes once", async () => {
  const folder = temporaryFolder("copied-spool");
  onTestFinished(() => folder.remove());
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  // At the same place in both copies, as on the disks of a machine and its clone.
  const logs = ["one", "two"].map((name) => join(folder.path, `${name}.log`)) as [string, string];
  writeFileSync(logs[0], upTo("AAAA", 3).map(lineOf).join(""));
  const collecting = (name: string, log: string) =>
    startAgent(places, { name, collect: `{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }` });
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

  const agents = [collecting("agent", logs[0]), collecting("clone", logs[1])];
  for (const each of agents) onTestFinished(() => each.stop("SIGKILL"));
  const turns = 40;
  const said = () => ask(port, "/api/v1/incidents");
  for (let n = 1; n <= turns; n += 1) {
    appendFileSync(logs[0], lineOf(idOf("BBBB", n)));
    appendFileSync(logs[1], lineOf(idOf("CCCC", n)));
    // As long as the server takes to answer: both send in between, and at the same moment.
    await ask(port, "/metrics");
  }
  await until("the two to be named", async () => (await said()).includes("Two agents send as mx2"), { everyMs: 200 });
  for (const each of agents) await each.stop();
  await server.stop();
  const all = await journalOf(folder.path);
  const ids = logsIn(all).map(({ event }) => event.queueId ?? "");
  const heard = ids.filter((id) => /^[BC]/.test(id)).toSorted();
  expect(heard).toEqual([...upTo("BBBB", turns), ...upTo("CCCC", turns)]);
  // The clone's log is another file here, so that it is followed as one that was rotated.
  expect(lossesIn(all).filter(({ because }) => because !== "rotated-away")).toEqual([]);
});
