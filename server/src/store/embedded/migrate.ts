import { existsSync, renameSync, rmSync } from "node:fs";
import { StateRefused } from "../errors.ts";
import { type Engine, setting, transaction } from "./engine.ts";

/** Forward only: a published migration is never edited, only followed by another. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * Brings the database to the newest version, each step in a transaction. A database that holds something is copied to
 * `PATH.backup-vN` first (N: its version), unless it is not worth that. Throws StateRefused for one that a newer program
 * wrote, or that is damaged.
 */
export function migrate(engine: Engine, path: string, migrations: readonly Migration[], { copies = true } = {}): void {
  const current = Number(setting(engine, "user_version"));
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new StateRefused(
      `${path} was written by a newer Mailtide (version ${current}, this one knows ${newest}): start that one, or restore a backup`,
    );
  }
  const pending = migrations.filter(({ version }) => version > current);
  if (pending.length === 0) return;
  if (copies && current > 0) backUp(engine, `${path}.backup-v${current}`);
  for (const { version, sql } of pending) {
    transaction(engine, () => {
      engine.exec(sql);
      engine.exec(`PRAGMA user_version=${version}`);
    });
  }
}

/** Throws StateRefused when the file is not a sound database. */
export function checkSound(engine: Engine, path: string): void {
  let verdict: unknown;
  try {
    verdict = setting(engine, "quick_check(1)");
  } catch (cause) {
    verdict = (cause as Error).message;
  }
  if (verdict !== "ok")
    throw new StateRefused(`${path} is damaged (${String(verdict)}): restore a backup or move it away`);
}

function backUp(engine: Engine, target: string): void {
  const half = `${target}.half`;
  rmSync(half, { force: true });
  engine.prepare("VACUUM INTO ?").run(half);
  if (existsSync(target)) rmSync(target);
  renameSync(half, target);
}
