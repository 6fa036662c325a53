import type { Migration } from "../store/embedded/migrate.ts";

/**
 * `hop`: one row a queue file; lists as JSON arrays. Ids grow with the time at which a message was first heard of, and rows
 * are forgotten in their order. `term`: what a row can be found by (terms.ts), with the second of its arrival.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE hop (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        node TEXT NOT NULL,
        instance TEXT NOT NULL,
        queue_id TEXT NOT NULL,
        arrival_ms INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        origin INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        removed_ms INTEGER,
        ending INTEGER,
        message_id TEXT,
        sender TEXT,
        client_ip TEXT,
        size INTEGER,
        nrcpt INTEGER NOT NULL,
        recipients TEXT NOT NULL,
        more_recipients INTEGER NOT NULL,
        filters TEXT,
        orig_queue_id TEXT,
        bounce_queue_id TEXT
      );
      CREATE TABLE term (
        hash INTEGER NOT NULL,
        second INTEGER NOT NULL,
        hop INTEGER NOT NULL,
        PRIMARY KEY (hash, second, hop)
      ) WITHOUT ROWID;
      CREATE TABLE last_turn (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL);
      INSERT INTO last_turn VALUES (1, 0);
    `,
  },
  {
    // Before, the first part of whatever tag a line bore stood for the instance; postmulti(1) calls the others so.
    version: 2,
    sql: `
      UPDATE hop SET instance = '' WHERE removed_ms IS NULL AND instance NOT LIKE 'postfix-%';
      CREATE INDEX hop_instance ON hop (node, instance) WHERE instance <> '';
    `,
  },
];
