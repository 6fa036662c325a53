import { type MeasurementName, type TierName, measurements, tiers } from "../../../core/measurement.ts";
import { fieldNames, tagNames } from "../../points.ts";
import { type Engine, transaction } from "../engine.ts";

export const measurementNames = Object.keys(measurements) as MeasurementName[];
export const seriesTable = (name: MeasurementName): string => `"${name}_series"`;
export const pointTable = (name: MeasurementName, tier: TierName): string => `"${name}_${tier}"`;
export const quoted = (column: string): string => `"${column}"`;

/**
 * A table of series for each measurement, and a table of points for each measurement and tier, clustered by series and time.
 * Follows the list of measurements: a tag or field that is new there becomes a column here; nothing is ever dropped.
 */
export function ensureSchema(engine: Engine): void {
  transaction(engine, () => {
    for (const name of measurementNames) {
      const tags = tagNames(name);
      engine.exec(`CREATE TABLE IF NOT EXISTS ${seriesTable(name)} (series_number INTEGER PRIMARY KEY)`);
      if (addColumns(engine, seriesTable(name), tags, "TEXT NOT NULL DEFAULT ''")) {
        const index = quoted(`${name}_series_tags`);
        engine.exec(`DROP INDEX IF EXISTS ${index}`);
        engine.exec(`CREATE UNIQUE INDEX ${index} ON ${seriesTable(name)} (${tags.map(quoted).join(", ")})`);
      }
      for (const tier of tiers) {
        const table = pointTable(name, tier.name);
        engine.exec(`CREATE TABLE IF NOT EXISTS ${table}
          (series INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID`);
        addColumns(engine, table, fieldNames(name), "REAL");
      }
    }
  });
}

function addColumns(engine: Engine, table: string, names: readonly string[], type: string): boolean {
  const present = new Set(
    engine
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(([, name]) => name),
  );
  const missing = names.filter((name) => !present.has(name));
  for (const name of missing) engine.exec(`ALTER TABLE ${table} ADD COLUMN ${quoted(name)} ${type}`);
  return missing.length > 0;
}
