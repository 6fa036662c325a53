import { cleanFilter, fieldNames, tagNames } from "../points.ts";
import { ColumnsBuilder } from "../rows.ts";
import { type SeriesQuery, StoreUnavailable } from "../series.ts";
import type { InfluxSession } from "./client.ts";

type Cells = readonly (string | number | null)[];
/** `POST /query` with `epoch=ms`, as documented for InfluxDB 1.x. */
interface Answer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values: readonly Cells[];
    }[];
  }[];
}

export async function readColumns(session: InfluxSession, database: string, query: SeriesQuery) {
  const tags = tagNames(query.measurement);
  const known = fieldNames(query.measurement);
  const fields = query.fields.filter((field) => known.includes(field));
  const columns = new ColumnsBuilder(fields, tags);
  const filter = cleanFilter(query.measurement, query.tags);
  if (fields.length === 0 || filter === null || query.limit < 1) return columns.build();
  const { text, placeholders } = statement(database, query, fields, filter);
  const answer = await session.request("read points", (client) =>
    client.queryRaw(text, { database, precision: "ms", placeholders, method: "POST" }),
  );
  const result = (answer as Answer).results?.[0];
  if (result === undefined || result.error !== undefined) {
    throw new StoreUnavailable(`InfluxDB cannot read points: ${result?.error ?? "its answer holds no result"}`);
  }
  collect(columns, result.series?.[0]?.values ?? [], fields.length, tags.length);
  return columns.build();
}

/**
 * Names come from the list of measurements and instants are numbers; values go as placeholders. Tags are selected like
 * fields, since grouping by them would apply the limit to each series instead of to the whole.
 */
function statement(
  database: string,
  { measurement, tier, fromMs, toMs, limit }: SeriesQuery,
  fields: readonly string[],
  filter: readonly (readonly [string, string])[],
) {
  const columns = [...fields, ...tagNames(measurement)].map((name) => `"${name}"`).join(", ");
  const conditions = [`time >= ${Math.ceil(fromMs)}ms`, `time < ${Math.ceil(toMs)}ms`];
  const placeholders: Record<string, string> = {};
  for (const [name, value] of filter) {
    conditions.push(`"${name}" = $tag_${name}`);
    placeholders[`tag_${name}`] = value;
  }
  const from = `${identifier(database)}."${tier}"."${measurement}"`;
  const where = conditions.join(" AND ");
  const text = `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY time DESC LIMIT ${Math.trunc(limit)}`;
  return { text, placeholders };
}

const identifier = (name: string): string => `"${name.replace(/[\\"]/g, "\\$&")}"`;

/** Rows are `[time, ...fields, ...tags]`, newest first. */
function collect(columns: ColumnsBuilder, values: readonly Cells[], fieldCount: number, tagCount: number): void {
  const series = new Map<string, number>();
  for (const row of values) {
    const tagValues: string[] = [];
    for (let i = 0; i < tagCount; i++) tagValues.push(String(row[1 + fieldCount + i] ?? ""));
    const key = tagValues.join("\0");
    let number = series.get(key);
    if (number === undefined) {
      number = columns.addSeries(tagValues);
      series.set(key, number);
    }
    columns.add(Number(row[0]), number, (field) => row[1 + field]);
  }
}
