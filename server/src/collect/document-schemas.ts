import { attributions } from "@mailtide/shared";
import { z } from "zod";
import { deliveryStatuses, mailEventKinds } from "../core/event.ts";
import { reasonClasses } from "../core/observation.ts";

/** The documents of `mailtide parse` and `mailtide queue`, as they are published in `shared/schema/`. */
const instant = z.iso.datetime({ precision: 3 });
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const port = z.int().min(0).max(65_535);

export const parseSchema = z.object({
  event: z.enum(mailEventKinds),
  time: instant.optional(),
  host: z.string().optional(),
  process: z.string().optional().describe("the syslog tag before [pid], whole"),
  pid: count.optional(),
  queueId: z.string().optional().describe("may be NOQUEUE, which joins nothing"),
  clientIp: z.string().optional().describe("RFC 5952"),
  clientName: z.string().optional(),
  clientPort: port.optional(),
  helo: z.string().optional(),
  saslMethod: z.string().optional(),
  saslUsername: z.string().optional(),
  messageId: z.string().optional(),
  from: z.string().optional().describe("without angle brackets; empty: the null sender"),
  to: z.string().optional(),
  recipients: z.array(z.string()).optional().describe("all of them, where there are several"),
  origTo: z.string().optional(),
  size: count.optional().describe("bytes"),
  nrcpt: count.optional(),
  relay: z.string().optional(),
  relayIp: z.string().optional(),
  relayPort: port.optional(),
  delay: seconds.optional().describe("seconds since the message arrived, as the MTA counts"),
  delays: z.tuple([seconds, seconds, seconds, seconds]).optional().describe("Postfix' a/b/c/d, seconds"),
  dsn: z.string().optional(),
  status: z.enum(deliveryStatuses).optional(),
  reason: z.string().optional(),
  code: count.optional().describe("reply code of SMTP"),
  reject: z.boolean().optional(),
  stage: z.string().optional(),
  action: z.string().optional(),
  proto: z.string().optional(),
  tls: z.string().optional(),
  transport: z.string().optional().describe("Exim's"),
  bounceQueueId: z.string().optional(),
  nextQueueId: z.string().optional(),
  origQueueId: z.string().optional(),
  splitQueueIds: z.array(z.string()).optional().describe("ids that recipients have gone on under"),
  attribution: z.enum(attributions).optional().describe("whose wait it is"),
  lostLines: count.optional().describe("lines that the logger says it dropped here"),
  repeated: count.optional().describe("how often in all, where the logger wrote that it repeats"),
  score: z.number().optional().describe("a content filter's points"),
  required: z.number().optional().describe("points from which it acts"),
  truncated: z.boolean().optional().describe("the line was cut at 64 KiB"),
});

const waiting = z.object({
  count,
  oldestAgeSeconds: seconds.nullable(),
  oldestOwnWaitSeconds: seconds.nullable(),
});
const named = z.array(z.object({ name: z.string(), count })).describe("the twenty with most, ties by name");

export const queueSchema = z.object({
  version: z.literal(1),
  node: z.string().optional(),
  at: instant,
  mta: z.string(),
  queues: z.record(
    z.string(),
    z.object({
      count: count.describe("messages"),
      bytes: count.nullable(),
      oldestAgeSeconds: seconds.nullable(),
      ageHistogram: z
        .array(count)
        .length(10)
        .describe("(lower, upper] of 5 10 20 40 80 160 320 640 1280 minutes and more"),
    }),
  ),
  waiting: z.record(z.enum(attributions), waiting),
  reasons: z.array(z.object({ class: z.enum(reasonClasses), count, sample: z.string() })),
  topDomains: named,
  topSenders: named,
  recipients: count.nullable().describe("null where only the files of the queue were looked at"),
});
