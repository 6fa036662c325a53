import type { EpochMs, Share } from "@mailtide/shared";
import type { DelayRow, Report } from "./report.ts";
import type { Truth } from "./score.ts";
import type { Counted } from "./share.ts";

export interface RecoveryScore {
  /** Minutes judged with a forecast that is good enough. Without a forecast: not good. */
  readonly good: Counted;
  /** Minutes with a forecast. */
  readonly forecast: Counted;
  /** Minutes with an interval whose interval holds the truth. */
  readonly covered: Counted;
  /** Width of the interval two hours into draining, by what then remained; null: none was given. */
  readonly widthAtTwoHours: Share | null;
  /** |forecast - true| by what then remained, at so many hours into draining; null: there was no forecast. Only while it lasted. */
  readonly errors: readonly { readonly hours: number; readonly error: Share | null }[];
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const tolerance: Share = 0.2;
const floorMs = 5 * minuteMs;
const lastMs = 15 * minuteMs;
const looks = [1, 2, 4] as const;

/**
 * Judged each minute from one hour after draining starts, the minute of the true peak, until 15 minutes remain. null: the
 * day never recovers, or too soon to be judged.
 */
export function scoreRecovery(report: Report, { summary: { peak, recoveredAt } }: Truth): RecoveryScore | null {
  if (peak === null || recoveredAt === null) return null;
  const drainMs = Date.parse(peak.at);
  const endMs = Date.parse(recoveredAt);
  const rows = new Map(report.delay.map((row) => [Date.parse(row.at), row]));
  const minutes: EpochMs[] = [];
  for (let atMs = drainMs + hourMs; atMs <= endMs - lastMs; atMs += minuteMs) minutes.push(atMs);
  if (minutes.length === 0) return null;

  const forecasts = minutes.map((atMs) => ({ atMs, forecastMs: instant(rows.get(atMs)?.recoveryAt) }));
  const isGood = ({ atMs, forecastMs }: { atMs: EpochMs; forecastMs: EpochMs | null }) =>
    forecastMs !== null && Math.abs(forecastMs - endMs) <= Math.max(floorMs, tolerance * (endMs - atMs));
  const intervals = minutes.flatMap((atMs) => intervalOf(rows.get(atMs)) ?? []);
  return {
    good: count(forecasts, isGood),
    forecast: count(forecasts, ({ forecastMs }) => forecastMs !== null),
    covered: count(intervals, ({ lowMs, highMs }) => lowMs <= endMs && endMs <= highMs),
    widthAtTwoHours: widthAt(rows, drainMs + 2 * hourMs, endMs),
    errors: looks
      .filter((hours) => drainMs + hours * hourMs < endMs)
      .map((hours) => ({ hours, error: errorAt(rows, drainMs + hours * hourMs, endMs) })),
  };
}

function widthAt(rows: ReadonlyMap<EpochMs, DelayRow>, atMs: EpochMs, endMs: EpochMs): Share | null {
  const interval = intervalOf(rows.get(atMs));
  return interval === null || atMs >= endMs ? null : (interval.highMs - interval.lowMs) / (endMs - atMs);
}

function errorAt(rows: ReadonlyMap<EpochMs, DelayRow>, atMs: EpochMs, endMs: EpochMs): Share | null {
  const forecastMs = instant(rows.get(atMs)?.recoveryAt);
  return forecastMs === null ? null : Math.abs(forecastMs - endMs) / (endMs - atMs);
}

function intervalOf(row: DelayRow | undefined): { readonly lowMs: EpochMs; readonly highMs: EpochMs } | null {
  const lowMs = instant(row?.recoveryLowAt);
  const highMs = instant(row?.recoveryHighAt);
  return lowMs === null || highMs === null ? null : { lowMs, highMs };
}

const instant = (at: string | undefined): EpochMs | null => (at === undefined ? null : Date.parse(at));
const count = <T>(all: readonly T[], is: (one: T) => boolean): Counted => ({
  hits: all.filter(is).length,
  of: all.length,
});
