import { severities } from "@mailtide/shared";
import { z } from "zod";
import { toldCauses } from "./told-cause.ts";

const instant = z.iso.datetime({ precision: 3 });
const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

const sentence = z.object({
  id: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  text: z.string().describe("the same in words, instants in the site's zone"),
});

const alert = z.object({
  rule: z.string(),
  cause: z.enum(toldCauses).describe("as of firing"),
  severity: z.enum(severities).describe("the worst that it came to"),
  worstAt: instant.describe("when it came to that"),
  site: z.string(),
  node: z.string().optional(),
  subject: z.string().optional(),
  startedAt: instant.describe("the estimated onset"),
  firedAt: instant.describe("the decision"),
  resolvedAt: instant.nullable(),
  evidence: z.array(sentence).describe("as of worstAt"),
});

const incident = z.object({
  startedAt: instant,
  resolvedAt: instant.nullable(),
  causes: z
    .array(z.object({ cause: z.enum(toldCauses), score: share, startedAt: instant }))
    .describe("as of the end, likeliest first"),
  changes: z.array(z.object({ startAt: instant, title: z.string(), link: z.string().optional() })),
  alerts: z.array(count).describe("places in alerts"),
});

const delayRow = z.object({
  at: instant,
  site: z.string(),
  headlineSeconds: seconds.nullable(),
  lateShare: share.nullable(),
  typicalSeconds: seconds.nullable(),
  stuck: z.object({ count, oldestSeconds: seconds.nullable() }),
  expectedWaitSeconds: seconds.nullable(),
  expectedWaitLowSeconds: seconds.nullable(),
  expectedWaitHighSeconds: seconds.nullable(),
  recovery: z.enum(["none", "recovering", "not-recovering", "unknown"]),
  recoveryAt: instant.optional(),
  recoveryLowAt: instant.optional(),
  recoveryHighAt: instant.optional(),
  recoveryIfAttackStopsAt: instant.optional(),
  recoveryIfAttackStopsLowAt: instant.optional(),
  recoveryIfAttackStopsHighAt: instant.optional(),
  waitingAtSendersSeconds: seconds.optional(),
  complete: z.boolean(),
});

const source = z.object({
  ip: z.string(),
  messages: count,
  rejected: count,
  spoofed: count,
  authFailures: count,
  firstAt: instant,
});

/** What `mailtide replay --report` writes. All but `run` is the same, byte for byte, for the same recording. */
export const reportSchema = z.object({
  version: z.literal(1),
  run: z.object({ program: z.string(), elapsedSeconds: seconds }),
  capture: z.string(),
  from: instant,
  to: instant,
  lines: count,
  unparsed: count,
  lost: count,
  assumptions: z.array(z.string()),
  alerts: z.array(alert),
  incidents: z.array(incident),
  delay: z.array(delayRow).describe("one row a minute"),
  sources: z.object({
    distinct: count,
    top: z.array(source).describe("most hostile first, then most messages"),
  }),
  blocklist: z.array(z.string()),
});

export type ReportDocument = z.infer<typeof reportSchema>;
export type ReportAlert = ReportDocument["alerts"][number];
export type ReportIncident = ReportDocument["incidents"][number];
export type ReportDelayRow = ReportDocument["delay"][number];
