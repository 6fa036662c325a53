import type { PollCollector } from "../../collector.ts";
import { createSqlProbe, type SqlSettings } from "../sql/probe.ts";
import { Look } from "./look.ts";
import { type MysqlAddress, MysqlSession } from "./session.ts";
import { placeOf } from "./url.ts";
import { mysqlLost, mysqlWords } from "./words.ts";

export interface MysqlSettings extends SqlSettings {
  readonly mail: MysqlAddress;
  readonly privileged: MysqlAddress | null;
}

/** MySQL and MariaDB. */
export function createMysqlProbe({ mail, privileged, ...settings }: MysqlSettings): PollCollector {
  // A role that looks needs no right on any database.
  const look = privileged === null ? null : new Look({ ...privileged, database: "" });
  return createSqlProbe(settings, {
    type: "mysql",
    open: (deadline) => MysqlSession.open(mail, deadline),
    lost: mysqlLost,
    words: (code, said) =>
      mysqlWords(code, said, { deadlineSeconds: settings.deadlineSeconds, inClear: mail.tls === null }),
    where: placeOf(mail),
    look:
      look === null
        ? null
        : {
            look: (deadline) => look.look(deadline),
            close: () => look.close(),
            where: placeOf(privileged ?? mail),
          },
  });
}
