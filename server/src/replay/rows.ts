import {
  attributions,
  collectorId,
  dependencyId,
  dependencyTypes,
  nodeId,
  type NodeId,
  probeFaults,
} from "@mailtide/shared";
import { z } from "zod";
import {
  reasonClasses,
  type ChangeObservation,
  type CountsObservation,
  type LossObservation,
  type ProbeObservation,
  type QueueObservation,
} from "../core/observation.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const word = z.string().max(4096);

const share = z.number();
const probeDetails = z.object({
  connectSeconds: seconds.exactOptional(),
  querySeconds: seconds.exactOptional(),
  writeSeconds: seconds.exactOptional(),
  connectionsUsed: count.exactOptional(),
  connectionsMax: count.exactOptional(),
  lockWaits: count.exactOptional(),
  longestWaitSeconds: seconds.exactOptional(),
  blocked: z
    .array(z.object({ session: word, blockedBy: z.array(word), seconds, statement: word.exactOptional() }))
    .max(1000)
    .exactOptional(),
  ddl: z
    .array(z.object({ session: word, statement: word, seconds, granted: z.boolean() }))
    .max(1000)
    .exactOptional(),
  longestTransactionSeconds: seconds.exactOptional(),
  replicationLagSeconds: seconds.exactOptional(),
  expiresInSeconds: z.number().exactOptional(),
  freeShare: share.exactOptional(),
  freeInodesShare: share.exactOptional(),
  busyShare: share.exactOptional(),
  mailNeedsShare: share.exactOptional(),
  ioWaitSeconds: seconds.exactOptional(),
  ioPressureShare: share.exactOptional(),
  memoryShare: share.exactOptional(),
  blockedClients: count.exactOptional(),
  fault: z.enum(probeFaults).exactOptional(),
  concern: word.exactOptional(),
  blind: word.exactOptional(),
  greetingSeconds: seconds.exactOptional(),
  tlsSeconds: seconds.exactOptional(),
  recipientSeconds: seconds.exactOptional(),
  filterQueue: count.exactOptional(),
  waitingSeconds: seconds.exactOptional(),
  lateSeconds: seconds.exactOptional(),
  refused: z.boolean().exactOptional(),
  unreadable: z.boolean().exactOptional(),
  misfiled: z.boolean().exactOptional(),
  probesOut: count.exactOptional(),
  probesOvertaken: count.exactOptional(),
  probesGivenUp: count.exactOptional(),
  strangers: count.exactOptional(),
});
const probeRow = z.object({
  at: instant,
  id: word,
  type: z.enum(dependencyTypes),
  ok: z.boolean(),
  latencySeconds: seconds,
  error: word.exactOptional(),
  details: probeDetails.exactOptional(),
});

/** A row of `probes.jsonl`. */
export function readProbe(row: unknown): ProbeObservation {
  const { at, id, ...rest } = probeRow.parse(row);
  return { kind: "probe", atMs: at, id: dependencyId(id), ...rest };
}

const changeRow = z.object({
  startAt: instant,
  title: word,
  endAt: instant.exactOptional(),
  service: word.exactOptional(),
  host: word.exactOptional(),
  source: word.exactOptional(),
  author: word.exactOptional(),
  link: word.exactOptional(),
  productionAffecting: z.boolean().exactOptional(),
});

/** A row of `changes.jsonl`: its beginning, and its end as far as that is stated, because nobody knew the end before. */
export function readChange(row: unknown, id: string): ChangeObservation[] {
  const { startAt, endAt, ...rest } = changeRow.parse(row);
  const change = { id, startAtMs: startAt, ...rest };
  const begun: ChangeObservation = { kind: "change", atMs: startAt, change };
  if (endAt === undefined) return [begun];
  return [begun, { kind: "change", atMs: Math.max(startAt, endAt), change: { ...change, endAtMs: endAt } }];
}

const waiting = z.object({
  count,
  oldestAgeSeconds: seconds.nullable().default(null),
  oldestOwnWaitSeconds: seconds.nullable().default(null),
});
const nobody = { count: 0, oldestAgeSeconds: null, oldestOwnWaitSeconds: null };
const named = z
  .array(z.object({ name: word, count }))
  .max(1000)
  .default([]);
const queueRow = z.object({
  at: instant,
  mta: word,
  queues: z.record(
    z.string().max(100),
    z.object({
      count,
      bytes: count.nullable().default(null),
      oldestAgeSeconds: seconds.nullable().default(null),
      ageHistogram: z.array(count).length(10),
    }),
  ),
  waiting: z.partialRecord(z.enum(attributions), waiting).default({}),
  reasons: z
    .array(z.object({ class: z.enum(reasonClasses), count, sample: word }))
    .max(1000)
    .default([]),
  topDomains: named,
  topSenders: named,
  recipients: count.nullable().default(0),
});

/** A row of `NODE/queue.jsonl`: the document of `mailtide queue`. A recorded listing names no single message. */
export function readQueue(row: unknown, node: NodeId): QueueObservation {
  const { at, waiting: stated, ...snapshot } = queueRow.parse(row);
  const {
    own = nobody,
    remote = nobody,
    recipient = nobody,
    policy = nobody,
    held = nobody,
    unknown = nobody,
  } = stated;
  return {
    kind: "queue",
    node,
    atMs: at,
    endMs: at,
    snapshot: { ...snapshot, atMs: at, waiting: { own, remote, recipient, policy, held, unknown } },
    unknown: [],
    unknownDropped: 0,
    vanished: [],
  };
}

const lossRow = z.object({
  kind: z.literal("loss"),
  at: instant,
  node: word,
  lines: count,
  because: z.enum(["suppressed", "rotated-away", "truncated", "dropped", "unreadable"]),
});

const rate = z.number().nonnegative();
const countsRow = z.object({
  kind: z.literal("counts"),
  at: instant,
  node: word,
  by: word.default("recorded"),
  queues: z.record(
    z.string().max(100),
    z.object({
      count,
      bytes: count.nullable().default(null),
      oldestAgeSeconds: seconds.nullable().default(null),
      ageIsAtLeast: z.literal(true).exactOptional(),
    }),
  ),
  whole: z.boolean().default(true),
  validSeconds: seconds.default(180),
  arrivedPerSecond: rate.exactOptional(),
  leftPerSecond: rate.exactOptional(),
});
const recordedRow = z.discriminatedUnion("kind", [lossRow, countsRow]);

/** A row of `observations.jsonl`: what was recorded and has no log line, such as lines that an agent knows were lost. */
export function readRecorded(row: unknown): LossObservation | CountsObservation {
  const { at, node, ...rest } = recordedRow.parse(row);
  if (rest.kind === "loss") return { ...rest, atMs: at, node: nodeId(node) };
  return { ...rest, by: collectorId(rest.by), atMs: at, node: nodeId(node) };
}
