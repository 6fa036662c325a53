import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test, vi } from "vitest";
import type { Batch, CollectorContext } from "../collector.ts";
import { collectLines } from "./collect-lines.ts";

test("a line that no reader gets over costs itself, is counted, and none of those that came with it is missing", async () => {
  const batches: Batch[] = [];
  const lines = ["one", "bad", "two"].map((text) => ({ bytes: Buffer.from(text), truncated: false }));
  const collector = collectLines({
    id: collectorId("mx1/exim-log"),
    node: nodeId("mx1"),
    required: true,
    limitSeconds: 10,
    log: "mainlog",
    way: { run: (hand) => hand({ lines, position: { offset: 12 } }) },
    createParser: () => (line) => {
      if (line.toString() === "bad") throw new TypeError("it is not a function");
      return { event: "removed", queueId: line.toString() };
    },
  });
  const context: Partial<CollectorContext> = {
    now: () => 1_000,
    point: () => undefined,
    sink: async (batch) => void batches.push(batch),
  };
  await collector.start(context as CollectorContext);
  await collector.stop();
  expect(batches).toMatchObject([
    {
      observations: [
        { kind: "loss", lines: 1, because: "unreadable" },
        { kind: "log", event: { queueId: "one" } },
        { kind: "log", event: { event: "other" } },
        { kind: "log", event: { queueId: "two" } },
      ],
      position: { offset: 12 },
    },
  ]);
});

test("a way that fails is said, and goes on behind what it had handed over", async () => {
  const begun: unknown[] = [];
  const said: (string | null)[] = [];
  const collector = collectLines({
    id: collectorId("mx1/syslog"),
    node: nodeId("mx1"),
    required: true,
    limitSeconds: 10,
    log: "syslog",
    way: {
      async run(hand, { position }) {
        begun.push(position);
        if (begun.length > 1) return;
        await hand({ lines: [{ bytes: Buffer.from("one"), truncated: false }], position: { offset: 4 } });
        throw new Error("EACCES: permission denied");
      },
    },
    createParser: () => () => ({ event: "removed" }),
  });
  const context: Partial<CollectorContext> = {
    position: { offset: 0 },
    now: () => 1_000,
    point: () => undefined,
    sink: async () => undefined,
    health: (_, problem) => void said.push(problem),
  };
  await collector.start(context as CollectorContext);
  await vi.waitFor(() => expect(begun).toHaveLength(2), 10_000);
  await collector.stop();
  expect(begun).toEqual([{ offset: 0 }, { offset: 4 }]);
  expect(said).toEqual(["cannot be read: EACCES: permission denied"]);
});
