import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { collectorId, nodeId } from "@mailtide/shared";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../test/real/process.ts";
import { AgentDoor } from "../collect/agent/door.ts";
import { agent, isAgentCollector } from "../collect/agent/index.ts";
import type { Answer } from "../collect/agent/wire.ts";
import type { Batch } from "../collect/collector.ts";
import { waitPatiently } from "../loop/patience.ts";
import type { Client } from "./client.ts";
import { recordsOf } from "./collected.ts";
import { AgentShipper } from "./ship.ts";
import { Spool } from "./spool/spool.ts";

const node = nodeId("mx2");
const collector = collectorId("mx2/postfix-log");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailtide-ship-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (name: string): Promise<Spool> =>
  Spool.open({ folder: join(folder, name), maxBytes: 64 << 20, segmentBytes: 4 << 20 });
async function collect(spool: Spool, queueId: string): Promise<void> {
  const event = { event: "removed", atMs: 5, queueId } as const;
  const batch: Batch = { observations: [{ kind: "log", node, atMs: 5, event }], position: queueId };
  await spool.append(recordsOf(collector, batch, { atMs: 5 }));
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
interface Gate {
  /** What is in the way of facts. */
  hold: Promise<unknown>;
  /** Some stand before it. */
  isHolding: boolean;
}

/** A server, as far as agents see it. */
async function served() {
  const told: string[] = [];
  const gate: Gate = { hold: Promise.resolve(), isHolding: false };
  const found = agent.create({ mta: "postfix", limit: 15, required: true }, { id: node, timezone: "UTC" });
  if (!isAgentCollector(found)) throw new Error("no agent collector");
  await found.start({
    position: undefined,
    now: () => Date.now(),
    sink: async ({ observations, committed }) => {
      if (observations.some(({ kind }) => kind === "log")) {
        gate.isHolding = true;
        await gate.hold;
      }
      for (const one of observations) if (one.kind === "log") told.push(one.event.queueId ?? "");
      committed?.();
    },
    health: () => undefined,
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  const door = new AgentDoor({
    collectors: [found],
    now: () => Date.now(),
    refused: () => undefined,
    seen: () => undefined,
  });
  const post = async (bytes: Uint8Array): Promise<Answer> => {
    const answer = await door.knock(node, "192.0.2.7", whole(bytes));
    if ("json" in answer) return answer.json;
    throw new Error(answer.detail);
  };
  return { told, gate, post };
}

type Post = (bytes: Uint8Array) => Promise<Answer>;
/** `posted`: how many bodies have been answered, whatever was in them. */
function shipping(spool: Spool, post: Post) {
  const figures = { posted: 0 };
  const client: Client = {
    async post(bytes) {
      try {
        return await post(bytes);
      } finally {
        figures.posted += 1;
      }
    },
    introduce: () => Promise.reject(new Error("not asked")),
    close: () => undefined,
  };
  const shipper = new AgentShipper({
    node,
    program: "x",
    spool,
    client,
    now: () => Date.now(),
    wait: (milliseconds, signal) => waitPatiently(Math.min(milliseconds, 20), signal),
    probes: [],
    health: () => [],
    wanted: () => undefined,
    changed: () => undefined,
    factsRefused: () => undefined,
    point: () => undefined,
  });
  shipper.start();
  const idle = async (): Promise<void> => {
    const from = figures.posted;
    await until("all to be said", () => figures.posted >= from + 3 && !shipper.behind);
  };
  return { shipper, figures, idle };
}
const hasRecords = (bytes: Uint8Array): boolean => gunzipSync(bytes).includes("\n");

/** What both copies have. */
async function copied(post: Post): Promise<[Spool, Spool]> {
  const spool = await opened("one");
  for (const id of ["1", "2"]) await collect(spool, id);
  const { shipper, idle } = shipping(spool, post);
  await idle();
  await shipper.stop();
  await spool.close();
  cpSync(join(folder, "one"), join(folder, "two"), { recursive: true });
  return [await opened("one"), await opened("two")];
}

test.each(["comes second", "is told to wait"])(
  "of two copies of a spool that send at the same moment, none of the one that %s is taken for the other's",
  async (how) => {
    const { told, gate, post } = await served();
    const [one, two] = await copied(post);
    const letIn = new AbortController();
    gate.isHolding = false;
    if (how === "is told to wait") gate.hold = once(letIn.signal, "abort");
    let isTaken = false;
    const first = shipping(one, async (bytes) => {
      const answer = await post(bytes);
      isTaken ||= hasRecords(bytes);
      return answer;
    });
    const second = shipping(two, async (bytes) => {
      if (hasRecords(bytes))
        await until("the first to be there", () => (how === "comes second" ? isTaken : gate.isHolding));
      try {
        return await post(bytes);
      } finally {
        if (hasRecords(bytes)) letIn.abort();
      }
    });
    await until("both to have been answered", () => first.figures.posted > 0 && second.figures.posted > 0);
    await collect(two, "two");
    await collect(one, "one");
    first.shipper.wake();
    second.shipper.wake();
    await Promise.all([first.idle(), second.idle()]);
    expect(one.epoch).not.toBe(two.epoch);
    for (const [spool, id] of [
      [one, "one more"],
      [two, "two more"],
    ] as const)
      await collect(spool, id);
    await Promise.all([first.idle(), second.idle()]);
    await Promise.all([first.shipper.stop(), second.shipper.stop()]);
    expect(told.toSorted()).toEqual(["1", "2", "one", "one more", "two", "two more"]);
    await Promise.all([one.close(), two.close()]);
  },
);

test("an answer that is lost makes no stranger of who sent: nothing comes twice, and the spool keeps its name", async () => {
  const { told, post } = await served();
  const spool = await opened("one");
  const { epoch } = spool;
  let lost = 0;
  const { shipper, idle } = shipping(spool, async (bytes) => {
    const answer = await post(bytes);
    if (!hasRecords(bytes) || lost >= 2) return answer;
    lost += 1;
    throw new Error("connection reset");
  });
  for (const id of ["1", "2", "3"]) {
    await collect(spool, id);
    await idle();
  }
  await shipper.stop();
  expect({ told, lost }).toEqual({ told: ["1", "2", "3"], lost: 2 });
  expect(spool.epoch).toBe(epoch);
  await spool.close();
});
