import { dependencyTypes } from "@mailtide/shared";
import { z } from "zod";

/**
 * A scenario: a mail platform and what happens to it. It sets what the platform suffers (arrivals, sources, capacity,
 * dependency latency, changes) and never what anybody should conclude. Times are local to `timezone`, rates and capacities
 * are multiples of `rate`, so that a small platform has the shape of a large one.
 */
const id = z.string().regex(/^[\w][\w.-]{0,63}$/, "must be a plain name of letters, digits, dots and dashes");
const localTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, "must be a local date and time like 2016-05-11T11:40");
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day like 06:30");
const share = z.number().min(0).max(1);
const multiple = z.number().nonnegative().max(1000);
const seconds = z.number().nonnegative();
/** Straight lines between points of the day, for example `[["06:00", 0.3], ["08:30", 1]]`; flat before and after. */
const dayCurve = z.array(z.tuple([timeOfDay, multiple])).min(1);
/** The same over the span of an event: 0 is its begin, 1 its end. */
const spanCurve = z.array(z.tuple([share, share])).min(2);
const allAlong: [number, number][] = [
  [0, 1],
  [1, 1],
];

const platform = z.strictObject({
  /** Hosts that share the load evenly. */
  nodes: z.array(id).min(1).max(50).default(["mx1", "mx2"]),
  customers: z
    .strictObject({ domains: z.int().min(1).default(60), mailboxes: z.int().min(1).default(24) })
    .prefault({}),
  /** postscreen(8) in front: greets known clients at once, refuses the listed share of strangers before smtpd. */
  postscreen: z.strictObject({ enabled: z.boolean().default(false) }).prefault({}),
  /** A triple that was never seen is put off for so long. 0: no greylisting. */
  greylistSeconds: seconds.default(0),
  /** smtpd processes for each node, and the dependencies that smtpd asks at RCPT: when one hangs, clients get 451. */
  inbound: z
    .strictObject({
      processes: z.int().min(1).default(100),
      asks: z.array(id).default([]),
      /** Every refusal is written to this dependency as well. */
      logsRefusalsTo: id.optional(),
    })
    .prefault({}),
  /** The content filter between acceptance and delivery; null: none. */
  filter: z
    .strictObject({
      /** Messages that all nodes together can scan, as a multiple of `rate`. */
      capacity: multiple.default(1.33),
      serviceSeconds: seconds.default(2),
      /** Part of a scan that is look-ups in these dependencies. */
      asks: z.array(z.strictObject({ dependency: id, share: share.default(0.02) })).default([]),
      /** What becomes of hostile mail. */
      hostile: z.enum(["bounce", "discard", "reject"]).default("bounce"),
      /** Of the scans begun while a look-up stands still: those that give up with a temporary error. */
      givesUpShare: share.default(0.1),
    })
    .nullable()
    .prefault({}),
  delivery: z
    .strictObject({
      /** Messages that all nodes together can hand on, as a multiple of `rate`. */
      capacity: multiple.default(4),
      serviceSeconds: seconds.default(0.6),
      asks: z.array(id).default([]),
      perDestination: z.int().min(1).default(20),
    })
    .prefault({}),
  /** Postfix: minimal_backoff_time, maximal_backoff_time, queue_run_delay, maximal_queue_lifetime, qmgr_message_active_limit. */
  queue: z
    .strictObject({
      minimalBackoffSeconds: seconds.default(300),
      maximalBackoffSeconds: seconds.default(4000),
      runDelaySeconds: seconds.default(300),
      lifetimeSeconds: seconds.default(432_000),
      activeLimit: z.int().min(1).default(20_000),
    })
    .prefault({}),
  /** When the log file is put aside every day and begun anew, with the line that rsyslogd writes then. Absent: never. */
  logRotation: timeOfDay.optional(),
});

const population = z.strictObject({
  /** Servers that write to us; few send much, many little. Some are balancers that many senders share. */
  correspondents: z.int().min(1).default(20_000),
  outsideDomains: z.int().min(1).default(3_000),
  /** MX operators behind the outside domains; the first is the biggest. */
  operators: z.int().min(1).default(120),
  /** Share of innocent mail whose sender is its recipient: scanners, notes to self, voicemail. */
  selfMailShare: share.default(0.003),
  /** Share of innocent mail from mailing lists: one message to many of our people, one after the other. */
  listShare: share.default(0.05),
  /** Share of mail from a first-time correspondent. */
  strangerShare: share.default(0.02),
  hostileShare: share.default(0.004),
});

const arrivals = z.strictObject({
  rhythm: dayCurve.default([["00:00", 1]]),
  /** Factors for days of the week; missing ones are 1. */
  week: z.partialRecord(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), multiple).default({}),
  /** Days that are like a Sunday: `2016-05-16`. */
  holidays: z.array(z.string().regex(/^\d{4}-\d\d-\d\d$/)).default([]),
  inboundShare: share.default(0.65),
  /** Variance over mean of the messages in a minute; 1 is Poisson. */
  dispersion: z.number().min(1).default(3),
  /** Growth a day; a slow drift. */
  driftPerDay: z.number().min(-0.1).max(0.1).default(0),
  /** Listed robots that are refused all day, as a multiple of `rate`. */
  robots: multiple.default(0.25),
  /** A newsletter on the first of each month: messages, as seconds of `rate`. 0: none. */
  newsletterSeconds: seconds.default(0),
});

