import type { Cause, EpochMs, Seconds, Severity } from "@mailtide/shared";
import type { Expected, Moment } from "./expectations.ts";
import type { Report, ReportAlert } from "./report.ts";
import type { Truth } from "./score.ts";
import type { Counted } from "./share.ts";

export interface SaidScore {
  readonly causes: readonly Cause[];
  /** From the event to the decision; null: it was not said while it lasted. */
  readonly seconds: Seconds | null;
  /** The latest that will do. */
  readonly deadlineSeconds: Seconds;
  readonly inTime: boolean;
  /** The worst that the alert came to. */
  readonly severity: Severity | null;
  /** Minutes, from its detection on, in which it led what was said. */
  readonly first: Counted;
  /** null: none is expected. */
  readonly change: boolean | null;
  readonly nodes: boolean | null;
}

const minuteMs = 60_000;
const rank: Readonly<Record<Severity, number>> = { page: 2, ticket: 1, info: 0 };

/** Was it said, how soon, how loudly, and did it lead? */
export function scoreSaid(report: Report, truth: Truth, expected: Expected): SaidScore {
  const { causes, of, change, nodes } = expected;
  const beginMs = momentOf(truth, of);
  const endMs = momentOf(truth, { ...of, edge: "until" });
  const deadlineMs = deadlineOf(truth, expected, beginMs, endMs);
  const fitting = report.alerts
    .filter(({ cause, firedAt }) => causes.includes(cause) && isIn(firedAt, beginMs, Math.max(endMs, deadlineMs)))
    .toSorted((a, b) => Date.parse(a.firedAt) - Date.parse(b.firedAt));
  const [first] = fitting;
  const firedMs = first === undefined ? null : Date.parse(first.firedAt);
  const untilMs = expected.firstUntil === undefined ? endMs : momentOf(truth, expected.firstUntil);
  return {
    causes,
    seconds: firedMs === null ? null : (firedMs - beginMs) / 1000,
    deadlineSeconds: (deadlineMs - beginMs) / 1000,
    inTime: firedMs !== null && firedMs <= deadlineMs,
    severity: first?.severity ?? null,
    first: firedMs === null ? { hits: 0, of: 0 } : ledFor(report.alerts, causes, beginMs, firedMs, untilMs),
    change: change === undefined || truth.summary.changes.length === 0 ? null : namesChange(report, fitting, change),
    nodes: nodes === undefined ? null : namesNodes(fitting, nodes),
  };
}

/** Throws when the day has no such event. */
function momentOf({ summary }: Truth, { event, nth = 0, edge }: Moment): EpochMs {
  const found = summary.events.filter(({ what }) => what === event)[nth];
  if (found === undefined) throw new Error(`${summary.scenario} has no event ${event}`);
  return Date.parse(found[edge]);
}

function deadlineOf(truth: Truth, { within, beforeDelay }: Expected, beginMs: EpochMs, endMs: EpochMs): EpochMs {
  if (within !== undefined) return beginMs + within * 1000;
  if (beforeDelay === undefined) return endMs;
  const passed = truth.rows.find(
    ({ at, headlineSeconds }) => Date.parse(at) >= beginMs && headlineSeconds > beforeDelay,
  );
  return passed === undefined ? endMs : Date.parse(passed.at);
}

/** Of what began with the event, which leads each minute? What fired before it is another matter. */
function ledFor(
  alerts: readonly ReportAlert[],
  causes: readonly Cause[],
  beginMs: EpochMs,
  fromMs: EpochMs,
  untilMs: EpochMs,
): Counted {
  const own = alerts.filter(({ firedAt }) => Date.parse(firedAt) >= beginMs);
  let hits = 0;
  let of = 0;
  for (let atMs = fromMs; atMs < untilMs; atMs += minuteMs) {
    const lead = leadAt(own, atMs);
    of += 1;
    if (lead !== null && causes.includes(lead.cause)) hits += 1;
  }
  return { hits, of };
}

/** As a page has it: the most severe that still fires, the first of those. */
function leadAt(alerts: readonly ReportAlert[], atMs: EpochMs): ReportAlert | null {
  let lead: ReportAlert | null = null;
  for (const alert of alerts) {
    const isOver = alert.resolvedAt !== null && Date.parse(alert.resolvedAt) <= atMs;
    if (isOver || Date.parse(alert.firedAt) > atMs) continue;
    if (lead === null || leads(alert, lead, atMs)) lead = alert;
  }
  return lead;
}

function leads(one: ReportAlert, other: ReportAlert, atMs: EpochMs): boolean {
  const louder = loudness(one, atMs) - loudness(other, atMs);
  return louder > 0 || (louder === 0 && Date.parse(one.firedAt) < Date.parse(other.firedAt));
}

/** Before it came to its worst it was a ticket at most. */
const loudness = ({ severity, worstAt }: ReportAlert, atMs: EpochMs): number =>
  Math.max(0, rank[severity] - (Date.parse(worstAt) > atMs ? 1 : 0));

function namesChange({ alerts, incidents }: Report, fitting: readonly ReportAlert[], title: string): boolean {
  return incidents.some(
    (incident) =>
      incident.changes.some((change) => change.startsWith(title)) &&
      incident.alerts.some((place) => fitting.some((alert) => alert === alerts[place])),
  );
}

function namesNodes(fitting: readonly ReportAlert[], nodes: readonly string[]): boolean {
  return fitting.length > 0 && nodes.every((node) => fitting.some((alert) => alert.node === node));
}

const isIn = (at: string, fromMs: EpochMs, toMs: EpochMs): boolean =>
  Date.parse(at) >= fromMs && Date.parse(at) <= toMs;
