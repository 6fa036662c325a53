import Database from "libsql";

/** What we need of SQLite, and no more: the one file to change for another binding (`node:sqlite` from Node 22 on). */
export interface Engine {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
export type Value = number | string | Uint8Array | null;
export type Row = readonly Value[];
/** Rows are arrays in the order of the columns: half the cost of objects on wide reads. */
export interface Statement {
  run(...values: readonly Value[]): { readonly changes: number; readonly lastId: number };
  one(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): Row[];
  /** Must be read to its end: a statement left half-way keeps its snapshot, and the log behind it, for good. */
  each(...values: readonly Value[]): Iterable<Row>;
}

export interface EngineOptions {
  /** How long to wait for another connection's lock. Default 5,000. */
  readonly busyMs?: number;
}

/** Opens or creates a database file. Synchronous through and through: belongs in a worker thread. */
export function openEngine(path: string, { busyMs = 5_000 }: EngineOptions = {}): Engine {
  const database = new Database(path, { timeout: busyMs });
  return {
    exec: (sql) => void database.exec(sql),
    prepare: (sql) => statement(database.prepare(sql)),
    close: () => void database.close(),
  };
}

/** All of `body` or nothing. Takes the write lock at once, so that it never fails half-way for want of it. */
export function transaction<T>(engine: Engine, body: () => T): T {
  engine.exec("BEGIN IMMEDIATE");
  try {
    const result = body();
    engine.exec("COMMIT");
    return result;
  } catch (error) {
    // After a full disk SQLite may have rolled back by itself; the first error is the one to tell.
    attempt(() => engine.exec("ROLLBACK"));
    throw error;
  }
}

export function setting(engine: Engine, sql: string): Value {
  return engine.prepare(`PRAGMA ${sql}`).one()?.[0] ?? null;
}

export function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // the caller has something better to say
  }
}

type Native = ReturnType<InstanceType<typeof Database>["prepare"]>;

function statement(native: Native): Statement {
  // `raw` is refused by statements that return no rows, and values must come as one array: a lone null or buffer is taken
  // for named parameters, which aborts the whole process.
  const reads = native.reader;
  if (reads) native.raw(true);
  return {
    run(...values) {
      const { changes, lastInsertRowid } = native.run(bindable(values));
      return { changes, lastId: Number(lastInsertRowid) };
    },
    one: (...values) => native.get(bindable(values)) as Row | undefined,
    all: (...values) => [...(native.iterate(bindable(values)) as Iterable<Row>)],
    each: (...values) => native.iterate(bindable(values)) as Iterable<Row>,
  };
}

/** A NUL would cut the text short when it is read again. */
const bindable = (values: readonly Value[]): Value[] =>
  values.map((value) => (typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value));
