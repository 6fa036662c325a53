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

/** So many rows are made in well under five milliseconds. */
const rowsPerTurn = 2_000;

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
    const columns = { fields: this.#fields, tagNames: this.#tagNames, tagValues: this.#tagValues, atMs, series, values };
    return new Moved<Columns>(columns, [atMs.buffer, series.buffer, ...values.map(({ buffer }) => buffer)]);
  }
}

/** Makes the rows a few at a time, so that wide answers do not hold up the event loop. Rows of a series share their tags. */
export async function rowsOf(columns: Columns): Promise<readonly SeriesRow[]> {
  const { atMs, series } = columns;
  const tagsOf = sharedTags(columns);
  const rows: SeriesRow[] = [];
  for (let at = 0; at < atMs.length; at++) {
    if (at > 0 && at % rowsPerTurn === 0) await nextTurn();
    rows.push({ atMs: atMs[at] ?? 0, tags: tagsOf(series[at] ?? 0), fields: fieldsAt(columns, at) });
  }
  return rows;
}

function fieldsAt({ fields, values }: Columns, at: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < fields.length; i++) {
    const value = values[i]?.[at];
    if (value !== undefined && !Number.isNaN(value)) found[fields[i] ?? ""] = value;
  }
  return found;
}

function sharedTags({ tagNames, tagValues }: Columns): (series: number) => Readonly<Record<string, string>> {
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
