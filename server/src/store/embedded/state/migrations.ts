import type { Migration } from "../migrate.ts";

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE journal (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
      CREATE TABLE position (collector TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;

      CREATE TABLE checkpoint (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        generation INTEGER NOT NULL,
        journal_seq INTEGER NOT NULL,
        now_ms INTEGER NOT NULL
      );
      CREATE TABLE checkpoint_chunk (
        id INTEGER PRIMARY KEY,
        generation INTEGER NOT NULL,
        part TEXT NOT NULL,
        format INTEGER NOT NULL,
        body TEXT NOT NULL
      );
      CREATE INDEX checkpoint_chunk_generation ON checkpoint_chunk (generation);

      CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        notifier TEXT NOT NULL,
        dedup_key TEXT NOT NULL,
        effect TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before_ms INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        outcome TEXT CHECK (outcome IN ('sent', 'refused')),
        settled_ms INTEGER
      );
      CREATE INDEX outbox_waiting ON outbox (notifier, dedup_key, id) WHERE outcome IS NULL;
      CREATE INDEX outbox_settled ON outbox (settled_ms) WHERE outcome IS NOT NULL;

      CREATE TABLE spool (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        tier TEXT NOT NULL,
        points INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL
      );

      CREATE TABLE key_value (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        principal TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL
      );
    `,
  },
];
