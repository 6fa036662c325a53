import type { EpochMs, Seconds, TrendSection } from "@mailtide/shared";
import { downsample } from "./downsample.ts";
import type { Sample } from "./downsample.ts";

export interface TrendPoint {
  readonly atMs: EpochMs;
  readonly seconds: Seconds | null;
}

export interface TrendModel {
  readonly points: readonly TrendPoint[];
  readonly fromMs: EpochMs;
  readonly nowMs: EpochMs;
  /** Where the drawing ends; after `nowMs` there is only what is forecast. */
  readonly toMs: EpochMs;
  readonly maxSeconds: Seconds;
  /** Stretches of which nothing is known: hatched, never a line. */
  readonly unknown: readonly { readonly fromMs: EpochMs; readonly toMs: EpochMs }[];
  readonly lastSeconds: Seconds | null;
  /** Until when mail stays late at least, and how far that is drawn: the drawing may end before. */
  readonly late: { readonly untilMs: EpochMs; readonly toMs: EpochMs } | null;
  /** The forecast interval of the recovery, where the server gives one. */
  readonly interval: { readonly lowMs: EpochMs; readonly highMs: EpochMs } | null;
}

export interface TrendForecast {
  readonly notBeforeMs: EpochMs | null;
  readonly lowMs: EpochMs | null;
  readonly highMs: EpochMs | null;
}

const mostUnknown = 24;

/** What to draw of the trend in a plot of `columns` pixel columns; null while there is nothing to draw. */
export function trendModel(
  trend: TrendSection,
  nowMs: EpochMs,
  forecast: TrendForecast,
  columns: number,
): TrendModel | null {
  const firstMs = trend.atMs[0];
  const lastMs = trend.atMs.at(-1);
  if (firstMs === undefined || lastMs === undefined || trend.atMs.length < 2) return null;
  const samples: Sample[] = trend.atMs.map((atMs, index) => ({ atMs, value: trend.headlineSeconds[index] ?? null }));
  const present = Math.max(nowMs, lastMs);
  const history = present - firstMs;
  const wanted = Math.max(forecast.notBeforeMs ?? 0, forecast.highMs ?? 0);
  // The future gets no more room than the past, and less than a tenth when nothing is forecast.
  const toMs = wanted > present ? Math.min(present + history, wanted + history * 0.06) : present + history * 0.04;
  const points = downsample(samples, Math.min(columns, 150)).map(({ atMs, value }) => ({ atMs, seconds: value }));
  const { notBeforeMs, lowMs, highMs } = forecast;
  return {
    points,
    fromMs: firstMs,
    nowMs: present,
    toMs,
    maxSeconds: points.reduce((max, { seconds }) => Math.max(max, seconds ?? 0), 0),
    unknown: unknownStretches(samples),
    lastSeconds: samples.at(-1)?.value ?? null,
    late:
      notBeforeMs !== null && notBeforeMs > present
        ? { untilMs: notBeforeMs, toMs: Math.min(notBeforeMs, toMs) }
        : null,
    interval:
      lowMs !== null && highMs !== null && highMs > present
        ? { lowMs: Math.max(lowMs, present), highMs: Math.min(highMs, toMs) }
        : null,
  };
}

function unknownStretches(samples: readonly Sample[]): TrendModel["unknown"] {
  const stretches: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  samples.forEach((sample, index) => {
    if (sample.value !== null) return;
    const fromMs = samples[index - 1]?.atMs ?? sample.atMs;
    const toMs = samples[index + 1]?.atMs ?? sample.atMs;
    const open = stretches.at(-1);
    if (open !== undefined && open.toMs >= fromMs) open.toMs = toMs;
    else stretches.push({ fromMs, toMs });
  });
  return stretches.slice(-mostUnknown);
}
