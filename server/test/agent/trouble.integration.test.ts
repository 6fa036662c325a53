import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { freePort, temporaryFolder, until } from "../real/process.ts";
import {
  answers,
  ask,
  durableOffset,
  journalOf,
  logsIn,
  lossesIn,
  startAgent,
  startServer,
  tokens,
} from "./running.ts";

const metric = (text: string, name: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(name))
      ?.split(" ")
      .at(-1),
  );

test("a spool that overflows while the server is away loses the oldest, counts every line and says so", async () => {
  const folder = temporaryFolder("agent-full");
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const log = join(folder.path, "mail.log");
  const count = 70_000;
  writeFileSync(log, Array.from({ length: count }, (_, index) => lineOf(index)).join(""));
  const collect = `{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }`;
  const agent = startAgent(places, { collect, spoolMax: "16MiB" });
  const server = startServer(places);
  try {
    // Held back until all of it went through the spool.
    server.child.kill("SIGSTOP");
    await until(
      "the agent to have read all",
      () => spooledThrough(join(folder.path, "agent-spool")).includes(`"offset":${logBytes(count)}`),
      { everyMs: 200 },
    );
    server.child.kill("SIGCONT");
    await answers(port);
    const atEnd = () => durableOffset(folder.path, "mx2/postfix-log") === logBytes(count);
    await until("all that is left to be durable", atEnd, { everyMs: 200 });
    expect(metric(await ask(port, "/metrics"), "mailtide_agent_lost_lines")).toBeGreaterThan(1_000);
    await agent.stop();
    await server.stop();
    const all = await journalOf(folder.path);
    const kept = logsIn(all).map(({ event }) => event.queueId);
    const lost = lossesIn(all).reduce((sum, { lines }) => sum + lines, 0);
    expect(lost).toBeGreaterThan(1_000);
    expect(kept.length + lost).toBe(count);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => idOf(lost + at)));
  } catch (error) {
    throw new Error(`agent: ${agent.output()}; server: ${server.output()}`, { cause: error });
  } finally {
    await Promise.all([agent.stop("SIGKILL"), server.stop("SIGKILL")]);
    folder.remove();
  }
});

test("a stranger, a nonsense and two agents of one node are refused or named", async () => {
  const folder = temporaryFolder("agent-twins");
  const port = await freePort();
  const places = { folder: folder.path, serverPort: port, agentPort: port };
  const log = join(folder.path, "mail.log");
  writeFileSync(log, lineOf(1));
  const collect = `{ type: postfix-log, path: ${JSON.stringify(log)}, from: start }`;
  const server = startServer(places);
  const agents = [startAgent(places, { collect }), startAgent(places, { collect, name: "other" })];
  try {
    await answers(port);
    const post = async (body: Uint8Array, token: string): Promise<{ status: number; detail?: string }> => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/x-ndjson" };
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/agent`, {
        method: "POST",
        headers,
        body: new Uint8Array(body),
      });
      return { ...((await response.json()) as { detail?: string }), status: response.status };
    };
    expect((await post(gzipSync("{}"), "nobodys-secret-0123456")).status).toBe(401);
    expect((await post(gzipSync("{}"), tokens.read)).status).toBe(403);
    // Until it is this one's turn: the node's own agents speak at the same time.
    const settled = (body: Uint8Array) =>
      until("an answer", async () => {
        const said = await post(body, tokens.agent);
        return said.status !== 429 && said;
      });
    const wrong = await settled(gzipSync(JSON.stringify({ protocol: 1, node: "mx1" })));
    expect(wrong).toMatchObject({ status: 403, detail: expect.stringContaining("configured as mx1") });
    expect(await settled(Buffer.from("no gzip"))).toMatchObject({ status: 400, detail: "The body is not gzip." });
    expect((await settled(gzipSync(Buffer.alloc(9 << 20, 32)))).status).toBe(413);
    const text = await ask(port, "/metrics");
    for (const reason of ["wrong-node", "malformed", "too-large"])
      expect(metric(text, `mailtide_agent_requests_refused_total{reason="${reason}"}`)).toBe(1);
    await until(
      "the twins to be an incident",
      async () => (await ask(port, "/api/v1/incidents")).includes("Both come from 127.0.0.1"),
      { everyMs: 200 },
    );
  } catch (error) {
    throw new Error(`${agents.map((each) => each.output()).join("; ")}; server: ${server.output()}`, { cause: error });
  } finally {
    await Promise.all([...agents, server].map((each) => each.stop("SIGKILL")));
    folder.remove();
  }
});

const idOf = (index: number): string => (0xa0000000 + index).toString(16).toUpperCase();
const lineOf = (index: number): string =>
  `2026-11-24T10:00:00.000+00:00 mx postfix/smtpd[7]: ${idOf(index)}: client=mail.example.com[198.51.100.7], sasl_method=PLAIN, sasl_username=somebody@own.test\n`;
const logBytes = (count: number): number => count * lineOf(0).length;
/** The newest file of a spool. */
const spooledThrough = (folder: string): string =>
  readFileSync(
    join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith(".spool"))
        .sort()
        .at(-1) ?? "",
    ),
    "utf8",
  );
