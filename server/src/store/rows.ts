import { setImmediate as nextTurn } from "node:timers/promises";
import type { SeriesRow } from "./series.ts";
import { Moved } from "./worker/protocol.ts";

/**
 * Rows as they cross threads: columns in buffers that are handed over, since cloning 400,000 objects stops the main loop for
 * a second. Absent fields are NaN.
 */
export interface Columns {
  readonly fields: readonly string[];
  readonly tagNames: readonly string[];
  /** `tagNames.length` values for each series; "" is absent. */
  readonly tagValues: readonly string[];
  readonly atMs: Float64Array<ArrayBuffer>;
  readonly series: Uint32Array<ArrayBuffer>;
  readonly values: readonly Float64Array<ArrayBuffer>[];
}

/** So many rows are made in a millisecond or two. */
const rowsPerTurn = 10_000;

/** Collects rows newest first, as engines give "the newest N", and turns them round. */
export class ColumnsBuilder {
  readonly #fields: readonly string[];
  readonly #tagNames: readonly string[];
  readonly #tagValues: string[] = [];
  readonly #atMs: number[] = [];
  readonly #series: number[] = [];
  readonly #values: number[][];
  #seriesCount = 0;

  constructor(fields: readonly string[], tagNames: readonly string[]) {
    this.#fields = fields;
    this.#tagNames = tagNames;
    this.#values = fields.map(() => []);
  }

  /** Gives the number to use in `add`. */
  addSeries(tagValues: readonly string[]): number {
    for (const value of tagValues) this.#tagValues.push(value);
    return this.#seriesCount++;
  }

  /** `value(i)`: that of the i-th field. */
  add(atMs: number, series: number, value: (field: number) => unknown): void {
    this.#atMs.push(atMs);
    this.#series.push(series);
    for (const [at, column] of this.#values.entries()) {
      const each = value(at);
      column.push(typeof each === "number" ? each : Number.NaN);
    }
  }

  build(): Moved<Columns> {
    const atMs = Float64Array.from(this.#atMs).reverse();
    const series = Uint32Array.from(this.#series).reverse();
    const values = this.#values.map((column) => Float64Array.from(column).reverse());
    const columns = {
      fields: this.#fields,
      tagNames: this.#tagNames,
      tagValues: this.#tagValues,
      atMs,
      series,
      values,
    };
    return new Moved<Columns>(columns, [atMs.buffer, series.buffer, ...values.map(({ buffer }) => buffer)]);
  }
}

interface Shared extends Columns {
  tagsOf(series: number): SeriesRow["tags"];
}

/** Makes the rows a few at a time, so that wide answers do not hold up the event loop. */
export async function rowsOf(columns: Columns): Promise<readonly SeriesRow[]> {
  const count = columns.atMs.length;
  const shared: Shared = { ...columns, tagsOf: sharedTags(columns) };
  const rows: SeriesRow[] = [];
  for (let at = 0; at < count; at++) {
    if (at > 0 && at % rowsPerTurn === 0) await nextTurn();
    rows.push(new RowView(shared, at));
  }
  return rows;
}

/**
 * A row that looks its values up when asked. Plain objects were the simpler shape: 400,000 of them are 60 MB that the garbage
 * collector copies while everything stands still, 20 to 80 ms at a time.
 */
class RowView implements SeriesRow {
  readonly #shared: Shared;
  readonly #at: number;

  constructor(shared: Shared, at: number) {
    this.#shared = shared;
    this.#at = at;
  }
  get atMs(): number {
    return this.#shared.atMs[this.#at] ?? 0;
  }
  /** Rows of a series share them. */
  get tags(): SeriesRow["tags"] {
    return this.#shared.tagsOf(this.#shared.series[this.#at] ?? 0);
  }
  get fields(): SeriesRow["fields"] {
    const { fields, values } = this.#shared;
    const found: Record<string, number> = {};
    for (const [i, name] of fields.entries()) {
      const value = values[i]?.[this.#at];
      if (value !== undefined && !Number.isNaN(value)) found[name] = value;
    }
    return found;
  }
  toJSON(): SeriesRow {
    return { atMs: this.atMs, tags: this.tags, fields: this.fields };
  }
}

function sharedTags({ tagNames, tagValues }: Columns): (series: number) => SeriesRow["tags"] {
  const made: Record<string, string>[] = [];
  return (series) => {
    const known = made[series];
    if (known !== undefined) return known;
    const tags: Record<string, string> = {};
    for (const [i, name] of tagNames.entries()) {
      const value = tagValues[series * tagNames.length + i];
      if (value !== undefined && value !== "") tags[name] = value;
    }
    made[series] = tags;
    return tags;
  };
}