const dependency = z.strictObject({
  id,
  type: z.enum(dependencyTypes),
  everySeconds: seconds.default(10),
  usualSeconds: seconds.default(0.003),
  connectionsMax: z.int().min(1).default(200),
});

const change = z.strictObject({
  at: localTime,
  until: localTime.optional(),
  title: z.string().max(200),
  service: z.string().optional(),
  host: z.string().optional(),
  author: z.string().optional(),
  productionAffecting: z.boolean().optional(),
});

const span = { at: localTime, until: localTime };
const faults = ["throttle", "refuse", "timeout", "tls", "dns"] as const;
const event = z.discriminatedUnion("what", [
  /** Hostile mail. `spoof`: sender is recipient. `plain`: forged outside senders. `listed`: from addresses on block lists. */
  z.strictObject({
    what: z.literal("flood"),
    ...span,
    kind: z.enum(["spoof", "plain", "listed"]),
    sources: z.int().min(1),
    /** Peak, as a multiple of `rate`, and how it goes from there: points over the span 0..1. */
    perSecond: multiple,
    shape: spanCurve.default(allAlong),
    /** The filter finds something in it. */
    hostile: z.boolean().default(true),
    /** Stopped before it is accepted: by postscreen, by smtpd (5xx), or not at all. */
    stoppedBy: z.enum(["postscreen", "smtpd", "nobody"]).default("nobody"),
  }),
  /** Operators refuse a growing share of the attacking addresses by hand, up to `share` at `until` and after. */
  z.strictObject({ what: z.literal("block-by-hand"), ...span, share }),
  /** Bounces that reach us for mail that others forged in our customers' names. */
  z.strictObject({
    what: z.literal("backscatter"),
    ...span,
    sources: z.int().min(1),
    perSecond: multiple,
    shape: spanCurve.default(allAlong),
  }),
  /** One legitimate list whose posts come back to it: the same Message-ID accepted again and again. */
  z.strictObject({
    what: z.literal("list-loop"),
    ...span,
    perSecond: multiple,
    shape: spanCurve.default(allAlong),
    members: z.int().min(1),
  }),
  /** More innocent mail than usual. */
  z.strictObject({ what: z.literal("surge"), ...span, perSecond: multiple, shape: spanCurve.default(allAlong) }),
  z.strictObject({
    what: z.literal("dependency"),
    ...span,
    id,
    /**
     * slow: answers, `slowdown` times later. hung: does not answer. refusing: no connections, and for a certificate: expired.
     * saturated: all connections taken. schema-lock: a DDL statement waits behind a long transaction and everybody behind
     * it; does not answer after `hungAfterSeconds`. However it is, a stage that has an answer or gives up goes on.
     */
    state: z.enum(["slow", "hung", "refusing", "saturated", "schema-lock"]),
    slowdown: z.number().min(1).default(700),
    /** It gets worse over the first so many seconds, and better over the last ones before `until`. */
    rampSeconds: seconds.default(60),
    recoverSeconds: seconds.default(60),
    hungAfterSeconds: seconds.default(420),
    statement: z.string().max(500).optional(),
  }),
  /** The far side: `operators` counts from the biggest; `share` of the attempts fail. Their fault, not ours. */
  z.strictObject({
    what: z.literal("destinations"),
    ...span,
    operators: z.int().min(1),
    fault: z.enum(faults),
    share: share.default(1),
  }),
  /** Our own network, address or certificate: attempts to `operatorShare` of all operators fail. Ours by definition. */
  z.strictObject({
    what: z.literal("network"),
    ...span,
    nodes: z.array(id).optional(),
    direction: z.enum(["in", "out", "both"]).default("both"),
    fault: z.enum(["timeout", "refuse", "tls", "dns"]).default("timeout"),
    operatorShare: share.default(1),
    share: share.default(1),
  }),
  /** What a stage can do, as a factor; 0 stands still. */
  z.strictObject({
    what: z.literal("capacity"),
    ...span,
    stage: z.enum(["inbound", "queue-manager", "filter", "delivery"]),
    factor: z.number().min(0).max(10),
    nodes: z.array(id).optional(),
  }),
  /** A block list that smtpd asks does not answer: each connection waits so long. */
  z.strictObject({ what: z.literal("slow-connections"), ...span, seconds }),
  z.strictObject({ what: z.literal("log-loss"), ...span, share, nodes: z.array(id).optional() }),
  /** The host's clock jumps by so much at `at` and back at `until`. */
  z.strictObject({ what: z.literal("clock-step"), ...span, seconds: z.number(), nodes: z.array(id).optional() }),
  /** Nobody reads the log; what was written meanwhile arrives afterwards. */
  z.strictObject({ what: z.literal("collector-gap"), ...span, nodes: z.array(id).optional() }),
]);

export const scenarioSchema = z.strictObject({
  version: z.literal(1),
  id,
  title: z.string().max(200),
  timezone: z.string(),
  from: localTime,
  to: localTime,
  /** Innocent messages a second where the rhythm is 1. */
  rate: z.number().positive().max(10_000),
  platform: platform.prefault({}),
  population: population.prefault({}),
  arrivals: arrivals.prefault({}),
  dependencies: z.array(dependency).max(50).default([]),
  changes: z.array(change).max(50).default([]),
  /** At most a dozen. */
  events: z.array(event).max(12).default([]),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioEvent = Scenario["events"][number];
export type FarFault = (typeof faults)[number];
