import { alertKey, collectorId, dependencyId, incidentId, nodeId, siteId } from "@mailtide/shared";
import type {
  AlertView,
  Attribution,
  CollectorFreshness,
  DependencyView,
  EpochMs,
  IncidentView,
  LiveState,
  QueueSection,
  Seconds,
  Sentence,
  SentencePart,
  TrendSection,
} from "@mailtide/shared";

/** 2016-05-11 at a time of UTC+2. */
export const at = (time: string): EpochMs => Date.parse(`2016-05-11T${time.length === 5 ? `${time}:00` : time}+02:00`);

/** Words with what is decisive between asterisks: `held *214* sessions`. */
export function say(words: string, ...extra: readonly SentencePart[]): Sentence {
  const parts = words
    .split("*")
    .flatMap((piece, index): SentencePart[] =>
      piece === "" ? [] : [index % 2 === 0 ? { text: piece } : { strong: piece }],
    );
  return { id: "lab", params: {}, parts: [...parts, ...extra] };
}

function waiting(counts: Partial<Record<Attribution, number>>): Record<Attribution, number> {
  return { own: 0, remote: 0, recipient: 0, policy: 0, held: 0, unknown: 0, ...counts };
}

/** A queue section whose totals follow from its queues. */
export function queues(
  list: readonly (readonly [name: string, counts: Partial<Record<Attribution, number>>])[],
  oldest: Partial<Record<Attribution, Seconds>> = {},
  unexplained = 0,
): QueueSection {
  const rows = list.map(([name, counts]) => ({ name, waiting: waiting(counts) }));
  const whole = (whose: Attribution) => ({
    count: rows.reduce((sum, row) => sum + row.waiting[whose], 0),
    oldestSeconds: oldest[whose] ?? null,
  });
  return {
    queues: rows.map((row) => ({
      ...row,
      count: Object.values(row.waiting).reduce((sum, count) => sum + count, 0),
      oldestSeconds: null,
    })),
    waiting: {
      own: whole("own"),
      remote: whole("remote"),
      recipient: whole("recipient"),
      policy: whole("policy"),
      held: whole("held"),
      unknown: whole("unknown"),
    },
    unexplained,
    listedAtMs: null,
  };
}

export function collector(
  id: string,
  node: string | null,
  lastDataMs: EpochMs | null,
  rest: Partial<CollectorFreshness> = {},
): CollectorFreshness {
  return {
    id: collectorId(id),
    node: node === null ? null : nodeId(node),
    required: true,
    lastDataMs,
    limitSeconds: 15,
    state: "ok",
    problem: null,
    ...rest,
  };
}

export function dependency(
  id: string,
  type: DependencyView["type"],
  state: DependencyView["state"],
  latencySeconds: Seconds | null,
  rest: Partial<DependencyView> = {},
): DependencyView {
  const recent = Array.from({ length: 60 }, (_, index) =>
    latencySeconds === null ? null : latencySeconds * (1 + 0.08 * noise(index + id.length * 7)),
  );
  return {
    id: dependencyId(id),
    type,
    state,
    latencySeconds,
    checkedAtMs: at("15:03:06"),
    note: null,
    recent,
    sql: null,
    ...rest,
  };
}

export function alert(
  rule: string,
  cause: AlertView["cause"],
  title: Sentence,
  startedAtMs: EpochMs,
  evidence: readonly Sentence[],
  rest: Partial<AlertView> = {},
): AlertView {
  return {
    key: alertKey(rule),
    rule,
    cause,
    severity: "page",
    state: "firing",
    node: null,
    subject: null,
    title,
    startedAtMs,
    firedAtMs: startedAtMs + 60_000,
    resolvedAtMs: null,
    evidence,
    actions: [],
    ...rest,
  };
}

export function incident(
  id: string,
  title: Sentence,
  startedAtMs: EpochMs,
  alerts: readonly AlertView[],
  rest: Partial<IncidentView> = {},
): IncidentView {
  return {
    id: incidentId(id),
    state: "open",
    severity: "page",
    title,
    startedAtMs,
    resolvedAtMs: null,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    pageSentAtMs: startedAtMs + 65_000,
    alerts,
    changes: [],
    ...rest,
  };
}

/** A trend in steps of two minutes that ends at `toMs`. */
export function trend(
  toMs: EpochMs,
  delay: (atMs: EpochMs) => Seconds | null,
  marks: TrendSection["marks"] = [],
  fromMs: EpochMs = toMs - 9 * 3_600_000,
): TrendSection {
  const stepSeconds = 120;
  const count = Math.min(300, Math.floor((toMs - fromMs) / (stepSeconds * 1000)));
  const atMs = Array.from({ length: count + 1 }, (_, index) => toMs - (count - index) * stepSeconds * 1000);
  return { stepSeconds, atMs, headlineSeconds: atMs.map(delay), marks };
}

/** The delay of a day on which nothing happens: some seconds, and never the same. */
export const usualDelay = (atMs: EpochMs): Seconds =>
  11 + 4 * noise(Math.floor(atMs / 120_000)) + 3 * Math.sin(atMs / 4_000_000);

/** From -1 to 1, the same for the same number. */
export function noise(index: number): number {
  const turned = Math.sin(index * 12.9898) * 43_758.5453;
  return 2 * (turned - Math.floor(turned)) - 1;
}

export function meta(nowMs: EpochMs, rest: Partial<LiveState["meta"]> = {}): LiveState["meta"] {
  return {
    site: { id: siteId("example"), name: "Example Mail", timezone: "Africa/Johannesburg", locale: "en-GB" },
    mode: "simulated",
    nowMs,
    speed: 1,
    version: "0.1.0",
    targetSeconds: 300,
    ...rest,
  };
}
