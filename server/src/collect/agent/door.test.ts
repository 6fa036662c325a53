import { gzipSync } from "node:zlib";
import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { longestTurn } from "../../../test/processor-time.ts";
import { AgentDoor } from "./door.ts";
import { agent, isAgentCollector } from "./index.ts";
import { mostListedBytes, versionProblem } from "./wire.ts";

const node = nodeId("mx2");

async function opened() {
  const collector = agent.create({ mta: "postfix", limit: 15, required: true }, { id: node, timezone: "UTC" });
  if (!isAgentCollector(collector)) throw new Error("no agent collector");
  const problems: (string | null)[] = [];
  const gate: { open: (() => void) | null } = { open: null };
  const held = { on: false };
  let nowMs = 1_000_000;
  await collector.start({
    position: undefined,
    now: () => nowMs,
    sink: () => (held.on ? new Promise((resolve) => (gate.open = resolve)) : Promise.resolve()),
    health: (_state, problem) => problems.push(problem),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  const refused: string[] = [];
  const seen: unknown[] = [];
  const door = new AgentDoor({
    collectors: [collector],
    now: () => 1_000_000,
    refused: (reason, count) => refused.push(count === undefined ? reason : `${count} ${reason}`),
    seen: (_node, figures) => seen.push(figures),
    versions: { newest: 3, oldest: 1 },
  });
  const pass = (milliseconds: number): void => void (nowMs += milliseconds);
  return { door, refused, problems, seen, held, gate, collector, pass };
}
async function* body(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
const sent = (...lines: object[]) => body(gzipSync(lines.map((line) => JSON.stringify(line)).join("\n")));
const head = { protocol: 3, node, program: "x", epoch: "e", run: "r", after: 0, lostLines: 7 };
const good = { ...head, behindSinceMs: null, spoolBytes: 12, health: [], clock: { offsetMs: -250, roundTripMs: 1 } };

test("a well-formed body is taken, and how the agent fares is known", async () => {
  const { door, seen } = await opened();
  const answer = await door.knock(node, "192.0.2.7", sent(good));
  expect(answer).toMatchObject({ status: 200, json: { taken: true, received: 0, pauseMs: 500 } });
  expect(seen).toEqual([{ clockOffsetSeconds: -0.25, behindSeconds: 0, spoolBytes: 12, lostLines: 7 }]);
});

test("what no agent sends is refused in words, shown and counted", async () => {
  const { door, refused, problems } = await opened();
  const answers = [
    await door.knock(node, "192.0.2.7", sent({ ...good, node: "mx1" })),
    await door.knock(node, "192.0.2.7", sent({ ...good, protocol: 4 })),
    await door.knock(node, "192.0.2.7", sent({ ...good, protocol: 0 })),
    await door.knock(node, "192.0.2.7", sent({ ...good, after: "x" })),
    await door.knock(node, "192.0.2.7", sent({ ...good, probes: ["no address"] })),
    await door.knock(
      node,
      "192.0.2.7",
      sent({ ...good, probes: Array.from({ length: 17 }, (_, at) => `p${at}@own.test`) }),
    ),
    await door.knock(node, "192.0.2.7", body(Buffer.from("plain"))),
    await door.knock(node, "192.0.2.7", body(gzipSync("{"))),
    await door.knock(node, "192.0.2.7", body(gzipSync(Buffer.alloc(9 << 20, 32)))),
    await door.knock(node, "192.0.2.7", body(Buffer.alloc(9 << 20))),
    await door.knock(node, "192.0.2.7", body(gzipSync(`${JSON.stringify(good)}\n${" ".repeat(5 << 20)}`))),
    await door.knock(undefined, "192.0.2.7", sent(good)),
    await door.knock(nodeId("mx9"), "192.0.2.7", sent(good)),
  ];
  expect(answers.map(({ status }) => status)).toEqual([
    403, 400, 400, 400, 400, 400, 400, 400, 413, 413, 413, 403, 403,
  ]);
  const words = answers.map((answer) => ("detail" in answer ? answer.detail : ""));
  expect(words[0]).toBe("This token is of the node mx2, and the agent that uses it is configured as mx1.");
  expect(words[1]).toMatch(/speaks version 4 .* versions 1 to 3: update the server first/);
  expect(words[2]).toMatch(/speaks version 0 .*: update the agent\.$/);
  expect(words[3]).toMatch(/header is not as it must be: after/);
  expect(words[4]).toMatch(/header is not as it must be: probes\[0\]/);
  expect(words[5]).toMatch(/header is not as it must be: probes: .*16/);
  expect(words[10]).toBe("A record may have 1.5 MiB beside the ids of a listing.");
  expect(words[12]).toMatch(/mx9 .* does not collect by an agent/);
  expect(refused.join(" ")).toBe(
    "wrong-node version version malformed malformed malformed malformed malformed too-large too-large too-large no-node no-node",
  );
  expect(problems).toHaveLength(11);
});

test("a body of nothing but lines or of nothing but facts that are none holds nobody up", async () => {
  const { door, refused } = await opened();
  const facts = Array.from({ length: 20_000 }, () => 0);
  const records = Array.from({ length: 100 }, (_, at) => ({ seq: at + 1, collector: "c", observations: facts }));
  const text = `${JSON.stringify({ ...good, after: 100 })}\n${"x\n".repeat(3_500_000)}`;
  const [many, short] = [sent(good, ...records), body(gzipSync(text))];
  const seconds = await longestTurn(async () => {
    const answer = await door.knock(node, "192.0.2.7", many);
    expect(answer).toMatchObject({ status: 200, json: { refused: 2_000_000 } });
    expect(await door.knock(node, "192.0.2.7", short)).toMatchObject({ status: 400 });
  });
  expect(refused.slice(0, 2)).toEqual(["2000000 fact", "malformed"]);
  expect(seconds).toBeLessThan(0.3);
});

test("a record that is dense is refused before it is read, and the ids of a long listing are no part of that", async () => {
  const { door, refused } = await opened();
  const dense = `{"seq":1,"collector":"c","observations":[${Array.from({ length: 400_000 }, (_, at) => `{"${at}":1}`).join(",")}]}`;
  const nested = `{"seq":1,"collector":"c","observations":[${"[".repeat(1 << 21)}`;
  const seconds = await longestTurn(async () => {
    for (const text of [dense, nested])
      expect(await door.knock(node, "192.0.2.7", body(gzipSync(`${JSON.stringify(good)}\n${text}`)))).toMatchObject({
        status: 413,
      });
  });
  expect(seconds).toBeLessThan(0.3);
  const ids = Array.from(
    { length: 130_000 },
    (_, at) => `1xY0N9-0000000${String(at).padStart(6, "0")}-000a "\\ 120`,
  ).join(" ");
  expect(ids.length).toBeLessThan(mostListedBytes * 1.05);
  for (const [at, listed] of [ids.slice(0, mostListedBytes - 1_000), ids.repeat(2).slice(0, 6 << 20)].entries()) {
    const record = { seq: at + 1, collector: "mx2/exim-queue", listed, observations: [] };
    const text = body(gzipSync(`${JSON.stringify({ ...good, after: at })}\n${JSON.stringify(record)}`));
    expect(await door.knock(node, "192.0.2.7", text)).toMatchObject({
      status: 200,
      json: { received: at + 1, refused: 0 },
    });
  }
  expect(refused).toEqual(["too-large", "too-large"]);
});

test("a collector that says a page about its failure keeps nothing else from being taken", async () => {
  const { door, refused } = await opened();
  const said = { collector: "mx2/queue", required: true, limitSeconds: 10, atMs: 1, state: "failing" };
  const health = [{ ...said, problem: "x".repeat(70_000), says: "y".repeat(3_000) }];
  expect(await door.knock(node, "192.0.2.7", sent({ ...good, health }))).toMatchObject({ status: 200 });
  expect(refused).toEqual([]);
});

test("what a newer agent says besides is left out, and what an older one does not say is not missed", async () => {
  const { door } = await opened();
  for (const one of [good, { ...good, probes: ["probe@own.test"], later: { than: "this" } }])
    expect(await door.knock(node, "192.0.2.7", sent(one))).toMatchObject({ status: 200, json: { taken: true } });
});

test("versions N to N-2 are spoken", () => {
  const speaks = { newest: 7, oldest: 5 };
  expect([5, 6, 7].map((each) => versionProblem(each, speaks))).toEqual([null, null, null]);
  expect([4, 8].every((each) => versionProblem(each, speaks) !== null)).toBe(true);
});

test("one body of a node at a time: while the pipeline has no room the next is told to wait", async () => {
  const { door, held, gate, collector } = await opened();
  held.on = true;
  const first = door.knock(node, "192.0.2.7", sent(good));
  await expect.poll(() => gate.open, { timeout: 60_000 }).not.toBeNull();
  expect(await door.knock(node, "192.0.2.7", sent(good))).toMatchObject({ status: 429 });
  held.on = false;
  gate.open?.();
  expect(await first).toMatchObject({ status: 200 });
  await collector.stop();
  expect(await door.knock(node, "192.0.2.7", sent(good))).toMatchObject({ status: 503 });
});

test("a token that was a node's once is counted and handed on to its node alone", async () => {
  const { door, refused, problems, pass } = await opened();
  pass(20_000);
  door.turnedAway(node, "its token old was revoked", "192.0.2.9");
  door.turnedAway(nodeId("mx9"), "its token old was revoked", "192.0.2.9");
  expect(refused).toEqual(["retired-token", "retired-token"]);
  expect(problems).toEqual([
    "its agent at 192.0.2.9 was refused: its token old was revoked; give it a token that is good",
  ]);
});

test("who asks for whom a token is taken is told, and leaves no trace", async () => {
  const { door, refused, problems, seen } = await opened();
  const json = { node, protocol: { newest: 3, oldest: 1 }, receivedAtMs: 1_000_000, answeredAtMs: 1_000_000 };
  expect(door.introduce(node)).toEqual({ status: 200, json });
  expect(door.introduce(undefined)).toMatchObject({ status: 403 });
  expect(door.introduce(nodeId("mx9"))).toMatchObject({
    status: 403,
    detail: expect.stringContaining("mx9") as string,
  });
  expect([refused, problems, seen]).toEqual([[], [], []]);
});
