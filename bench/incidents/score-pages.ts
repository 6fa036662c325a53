import type { EpochMs } from "@mailtide/shared";
import type { Expectation } from "./expectations.ts";
import type { Report, ReportAlert, ReportIncident } from "./report.ts";
import type { Truth } from "./score.ts";
import { targetSeconds } from "./score-delay.ts";

export interface Pages {
  /** Incidents that woke somebody, and of them those that should not have. */
  readonly pages: number;
  readonly falsePages: number;
  /** Incidents that came to a ticket at most, and of them those without a reason. */
  readonly tickets: number;
  readonly falseTickets: number;
  /** What fired without a reason, by rule, with how often. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Causes that must not be named, and were. */
  readonly forbidden: readonly string[];
  /** Days, for shares by the day, and those with a false page or a false ticket. */
  readonly days: number;
  readonly daysWithFalsePage: number;
  readonly daysWithFalseTicket: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A page means that mail is late or will be within the hour. */
const aheadMs = 60 * minuteMs;
/** The decision may come a little after the worst of it. */
const behindMs = 15 * minuteMs;

/**
 * A page or ticket has a reason when an event of an incident day lasts, or mail is late or was just now; ahead of late mail
 * only on incident days. No event excuses anything on the other days: there mail must be late for a page.
 */
export function scorePages(report: Report, truth: Truth, { kind, never, worst }: Expectation): Pages {
  const late = lateMinutes(truth);
  const spans = truth.summary.events.map(({ at, until }) => ({
    fromMs: Date.parse(at),
    toMs: Date.parse(until) + behindMs,
  }));
  const firstMs = Date.parse(truth.rows[0]?.at ?? "");
  const lastMs = Date.parse(truth.rows.at(-1)?.at ?? "");

  const hasReason = (alert: ReportAlert, atMs: EpochMs): boolean => {
    if (never.includes(alert.cause)) return false;
    if (isLate(late, atMs - behindMs, kind === "incident" ? atMs + aheadMs : atMs)) return true;
    if (kind === "incident") return spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
    // A ticket on a day with something odd is no mistake as long as it blames the right thing.
    return (
      kind === "negative" &&
      alert.severity !== "page" &&
      spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs)
    );
  };
  const wrong: Record<string, number> = {};
  const tally = { pages: 0, falsePages: 0, tickets: 0, falseTickets: 0 };
  const days = { page: new Set<number>(), ticket: new Set<number>() };
  for (const incident of report.incidents) {
    const loud = loudest(report, incident);
    if (loud === null) continue;
    const { severity, atMs, alerts } = loud;
    const day = Math.floor((atMs - firstMs) / dayMs);
    const baseless = alerts.filter((alert) => !hasReason(alert, Date.parse(alert.worstAt)));
    const isFalse = baseless.length === alerts.length || baseless.some(({ cause }) => never.includes(cause));
    for (const { rule } of baseless) wrong[rule] = (wrong[rule] ?? 0) + 1;
    if (severity === "page") {
      tally.pages += 1;
      if (!isFalse && worst !== "ticket") continue;
      tally.falsePages += 1;
      days.page.add(day);
    } else {
      tally.tickets += 1;
      if (!isFalse) continue;
      tally.falseTickets += 1;
      days.ticket.add(day);
    }
  }
  return {
    ...tally,
    wrong,
    forbidden: [
      ...new Set(report.alerts.filter(({ cause }) => never.includes(cause)).map(({ cause }) => cause)),
    ].sort(),
    days: Math.max(1, Math.ceil((lastMs - firstMs) / dayMs)),
    daysWithFalsePage: days.page.size,
    daysWithFalseTicket: days.ticket.size,
  };
}

/** The alerts of an incident's worst severity, in time order; null when it told nobody. */
function loudest({ alerts }: Report, incident: ReportIncident) {
  const own = incident.alerts.flatMap((place) => alerts[place] ?? []);
  for (const severity of ["page", "ticket"] as const) {
    const found = own.filter((alert) => alert.severity === severity);
    if (found.length === 0) continue;
    return { severity, alerts: found, atMs: Math.min(...found.map(({ worstAt }) => Date.parse(worstAt))) };
  }
  return null;
}

const lateMinutes = ({ rows }: Truth): readonly EpochMs[] =>
  rows.filter(({ headlineSeconds }) => headlineSeconds > targetSeconds).map(({ at }) => Date.parse(at));

const isLate = (late: readonly EpochMs[], fromMs: EpochMs, toMs: EpochMs): boolean =>
  late.some((atMs) => fromMs <= atMs && atMs <= toMs);
