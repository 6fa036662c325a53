import { attributions, collectorId, dependencyTypes, probeFaults } from "@mailtide/shared";
import { z } from "zod";
import { type ProbeDetails, reasonClasses } from "../../core/observation.ts";
import { figure, instant, seconds } from "./bounds.ts";
import { mailEvent } from "./event.ts";

const name = z.string().max(1_000);
const path = z.string().max(4_096);
const text = z.string().max(65_536);
const count = z.int().min(0);

const log = z.object({ kind: z.literal("log"), atMs: instant, event: mailEvent });
const loss = z.object({
  kind: z.literal("loss"),
  atMs: instant,
  lines: count,
  because: z.enum(["suppressed", "rotated-away", "truncated", "dropped", "unreadable"]),
  gap: z.object({ fromMs: instant, toMs: instant, log: path.exactOptional() }).exactOptional(),
});

const entry = z.object({
  queueId: z.string().max(255),
  queue: z.string().max(255),
  arrivalMs: figure,
  dueMs: figure.exactOptional(),
  sizeBytes: figure.nullable(),
  sender: text,
  recipients: z.array(z.object({ address: text, reason: text.nullable() })).max(100_000),
});
const waiting = z.object({
  count,
  oldestAgeSeconds: seconds.nullable(),
  oldestOwnWaitSeconds: seconds.nullable(),
});
const named = z.array(z.object({ name: text, count })).max(100);
const snapshot = z.object({
  mta: name,
  atMs: instant,
  queues: z
    .record(
      name,
      z.object({
        count,
        bytes: count.nullable(),
        oldestAgeSeconds: seconds.nullable(),
        ageHistogram: z.array(count).length(10),
      }),
    )
    .refine((queues) => Object.keys(queues).length <= 64, "more than 64 queues"),
  waiting: z.object(
    Object.fromEntries(attributions.map((each) => [each, waiting])) as Record<
      (typeof attributions)[number],
      typeof waiting
    >,
  ),
  reasons: z.array(z.object({ class: z.enum(reasonClasses), count, sample: text })).max(100),
  topDomains: named,
  topSenders: named,
  recipients: count.nullable(),
});
const queue = z.object({
  kind: z.literal("queue"),
  atMs: instant,
  endMs: instant,
  snapshot,
  instance: z.string().min(1).max(60).exactOptional(),
  /** Those that the server asked for. */
  unknown: z.array(entry).max(20_000),
  unknownDropped: count,
  vanished: z.array(z.string().max(255)).max(20_000),
});

const rate = z.number().min(0).max(1e15);
const counts = z.object({
  kind: z.literal("counts"),
  atMs: instant,
  by: z.string().max(200).transform(collectorId),
  queues: z
    .record(
      name,
      z.object({
        count,
        bytes: count.nullable(),
        oldestAgeSeconds: seconds.nullable(),
        ageIsAtLeast: z.literal(true).exactOptional(),
      }),
    )
    .refine((queues) => Object.keys(queues).length <= 64, "more than 64 queues"),
  whole: z.boolean(),
  validSeconds: seconds.max(86_400),
  arrivedPerSecond: rate.exactOptional(),
  leftPerSecond: rate.exactOptional(),
});

const sessions = z.array(z.string().max(200)).max(100);
const statement = z.string().max(4_000);
/** Every key has its type here, so that what reads them meets nothing else; those that are not known are left out. */
const details = {
  ...pick(figure, ["expiresInSeconds", "freeShare", "freeInodesShare", "busyShare"]),
  ...pick(figure, ["connectSeconds", "querySeconds", "connectionsUsed", "connectionsMax", "lockWaits"]),
  ...pick(figure, ["ioWaitSeconds", "ioPressureShare", "writeSeconds"]),
  ...pick(figure, [
    "waitingSeconds",
    "lateSeconds",
    "greetingSeconds",
    "tlsSeconds",
    "recipientSeconds",
    "filterQueue",
  ]),
  ...pick(figure, ["probesOut", "probesOvertaken", "probesGivenUp", "strangers"]),
  refused: z.boolean().exactOptional(),
  unreadable: z.boolean().exactOptional(),
  misfiled: z.boolean().exactOptional(),
  ...pick(figure, ["longestWaitSeconds", "longestTransactionSeconds", "replicationLagSeconds"]),
  blocked: z
    .array(
      z.object({
        session: z.string().max(200),
        blockedBy: sessions,
        seconds: figure,
        statement: statement.exactOptional(),
      }),
    )
    .max(100)
    .exactOptional(),
  ddl: z
    .array(z.object({ session: z.string().max(200), statement, seconds: figure, granted: z.boolean() }))
    .max(100)
    .exactOptional(),
  ...pick(figure, ["memoryShare", "blockedClients", "mailNeedsShare"]),
  fault: z.enum(probeFaults).exactOptional(),
  concern: text.exactOptional(),
  blind: text.exactOptional(),
} satisfies Record<keyof ProbeDetails, z.ZodType>;

function pick<Key extends string>(
  type: z.ZodNumber,
  keys: readonly Key[],
): Record<Key, z.ZodExactOptional<z.ZodNumber>> {
  return Object.fromEntries(keys.map((key) => [key, type.exactOptional()])) as Record<
    Key,
    z.ZodExactOptional<z.ZodNumber>
  >;
}

const probe = z.object({
  kind: z.literal("probe"),
  atMs: instant,
  id: z.string().min(1).max(100),
  type: z.enum(dependencyTypes),
  ok: z.boolean(),
  latencySeconds: seconds,
  error: text.exactOptional(),
  details: z.object(details).exactOptional(),
});

/** What an agent may say. Which node it speaks of is not among it: the token says that. */
export const sentObservation = z.discriminatedUnion("kind", [log, loss, queue, counts, probe]);
export type SentObservation = z.infer<typeof sentObservation>;
