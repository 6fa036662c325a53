import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import type { Report } from "./report.ts";
import type { Truth } from "./score.ts";
import { quantile } from "./share.ts";

/** Over the minutes in which mail was truly late. */
export interface DelayScore {
  readonly minutes: number;
  /** Of them, how many had no number: each counts as wholly wrong. */
  readonly unsaid: number;
  /** |said - true| / true. */
  readonly medianError: Share | null;
  readonly p90Error: Share | null;
}

export interface StatedScore {
  readonly at: string;
  readonly hours: number;
  readonly saidSeconds: Seconds | null;
  readonly trueSeconds: Seconds | null;
  readonly ok: boolean;
}

export interface CurveScore {
  readonly truePeakSeconds: Seconds;
  readonly saidPeakSeconds: Seconds;
  readonly peakOk: boolean;
  /** From the beginning of the first event. */
  readonly trueEndSeconds: Seconds | null;
  readonly saidEndSeconds: Seconds | null;
  readonly endOk: boolean;
}

export const targetSeconds: Seconds = 300;
const margin: Share = 0.15;
const calmMinutes = 15;

export function scoreHeadline(report: Report, { rows }: Truth): DelayScore {
  const said = headlines(report);
  const errors: Share[] = [];
  let unsaid = 0;
  for (const { at, headlineSeconds } of rows) {
    if (headlineSeconds <= targetSeconds) continue;
    const told = said.get(Date.parse(at)) ?? null;
    if (told === null) unsaid += 1;
    errors.push(told === null ? 1 : Math.abs(told - headlineSeconds) / headlineSeconds);
  }
  return {
    minutes: errors.length,
    unsaid,
    medianError: quantile(errors, 0.5),
    p90Error: quantile(errors, 0.9),
  };
}

/** A stated hour is met by what rounds to it or lies within 15 % of it. */
export function scoreStated(
  report: Report,
  { rows }: Truth,
  stated: { readonly at: string; readonly hours: number },
): StatedScore {
  const saidSeconds = headlines(report).get(Date.parse(stated.at)) ?? null;
  const trueSeconds = rows.find(({ at }) => Date.parse(at) === Date.parse(stated.at))?.headlineSeconds ?? null;
  const hours = (saidSeconds ?? Number.NaN) / 3600;
  const ok = Math.round(hours) === stated.hours || Math.abs(hours - stated.hours) <= margin * stated.hours;
  return { ...stated, saidSeconds, trueSeconds, ok };
}

/** The peak and the end of the delay, each within 15 % of the truth. */
export function scoreCurve(report: Report, { rows, summary }: Truth): CurveScore {
  const beginMs = Date.parse(summary.events[0]?.at ?? "");
  const truly = measure(rows, beginMs);
  const said = measure(report.delay, beginMs);
  return {
    truePeakSeconds: truly.peak,
    saidPeakSeconds: said.peak,
    peakOk: isNear(said.peak, truly.peak),
    trueEndSeconds: truly.end,
    saidEndSeconds: said.end,
    endOk: isNear(said.end, truly.end),
  };
}

const isNear = (one: Seconds | null, other: Seconds | null): boolean =>
  one !== null && other !== null && Math.abs(one - other) <= margin * other;

type Row = { readonly at: string; readonly headlineSeconds: Seconds | null };

function measure(all: readonly Row[], beginMs: EpochMs): { readonly peak: Seconds; readonly end: Seconds | null } {
  const rows = all.filter(({ at }) => Date.parse(at) >= beginMs);
  const peak = Math.max(0, ...rows.map(({ headlineSeconds }) => headlineSeconds ?? 0));
  const from = rows.findIndex(({ headlineSeconds }) => headlineSeconds === peak);
  for (let place = Math.max(0, from); place + calmMinutes <= rows.length; place++) {
    const calm = rows.slice(place, place + calmMinutes);
    // What is not known is not calm.
    if (!calm.every(({ headlineSeconds }) => headlineSeconds !== null && headlineSeconds <= targetSeconds)) continue;
    return { peak, end: (Date.parse(calm[0]?.at ?? "") - beginMs) / 1000 };
  }
  return { peak, end: null };
}

const headlines = (report: Report): ReadonlyMap<EpochMs, Seconds | null> =>
  new Map(report.delay.map(({ at, headlineSeconds }) => [Date.parse(at), headlineSeconds]));
