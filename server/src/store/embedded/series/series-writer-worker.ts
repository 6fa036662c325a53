import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { type MeasurementName, type Point, type TierName, tiers } from "../../../core/measurement.ts";
import type { Written } from "../../batches.ts";
import { StoreFailed } from "../../errors.ts";
import { type CleanPoint, cleanPoint, fieldNames } from "../../points.ts";
import type { Retention } from "../../retention.ts";
import { StoreUnavailable } from "../../series.ts";
import { serve } from "../../worker/serve.ts";
import { type Engine, type Statement, attempt, openEngine, transaction } from "../engine.ts";
import { lockFolder } from "../lock.ts";
import { checkSound } from "../migrate.ts";
import { useWal } from "../wal.ts";
import { type Catalog, openCatalog } from "./catalog.ts";
import { ensureSchema, measurementNames, pointTable, quoted, seriesTable } from "./schema.ts";

/** The only thread that writes series. */
type Opened = ReturnType<typeof open>;
let opened: Opened | undefined;

function open(folder: string, retention: Retention, seriesLimit: number) {
  const lock = lockFolder(folder, "series");
  const path = join(folder, "series.db");
  const engine = openEngine(path);
  try {
    checkSound(engine, path);
    const wal = useWal(engine);
    ensureSchema(engine);
    return { engine, lock, wal, retention, catalog: openCatalog(engine, seriesLimit), upsert: upserts(engine) };
  } catch (error) {
    attempt(() => engine.close());
    lock.release();
    throw error;
  }
}

function use(): Opened {
  if (opened === undefined) throw new StoreFailed("the series store is not open");
  return opened;
}

const api = {
  open(folder: string, retention: Retention, seriesLimit: number): void {
    opened = open(folder, retention, seriesLimit);
  },
  write(tier: TierName, text: string): Written {
    const { engine, wal, catalog, upsert } = use();
    const points = JSON.parse(text) as Point[];
    const clean = points.map(cleanPoint).filter((point) => point !== null);
    const written = temporary(() =>
      transaction(engine, () => clean.filter((point) => store(point, tier, catalog, upsert)).length),
    );
    wal.wrote(text.length * 2);
    return { written, dropped: points.length - written };
  },
  expire(nowMs: EpochMs): void {
    const { retention } = use();
    for (const name of measurementNames) {
      for (const tier of tiers) expireTable(name, tier.name, nowMs - retention[tier.name] * 1000);
      forgetEmptySeries(name);
    }
  },
  ping: (): void => void use().engine.prepare("SELECT 1").one(),
  close(): void {
    const { engine, lock } = use();
    opened = undefined;
    engine.close();
    lock.release();
  },
};
export type SeriesWriterApi = typeof api;

serve(api);

type Upsert = (measurement: MeasurementName, tier: TierName) => Statement;

/** A point written again adds the fields it did not have and replaces the others, as InfluxDB does. */
function upserts(engine: Engine): Upsert {
  const prepared = new Map<string, Statement>();
  return (measurement, tier) => {
    const table = pointTable(measurement, tier);
    const known = prepared.get(table);
    if (known !== undefined) return known;
    const fields = fieldNames(measurement).map(quoted);
    const statement = engine.prepare(`
      INSERT INTO ${table} (series, at, ${fields.join(", ")}) VALUES (?, ?${", ?".repeat(fields.length)})
      ON CONFLICT (series, at) DO UPDATE SET ${fields.map((f) => `${f} = coalesce(excluded.${f}, ${f})`).join(", ")}`);
    prepared.set(table, statement);
    return statement;
  };
}

function store(point: CleanPoint, tier: TierName, catalog: Catalog, upsert: Upsert): boolean {
  const id = catalog.idOf(point.measurement, point.tags);
  if (id === null) return false;
  upsert(point.measurement, tier).run(id, point.atMs, ...point.fields);
  return true;
}

/** Series by series, because a table is clustered so: each step touches only what goes. */
function expireTable(name: MeasurementName, tier: TierName, beforeMs: EpochMs): void {
  const { engine, wal } = use();
  const remove = engine.prepare(`DELETE FROM ${pointTable(name, tier)} WHERE series = ? AND at < ?`);
  const ids = engine.prepare(`SELECT series_number FROM ${seriesTable(name)}`).all();
  const removed = temporary(() =>
    transaction(engine, () => ids.reduce((sum, [id]) => sum + remove.run(id ?? 0, beforeMs).changes, 0)),
  );
  wal.wrote(removed * 64);
}

function forgetEmptySeries(name: MeasurementName): void {
  const { engine, catalog } = use();
  const empty = tiers.map(
    ({ name: tier }) => `NOT EXISTS (SELECT 1 FROM ${pointTable(name, tier)} WHERE series = series_number)`,
  );
  const { changes } = temporary(() =>
    engine.prepare(`DELETE FROM ${seriesTable(name)} WHERE ${empty.join(" AND ")}`).run(),
  );
  if (changes > 0) catalog.reload();
}

/** A full disk or a lock passes: the same points may come again. Numbers given in what was rolled back are not valid. */
function temporary<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    use().catalog.reload();
    const code = String((error as { code?: unknown }).code);
    if (!/^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM)/.test(code)) throw error;
    throw new StoreUnavailable(`the embedded series store cannot write: ${(error as Error).message} (${code})`);
  }
}
