import { join } from "node:path";
import { StoreFailed } from "../../errors.ts";
import { cleanFilter, fieldNames, tagNames } from "../../points.ts";
import { ColumnsBuilder } from "../../rows.ts";
import type { SeriesQuery } from "../../series.ts";
import { serve } from "../../worker/serve.ts";
import { type Engine, openEngine } from "../engine.ts";
import { pointTable, quoted, seriesTable } from "./schema.ts";

/** Reads wide ranges in a thread and on a connection of its own: the writer and the main loop go on meanwhile. */
let engine: Engine | undefined;

const api = {
  open(folder: string): void {
    engine = openEngine(join(folder, "series.db"));
    engine.exec("PRAGMA query_only=1");
  },
  read(query: SeriesQuery) {
    if (engine === undefined) throw new StoreFailed("the series store is not open");
    const known = fieldNames(query.measurement);
    const fields = query.fields.filter((field) => known.includes(field));
    const columns = new ColumnsBuilder(fields, tagNames(query.measurement));
    const filter = cleanFilter(query.measurement, query.tags);
    if (fields.length > 0 && filter !== null) readInto(columns, engine, query, fields, filter);
    return columns.build();
  },
  close(): void {
    engine?.close();
    engine = undefined;
  },
};
export type SeriesReaderApi = typeof api;

serve(api);

function readInto(
  columns: ColumnsBuilder,
  engine: Engine,
  { measurement, tier, fromMs, toMs, limit }: SeriesQuery,
  fields: readonly string[],
  filter: readonly (readonly [string, string])[],
): void {
  const where = filter.map(([name]) => `${quoted(name)} = ?`).join(" AND ") || "1";
  const values = filter.map(([, value]) => value);
  const tags = tagNames(measurement).map(quoted).join(", ");
  const names = fields.map(quoted);
  engine.exec("BEGIN");
  try {
    const numbers = new Map<unknown, number>();
    const series = engine.prepare(`SELECT series_number, ${tags} FROM ${seriesTable(measurement)} WHERE ${where}`);
    for (const [id, ...tagValues] of series.all(...values)) numbers.set(id, columns.addSeries(tagValues as string[]));
    const points = engine.prepare(`
      SELECT at, series, ${names.join(", ")} FROM ${pointTable(measurement, tier)}
      WHERE series IN (SELECT series_number FROM ${seriesTable(measurement)} WHERE ${where}) AND at >= ? AND at < ?
        AND (${names.map((name) => `${name} IS NOT NULL`).join(" OR ")})
      ORDER BY at DESC, series DESC LIMIT ?`);
    for (const row of points.each(...values, fromMs, toMs, Math.max(0, Math.trunc(limit)))) {
      columns.add(Number(row[0]), numbers.get(row[1]) ?? 0, (field) => row[field + 2]);
    }
  } finally {
    engine.exec("COMMIT");
  }
}
