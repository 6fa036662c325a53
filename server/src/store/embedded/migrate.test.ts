import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../test/real/process.ts";
import { openEngine, setting, transaction } from "./engine.ts";
import { type Migration, checkSound, migrate } from "./migrate.ts";
import { migrations as stateMigrations } from "./state/migrations.ts";

const one: Migration = { version: 1, sql: "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)" };
const two: Migration = { version: 2, sql: "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1" };
const broken: Migration = { version: 3, sql: "INSERT INTO a VALUES (8, 9); INSERT INTO no_such VALUES (1)" };

function database() {
  const folder = temporaryFolder("migrate");
  const path = join(folder.path, "state.db");
  const engine = openEngine(path);
  onTestFinished(() => {
    engine.close();
    folder.remove();
  });
  return { path, engine };
}

test("what is not worth a copy is brought forward without one", () => {
  const { path, engine } = database();
  migrate(engine, path, [one]);
  migrate(engine, path, [one, two], { copies: false });
  expect(engine.prepare("SELECT x, y FROM a").all()).toEqual([[1, 2]]);
  expect(existsSync(`${path}.backup-v1`)).toBe(false);
});

test("an old database is copied aside and brought forward; a new one needs no copy", () => {
  const { path, engine } = database();
  migrate(engine, path, [one]);
  expect(existsSync(`${path}.backup-v0`)).toBe(false);
  migrate(engine, path, [one, two]);
  migrate(engine, path, [one, two]);
  expect(engine.prepare("SELECT x, y FROM a").all()).toEqual([[1, 2]]);
  const backup = openEngine(`${path}.backup-v1`);
  expect(backup.prepare("SELECT * FROM a").all()).toEqual([[1]]);
  expect(setting(backup, "user_version")).toBe(1);
  backup.close();
});

test("a step that fails leaves the version before it, and can be tried again", () => {
  const { path, engine } = database();
  migrate(engine, path, [one]);
  for (let i = 0; i < 2; i++) expect(() => migrate(engine, path, [one, two, broken])).toThrow(/no_such/);
  expect(setting(engine, "user_version")).toBe(2);
  expect(engine.prepare("SELECT * FROM a").all()).toEqual([[1, 2]]);
});

test("a database of a newer program is refused in words and not touched", () => {
  const { path, engine } = database();
  migrate(engine, path, [one, two]);
  expect(() => migrate(engine, path, [one])).toThrow(/newer Mailtide \(version 2, this one knows 1\)/);
  expect(setting(engine, "user_version")).toBe(2);
});

test("a damaged database is refused in words", () => {
  const { path, engine } = database();
  migrate(engine, path, stateMigrations);
  expect(() => checkSound(engine, path)).not.toThrow();
  const bad = `${path}.bad`;
  copyFileSync(path, bad);
  writeFileSync(bad, Buffer.alloc(8_192, 7), { flag: "r+" });
  const damaged = openEngine(bad);
  expect(() => checkSound(damaged, bad)).toThrow(/damaged/);
  damaged.close();
});

test("published versions are ascending without a gap", () => {
  expect(stateMigrations.map(({ version }) => version)).toEqual(stateMigrations.map((_, i) => i + 1));
});

test("values come back as they went in; a NUL cannot cut a text short", () => {
  const { engine } = database();
  engine.exec("CREATE TABLE v (a, b, c, d, e)");
  engine
    .prepare("INSERT INTO v VALUES (?, ?, ?, ?, ?)")
    .run(1_700_000_000_123, 0.5, null, "x\0y😀", new Uint8Array([0, 1]));
  const [a, b, c, d, e] = engine.prepare("SELECT * FROM v").one() ?? [];
  expect([a, b, c, d]).toEqual([1_700_000_000_123, 0.5, null, "x\uFFFDy😀"]);
  expect(new Uint8Array(e as Uint8Array)).toEqual(new Uint8Array([0, 1]));
  engine.prepare("INSERT INTO v (a) VALUES (?)").run(null);
  engine.prepare("INSERT INTO v (a) VALUES (?)").run(new Uint8Array([1]));
  expect(() => transaction(engine, () => (engine.exec("DELETE FROM v"), engine.exec("nonsense")))).toThrow(/syntax/);
  expect(engine.prepare("SELECT count(*) FROM v").one()).toEqual([3]);
});
