import type { EpochMs } from "@mailtide/shared";
import { type Aggregate, measurements, type MeasurementName, type Point } from "../measurement.ts";

/** A series within one step. Each field is `[value, times or the instant of the last value]`, as its aggregate needs. */
export interface Accumulated {
  readonly measurement: MeasurementName;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Record<string, [value: number, aside: number]>;
}

/** Fields that the measurement does not have, and values that are not finite, are left out. */
export function accumulate(into: Accumulated, point: Point): void {
  const aggregates: Readonly<Record<string, Aggregate>> = measurements[into.measurement].fields;
  for (const field of Object.keys(point.fields)) {
    const value = point.fields[field];
    const aggregate = aggregates[field];
    if (value === undefined || aggregate === undefined || !Number.isFinite(value)) continue;
    const held = into.fields[field];
    if (held === undefined) into.fields[field] = [value, aggregate === "last" ? point.atMs : 1];
    else combine(held, aggregate, value, point.atMs);
  }
}

function combine(held: [number, number], aggregate: Aggregate, value: number, atMs: EpochMs): void {
  switch (aggregate) {
    case "sum":
    case "mean":
      held[0] += value;
      held[1] += 1;
      return;
    case "max":
      held[0] = Math.max(held[0], value);
      return;
    case "min":
      held[0] = Math.min(held[0], value);
      return;
    case "last":
      // Of two values of the same instant, the one that came later.
      if (atMs >= held[1]) [held[0], held[1]] = [value, atMs];
  }
}

export function finish({ measurement, tags, fields }: Accumulated, atMs: EpochMs): Point {
  const aggregates: Readonly<Record<string, Aggregate>> = measurements[measurement].fields;
  const values: Record<string, number> = {};
  for (const [field, [value, aside]] of Object.entries(fields))
    values[field] = aggregates[field] === "mean" ? value / aside : value;
  return { measurement, tags, atMs, fields: values };
}
