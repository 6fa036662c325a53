import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { readRecord } from "../collect/agent/records.ts";
import { inSlices } from "../loop/slice.ts";
import { mostFactsBytes, mostWanted } from "../collect/agent/wire.ts";
import { SnapshotBuilder } from "../collect/queue/snapshot.ts";
import { compileHops } from "../core/model/hops.ts";
import type { QueueEntry } from "../core/observation.ts";
import { recordsOf } from "./collected.ts";

const entries = (count: number, recipients: number): QueueEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    queueId: `4Xyz${String(at).padStart(8, "0")}z`,
    queue: "deferred",
    arrivalMs: 1_795_000_000_000 + at,
    sizeBytes: 900,
    sender: `a${at}@far.test`,
    recipients: Array.from({ length: recipients }, (_, to) => ({
      address: `b${to}@d${at}.test`,
      reason: "connect to mx.d.test[192.0.2.1]:25: Connection timed out",
    })),
  }));

test.each([
  ["few", 10, 1, 10],
  // Told in full when the server asks again for the others.
  ["all that a server asks for", mostWanted, 1, 2_000],
  ["few with a thousand recipients each", 30, 1_000, 5],
])("of a listing with %s as many are told as a record holds", async (_, count, recipients, least) => {
  const snapshot = new SnapshotBuilder({ mta: "postfix", atMs: 1, hops: compileHops() }).finish();
  const unknown = entries(count, recipients);
  const told = {
    kind: "queue",
    node: nodeId("mx"),
    atMs: 1,
    endMs: 2,
    snapshot,
    unknown,
    unknownDropped: 0,
    vanished: [],
  } as const;
  const [record, ...others] = recordsOf(
    collectorId("mx/queue"),
    { observations: [told] },
    { atMs: 1, listed: '"A 1"' },
  );
  expect(others).toEqual([]);
  const wire = `{"seq":1,${record?.wire.slice(1)}`;
  expect(wire.length).toBeLessThan(mostFactsBytes / 1.4);
  const read = await inSlices(readRecord(wire));
  const [observation] = read.observations;
  if (observation?.kind !== "queue") throw new Error("not read");
  expect([read.refused, read.listed]).toEqual([0, "A 1"]);
  expect(observation.unknown.length).toBeGreaterThanOrEqual(least);
  expect(observation.unknown).toEqual(unknown.slice(0, observation.unknown.length));
});
