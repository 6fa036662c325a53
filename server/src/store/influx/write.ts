import type { IPoint } from "influx";
import type { TierName } from "../../core/measurement.ts";
import type { Written } from "../batches.ts";
import { type CleanPoint, fieldNames, tagNames } from "../points.ts";
import type { InfluxSession } from "./client.ts";
import { Refused } from "./failure.ts";

/**
 * Writes a batch. A refusal says neither which point was bad nor reliably which were stored, so the batch is halved until
 * the bad ones stand alone: writing a good one twice changes nothing.
 */
export async function writePoints(
  session: InfluxSession,
  database: string,
  tier: TierName,
  points: readonly IPoint[],
): Promise<Written> {
  if (points.length === 0) return { written: 0, dropped: 0 };
  const options = { database, precision: "ms", retentionPolicy: tier } as const;
  try {
    await session.request("write points", (client) => client.writePoints([...points], options));
    return { written: points.length, dropped: 0 };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (points.length === 1) return { written: 0, dropped: 1 };
  }
  const middle = points.length >> 1;
  const first = await writePoints(session, database, tier, points.slice(0, middle));
  const second = await writePoints(session, database, tier, points.slice(middle));
  return { written: first.written + second.written, dropped: first.dropped + second.dropped };
}

/** Empty tags and null fields would be refused: what is absent is left out. */
export function influxPoint({ measurement, atMs, tags, fields }: CleanPoint): IPoint {
  return {
    measurement,
    tags: present(tagNames(measurement), tags, ""),
    fields: present<number | null>(fieldNames(measurement), fields, null),
    timestamp: atMs,
  };
}

function present<T>(names: readonly string[], values: readonly T[], absent: T): Record<string, T> {
  const pairs = names.map((name, i) => [name, values[i] ?? absent] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== absent));
}
