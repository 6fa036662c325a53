import { gzipSync } from "node:zlib";
import { type NodeId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { BodyRoom } from "./body-room.ts";
import { AgentDoor } from "./door.ts";
import { agent, isAgentCollector } from "./index.ts";

const names = Array.from({ length: 30 }, (_, at) => nodeId(`mx${at}`));
const last = nodeId("last");

/** A door where `sink` is called for each body that is taken, and is waited for. */
async function opened(sink: (node: NodeId) => Promise<void>): Promise<AgentDoor> {
  const collectors = [...names, last].map((id) => {
    const collector = agent.create({ mta: "postfix", limit: 15, required: true }, { id, timezone: "UTC" });
    if (!isAgentCollector(collector)) throw new Error("no agent collector");
    return collector;
  });
  for (const collector of collectors)
    await collector.start({
      position: undefined,
      now: () => 1_000_000,
      sink: () => sink(collector.node),
      health: () => undefined,
      knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
      point: () => undefined,
    });
  return new AgentDoor({ collectors, now: () => 1_000_000, refused: () => undefined, seen: () => undefined });
}
function bodyOf(node: NodeId): Buffer {
  const head = { protocol: 1, node, program: "x", epoch: "e", run: "r", after: 0, lostLines: 0 };
  return gzipSync(JSON.stringify({ ...head, behindSinceMs: null, spoolBytes: 0, health: [] }));
}
async function* at(once: Uint8Array): AsyncGenerator<Uint8Array> {
  yield once;
}
function gate() {
  let open: (() => void) | null = null;
  const opens = new Promise<void>((resolve) => (open = resolve));
  return { opens, open: () => open?.() };
}

test("whoever waits until the pipeline has taken it keeps nobody else from being read", async () => {
  const pipeline = gate();
  const asked: NodeId[] = [];
  const door = await opened((node) => {
    asked.push(node);
    return node === last ? Promise.resolve() : pipeline.opens;
  });
  const answers = names.map((node) => door.knock(node, "192.0.2.7", at(bodyOf(node))));
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(names.length);
  expect(await door.knock(last, "192.0.2.7", at(bodyOf(last)))).toMatchObject({ status: 200 });
  pipeline.open();
  for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
});

test("whoever sends slowly keeps nobody else from being read", async () => {
  const line = gate();
  const door = await opened(() => Promise.resolve());
  async function* slow(node: NodeId): AsyncGenerator<Uint8Array> {
    yield bodyOf(node).subarray(0, 20);
    await line.opens;
    yield bodyOf(node).subarray(20);
  }
  const answers = names.map((node) => door.knock(node, "192.0.2.7", slow(node)));
  let status = 0;
  void door.knock(last, "192.0.2.7", at(bodyOf(last))).then((answer) => (status = answer.status));
  await expect.poll(() => status, { timeout: 10_000 }).toBe(200);
  line.open();
  for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
});

test("so many are unpacked at once, and so many bytes of them wait; the next come in order", async () => {
  const room = new BodyRoom(2, 10);
  const said: string[] = [];
  const go = async (name: string, bytes: number) => {
    const own = room.open();
    await own.enter();
    said.push(`${name} unpacks`);
    await own.unpacked(bytes);
    said.push(`${name} waits`);
    return own;
  };
  const one = await go("one", 8);
  const two = go("two", 5);
  const three = go("three", 100);
  const four = go("four", 1);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(said).toEqual(["one unpacks", "one waits", "two unpacks", "three unpacks"]);
  one.leave();
  one.leave();
  const second = await two;
  await new Promise((resolve) => void setImmediate(resolve));
  expect(said.slice(4)).toEqual(["two waits", "four unpacks"]);
  second.leave();
  (await three).leave();
  (await four).leave();
  expect(said.slice(6)).toEqual(["three waits", "four waits"]);
});
