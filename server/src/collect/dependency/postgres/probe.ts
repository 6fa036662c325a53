import { Client } from "pg";
import type { PollCollector } from "../../collector.ts";
import { createSqlProbe, type SqlSettings } from "../sql/probe.ts";
import { Look } from "./look.ts";
import { Session } from "./session.ts";
import { postgresLost, postgresWords } from "./words.ts";

export interface PostgresSettings extends SqlSettings {
  /** Connection strings. */
  readonly mailUrl: string;
  readonly privilegedUrl: string | null;
}

export function createPostgresProbe({ mailUrl, privilegedUrl, ...settings }: PostgresSettings): PollCollector {
  const look = privilegedUrl === null ? null : new Look({ connectionString: privilegedUrl });
  return createSqlProbe(settings, {
    type: "postgres",
    open: (deadline) => Session.open({ connectionString: mailUrl }, deadline),
    lost: postgresLost,
    words: (code, said) => postgresWords(code, said, settings.deadlineSeconds),
    where: placeOf(mailUrl),
    look:
      look === null
        ? null
        : {
            look: (deadline) => look.look(deadline),
            close: () => look.close(),
            where: placeOf(privilegedUrl ?? mailUrl),
          },
  });
}

/** Host and port, never role, password or database. */
function placeOf(url: string): string {
  const { host, port } = new Client({ connectionString: url });
  return host.startsWith("/") ? `PostgreSQL at ${host}` : `PostgreSQL at ${host}:${port}`;
}
