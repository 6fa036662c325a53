import type { Cause, Seconds, Severity, Share } from "@mailtide/shared";
import type { DayScore } from "./score.ts";
import { type Counted, quantile, sumOf } from "./share.ts";

/** One day over all its runs. */
export interface DaySummary {
  readonly scenario: string;
  readonly runs: number;
  readonly says: readonly SaidSummary[];
  /** Runs in which mail was late at all, and over these the median of each run's median and p90. */
  readonly lateRuns: number;
  readonly medianError: Share | null;
  readonly p90Error: Share | null;
  readonly unsaid: Counted;
  readonly stated: Counted;
  /** null: not asked. */
  readonly curve: Counted | null;
  readonly recovery: RecoverySummary | null;
  readonly blocklist: { readonly attackers: Counted; readonly innocents: Counted } | null;
  readonly falsePages: number;
  readonly falseTickets: number;
  readonly daysWithFalsePage: Counted;
  readonly daysWithFalseTicket: Counted;
  readonly wrong: Readonly<Record<string, number>>;
  readonly forbidden: readonly string[];
}

export interface SaidSummary {
  readonly causes: readonly Cause[];
  readonly deadlineSeconds: Seconds;
  readonly detected: Counted;
  readonly inTime: Counted;
  /** Median over the runs in which it was detected. */
  readonly seconds: Seconds | null;
  readonly severities: Readonly<Partial<Record<Severity, number>>>;
  /** Minutes. */
  readonly first: Counted;
  /** null: not asked. */
  readonly change: Counted | null;
  readonly nodes: Counted | null;
}

export interface RecoverySummary {
  /** Runs that could be judged. */
  readonly runs: number;
  /** Minutes. */
  readonly good: Counted;
  readonly forecast: Counted;
  readonly covered: Counted;
  readonly widthAtTwoHours: Share | null;
  /** Median over the runs with a forecast. */
  readonly errors: readonly { readonly hours: number; readonly error: Share | null; readonly forecast: Counted }[];
}

/** `scores` are runs of the same day; there is at least one. */
export function summarise(scenario: string, scores: readonly DayScore[]): DaySummary {
  const late = scores.filter(({ headline }) => headline.minutes > 0);
  const pages = scores.map((score) => score.pages);
  const days = pages.reduce((sum, one) => sum + one.days, 0);
  const wrong: Record<string, number> = {};
  for (const one of pages)
    for (const [rule, count] of Object.entries(one.wrong)) wrong[rule] = (wrong[rule] ?? 0) + count;
  const curves = scores.flatMap(({ curve }) => curve ?? []);
  const blocklists = scores.flatMap(({ blocklist }) => blocklist ?? []);
  return {
    scenario,
    runs: scores.length,
    says: (scores[0]?.says ?? []).map((_, place) => summariseSaid(scores.flatMap(({ says }) => says[place] ?? []))),
    lateRuns: late.length,
    medianError: median(late.map(({ headline }) => headline.medianError)),
    p90Error: median(late.map(({ headline }) => headline.p90Error)),
    unsaid: sumOf(late.map(({ headline }) => ({ hits: headline.unsaid, of: headline.minutes }))),
    stated: count(
      scores.flatMap(({ stated }) => stated),
      ({ ok }) => ok,
    ),
    curve: curves.length === 0 ? null : count(curves, ({ peakOk, endOk }) => peakOk && endOk),
    recovery: summariseRecovery(scores),
    blocklist:
      blocklists.length === 0
        ? null
        : {
            attackers: sumOf(blocklists.map(({ attackers }) => attackers)),
            innocents: sumOf(blocklists.map(({ innocents }) => innocents)),
          },
    falsePages: pages.reduce((sum, { falsePages }) => sum + falsePages, 0),
    falseTickets: pages.reduce((sum, { falseTickets }) => sum + falseTickets, 0),
    daysWithFalsePage: { hits: pages.reduce((sum, one) => sum + one.daysWithFalsePage, 0), of: days },
    daysWithFalseTicket: { hits: pages.reduce((sum, one) => sum + one.daysWithFalseTicket, 0), of: days },
    wrong,
    forbidden: [...new Set(pages.flatMap(({ forbidden }) => forbidden))].sort(),
  };
}

function summariseSaid(runs: readonly DayScore["says"][number][]): SaidSummary {
  const severities: Partial<Record<Severity, number>> = {};
  for (const { severity } of runs) if (severity !== null) severities[severity] = (severities[severity] ?? 0) + 1;
  return {
    causes: runs[0]?.causes ?? [],
    deadlineSeconds: median(runs.map(({ deadlineSeconds }) => deadlineSeconds)) ?? 0,
    detected: count(runs, ({ seconds }) => seconds !== null),
    inTime: count(runs, ({ inTime }) => inTime),
    seconds: median(runs.map(({ seconds }) => seconds)),
    severities,
    first: sumOf(runs.map(({ first }) => first)),
    change: asked(runs.map(({ change }) => change)),
    nodes: asked(runs.map(({ nodes }) => nodes)),
  };
}

function summariseRecovery(scores: readonly DayScore[]): RecoverySummary | null {
  const judged = scores.flatMap(({ recovery }) => recovery ?? []);
  if (judged.length === 0) return null;
  const hours = [...new Set(judged.flatMap(({ errors }) => errors.map((one) => one.hours)))].sort((a, b) => a - b);
  return {
    runs: judged.length,
    good: sumOf(judged.map(({ good }) => good)),
    forecast: sumOf(judged.map(({ forecast }) => forecast)),
    covered: sumOf(judged.map(({ covered }) => covered)),
    widthAtTwoHours: median(judged.map(({ widthAtTwoHours }) => widthAtTwoHours)),
    errors: hours.map((hour) => {
      const looks = judged.flatMap(({ errors }) => errors.filter((one) => one.hours === hour));
      return {
        hours: hour,
        error: median(looks.map(({ error }) => error)),
        forecast: count(looks, ({ error }) => error !== null),
      };
    }),
  };
}

const median = (values: readonly (number | null)[]): number | null =>
  quantile(
    values.filter((value) => value !== null),
    0.5,
  );

const count = <T>(all: readonly T[], is: (one: T) => boolean): Counted => ({
  hits: all.filter(is).length,
  of: all.length,
});

function asked(answers: readonly (boolean | null)[]): Counted | null {
  const given = answers.filter((answer) => answer !== null);
  return given.length === 0 ? null : count(given, (answer) => answer);
}
