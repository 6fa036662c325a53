import { createHash } from "node:crypto";
import { type MeasurementName, type Point, measurements } from "../core/measurement.ts";

/** A point as every engine can take it: listed names only, in the order of the list. */
export interface CleanPoint {
  readonly measurement: MeasurementName;
  readonly atMs: number;
  /** "" where the tag is absent. */
  readonly tags: readonly string[];
  /** null where the field is absent. */
  readonly fields: readonly (number | null)[];
}

/** InfluxDB's last instant is in the year 2262; the bound is round and a little before. */
const lastMs = 9_000_000_000_000;
const tagCharacters = 200;

export const tagNames = (name: MeasurementName): readonly string[] => measurements[name].tags;
export const fieldNames = (name: MeasurementName): readonly string[] => Object.keys(measurements[name].fields);

/** null when nothing of the point can be stored: unknown measurement, no usable time, no finite field. */
export function cleanPoint({ measurement, tags, atMs, fields }: Point): CleanPoint | null {
  if (!Object.hasOwn(measurements, measurement)) return null;
  if (!Number.isFinite(atMs) || atMs < 1 || atMs > lastMs) return null;
  const values = fieldNames(measurement).map((name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  });
  if (values.every((value) => value === null)) return null;
  return {
    measurement,
    atMs: Math.trunc(atMs),
    tags: tagNames(measurement).map((name) => (Object.hasOwn(tags, name) ? cleanTag(tags[name]) : "")),
    fields: values,
  };
}

/**
 * What a tag's value is stored as, and therefore looked up as. Control characters and halves of surrogate pairs become
 * U+FFFD: line protocol cannot carry a newline, and a backslash at the end would swallow the separator after it. Long values
 * are cut and end in a digest, so that two of them stay two series.
 */
export function cleanTag(value: unknown): string {
  if (typeof value !== "string") return "";
  const text = value.replace(/[\p{Cc}\p{Cs}\u2028\u2029]|\\$/gu, "\uFFFD");
  if (text.length <= tagCharacters) return text;
  const digest = createHash("sha256").update(value).digest("hex").slice(0, 16);
  return `${text.slice(0, tagCharacters - 17).replace(/[\uD800-\uDBFF]$/, "")}#${digest}`;
}

/** The listed tags of a query as stored, in the list's order; null when it asks for a tag that no point can have. */
export function cleanFilter(
  measurement: MeasurementName,
  tags: Readonly<Record<string, string>>,
): readonly (readonly [name: string, value: string])[] | null {
  const listed = tagNames(measurement);
  const filter: [string, string][] = [];
  for (const [name, value] of Object.entries(tags)) {
    if (!listed.includes(name)) return null;
    filter.push([name, cleanTag(value)]);
  }
  return filter;
}
