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
  type ProbeDetails,
  type ProbeObservation,
  type QueueObservation,
} from "../core/observation.ts";
import { type DetailKind, detailKinds, listLimit, quickProbe, quickQueue } from "./quick-rows.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const word = z.string().max(4096);

const probeRow = onDemand(() => {
  const blocked = z.object({ session: word, blockedBy: z.array(word), seconds, statement: word.exactOptional() });
  const ddl = z.object({ session: word, statement: word, seconds, granted: z.boolean() });
  const kinds = {
    seconds,
    count,
    number: z.number(),
    flag: z.boolean(),
    word,
    fault: z.enum(probeFaults),
    blocked: z.array(blocked).max(listLimit),
    ddl: z.array(ddl).max(listLimit),
  } satisfies Record<DetailKind, z.ZodType>;
  const details = Object.entries(detailKinds).map(([name, kind]) => [name, kinds[kind].exactOptional()]);
  return z.object({
    at: instant,
    id: word,
    type: z.enum(dependencyTypes),
    ok: z.boolean(),
    latencySeconds: seconds,
    error: word.exactOptional(),
    details: (z.object(Object.fromEntries(details)) as unknown as z.ZodType<ProbeDetails>).exactOptional(),
  });
});

/** A row of `probes.jsonl`. */
export const readProbe = (row: unknown): ProbeObservation => quickProbe(row) ?? wholeProbe(row);

export function wholeProbe(row: unknown): ProbeObservation {
  const { at, id, ...rest } = probeRow().parse(row);
  return { kind: "probe", atMs: at, id: dependencyId(id), ...rest };
}

const changeRow = onDemand(() =>
  z.object({
    startAt: instant,
    title: word,
    endAt: instant.exactOptional(),
    service: word.exactOptional(),
    host: word.exactOptional(),
    source: word.exactOptional(),
    author: word.exactOptional(),
    link: word.exactOptional(),
    productionAffecting: z.boolean().exactOptional(),
  }),
);

/** A row of `changes.jsonl`: its beginning, and its end as far as that is stated, because nobody knew the end before. */
export function readChange(row: unknown, id: string): ChangeObservation[] {
  const { startAt, endAt, ...rest } = changeRow().parse(row);
  const change = { id, startAtMs: startAt, ...rest };
  const begun: ChangeObservation = { kind: "change", atMs: startAt, change };
  if (endAt === undefined) return [begun];
  return [begun, { kind: "change", atMs: Math.max(startAt, endAt), change: { ...change, endAtMs: endAt } }];
}

const listOf = <T extends z.ZodType>(one: T) => z.array(one).max(listLimit).default([]);
const nobody = { count: 0, oldestAgeSeconds: null, oldestOwnWaitSeconds: null };
const queueRow = onDemand(() => {
  const age = seconds.nullable().default(null);
  const queue = z.object({
    count,
    bytes: count.nullable().default(null),
    oldestAgeSeconds: age,
    ageHistogram: z.array(count).length(10),
  });
  const waiting = z.object({ count, oldestAgeSeconds: age, oldestOwnWaitSeconds: age });
  const reason = z.object({ class: z.enum(reasonClasses), count, sample: word });
  const named = z.object({ name: word, count });
  return z.object({
    at: instant,
    mta: word,
    queues: z.record(z.string().max(100), queue),
    waiting: z.partialRecord(z.enum(attributions), waiting).default({}),
    reasons: listOf(reason),
    topDomains: listOf(named),
    topSenders: listOf(named),
    recipients: count.nullable().default(0),
  });
});

/** A row of `NODE/queue.jsonl`: the document of `mailtide queue`. A recorded listing names no single message. */
export const readQueue = (row: unknown, node: NodeId): QueueObservation =>
  quickQueue(row, node) ?? wholeQueue(row, node);

export function wholeQueue(row: unknown, node: NodeId): QueueObservation {
  const { at, waiting: stated, ...snapshot } = queueRow().parse(row);
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

const recordedRow = onDemand(() => {
  const rate = z.number().nonnegative();
  const loss = z.object({
    kind: z.literal("loss"),
    at: instant,
    node: word,
    lines: count,
    because: z.enum(["suppressed", "rotated-away", "truncated", "dropped", "unreadable"]),
    gap: z.object({ from: instant, to: instant, log: word.exactOptional() }).exactOptional(),
  });
  const queue = z.object({
    count,
    bytes: count.nullable().default(null),
    oldestAgeSeconds: seconds.nullable().default(null),
    ageIsAtLeast: z.literal(true).exactOptional(),
  });
  const counts = z.object({
    kind: z.literal("counts"),
    at: instant,
    node: word,
    by: word.default("recorded"),
    queues: z.record(z.string().max(100), queue),
    whole: z.boolean().default(true),
    validSeconds: seconds.default(180),
    arrivedPerSecond: rate.exactOptional(),
    leftPerSecond: rate.exactOptional(),
  });
  return z.discriminatedUnion("kind", [loss, counts]);
});

/** A row of `observations.jsonl`: what was recorded and has no log line, such as lines that an agent knows were lost. */
export function readRecorded(row: unknown): LossObservation | CountsObservation {
  const { at, node, ...rest } = recordedRow().parse(row);
  if (rest.kind === "loss") {
    const { gap, ...loss } = rest;
    if (gap === undefined) return { ...loss, atMs: at, node: nodeId(node) };
    const { from: fromMs, to: toMs, ...log } = gap;
    return { ...loss, gap: { fromMs, toMs, ...log }, atMs: at, node: nodeId(node) };
  }
  return { ...rest, by: collectorId(rest.by), atMs: at, node: nodeId(node) };
}

/** Making a schema takes longer than reading a thousand rows, and most folders need none of these. */
function onDemand<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
