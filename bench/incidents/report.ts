import type { Cause, Seconds, Severity, Share } from "@mailtide/shared";

/** The part of a replay's report that is scored. Instants are UTC text; absent means that Mailtide did not say. */
export interface Report {
  readonly lines: number;
  readonly unparsed: number;
  readonly alerts: readonly ReportAlert[];
  readonly incidents: readonly ReportIncident[];
  /** One row a minute. */
  readonly delay: readonly DelayRow[];
  /** Prefixes that Mailtide would block, as of the end. */
  readonly blocklist: readonly string[];
}

export interface ReportAlert {
  readonly rule: string;
  readonly cause: Cause;
  /** The worst that it came to. */
  readonly severity: Severity;
  /** When it came to that. */
  readonly worstAt: string;
  readonly node?: string;
  readonly subject?: string;
  /** Estimated onset. */
  readonly startedAt: string;
  /** The decision. */
  readonly firedAt: string;
  readonly resolvedAt: string | null;
}

export interface ReportIncident {
  readonly startedAt: string;
  readonly resolvedAt: string | null;
  readonly changes: readonly string[];
  /** Places in `alerts`. */
  readonly alerts: readonly number[];
}

export interface DelayRow {
  readonly at: string;
  readonly headlineSeconds: Seconds | null;
  readonly lateShare: Share | null;
  readonly recovery: "none" | "recovering" | "not-recovering" | "unknown";
  readonly recoveryAt?: string | undefined;
  readonly recoveryLowAt?: string | undefined;
  readonly recoveryHighAt?: string | undefined;
}

/** What is wrong with a report, in words; none: it can be scored. */
export function problemsOf(report: Report): string[] {
  const problems: string[] = [];
  if (report.lines === 0) problems.push("no line was read");
  if (report.delay.length === 0) problems.push("it says nothing about the delay");
  let before = -Infinity;
  for (const { at, headlineSeconds } of report.delay) {
    const atMs = Date.parse(at);
    if (!(atMs > before)) problems.push(`delay rows are not in time order at ${at}`);
    before = atMs;
    if (headlineSeconds !== null && !(headlineSeconds >= 0)) problems.push(`${at}: a headline of ${headlineSeconds}`);
  }
  for (const { rule, firedAt, startedAt, resolvedAt } of report.alerts) {
    if (!(Date.parse(firedAt) >= Date.parse(startedAt))) problems.push(`${rule} fired before it began, at ${firedAt}`);
    if (resolvedAt !== null && !(Date.parse(resolvedAt) >= Date.parse(firedAt)))
      problems.push(`${rule} was over before it fired, at ${firedAt}`);
  }
  for (const { alerts } of report.incidents)
    if (alerts.some((place) => report.alerts[place] === undefined))
      problems.push("an incident names an alert that is not there");
  return problems.slice(0, 20);
}
