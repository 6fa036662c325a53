import type { Point, TierName } from "../../core/measurement.ts";
import { cleanPoint } from "../points.ts";
import { StoreFailed } from "../errors.ts";
import type { SeriesQuery } from "../series.ts";
import { serve } from "../worker/serve.ts";
import { type InfluxSession, openSession } from "./client.ts";
import { readColumns } from "./query.ts";
import type { InfluxSettings } from "./settings.ts";
import { influxPoint, writePoints } from "./write.ts";

/** The client lives in a thread: making line protocol costs much, and parsing a wide answer stops a loop for a second. */
let session: InfluxSession | undefined;
let database = "";

function use(): InfluxSession {
  if (session === undefined) throw new StoreFailed("the InfluxDB store is not open");
  return session;
}

const api = {
  open(settings: InfluxSettings): void {
    session = openSession(settings);
    database = settings.database;
  },
  async write(tier: TierName, text: string) {
    const points = JSON.parse(text) as Point[];
    const clean = points.map(cleanPoint).filter((point) => point !== null);
    const { written } = await writePoints(use(), database, tier, clean.map(influxPoint));
    return { written, dropped: points.length - written };
  },
  read: (query: SeriesQuery) => readColumns(use(), database, query),
  ping: () => use().ping(),
};
export type InfluxApi = typeof api;

serve(api);
