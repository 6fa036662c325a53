import type { MeasurementName } from "../../../core/measurement.ts";
import { tagNames } from "../../points.ts";
import type { Engine } from "../engine.ts";
import { measurementNames, quoted, seriesTable } from "./schema.ts";

/** Which number stands for which tags. At most `limit` series a measurement: a new one beyond is refused with null. */
export interface Catalog {
  idOf(measurement: MeasurementName, tags: readonly string[]): number | null;
  /** Rows were removed or rolled back under us. */
  reload(): void;
}

export function openCatalog(engine: Engine, limit: number): Catalog {
  const known = new Map<MeasurementName, Map<string, number>>();
  const inserts = new Map(
    measurementNames.map((name) => {
      const tags = tagNames(name);
      const columns = tags.map(quoted).join(", ");
      const marks = tags.map(() => "?").join(", ");
      return [name, engine.prepare(`INSERT INTO ${seriesTable(name)} (${columns}) VALUES (${marks})`)];
    }),
  );
  const load = (name: MeasurementName): Map<string, number> => {
    const columns = tagNames(name).map(quoted).join(", ");
    const rows = engine.prepare(`SELECT series_number, ${columns} FROM ${seriesTable(name)}`).all();
    const ids = new Map(rows.map(([id, ...tags]) => [tags.join("\0"), Number(id)]));
    known.set(name, ids);
    return ids;
  };
  return {
    idOf(measurement, tags) {
      const ids = known.get(measurement) ?? load(measurement);
      const key = tags.join("\0");
      const id = ids.get(key);
      if (id !== undefined) return id;
      if (ids.size >= limit) return null;
      const made = inserts.get(measurement)?.run(...tags).lastId;
      if (made === undefined) return null;
      ids.set(key, made);
      return made;
    },
    reload: () => known.clear(),
  };
}
