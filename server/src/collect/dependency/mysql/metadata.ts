/** A metadata lock that is held. */
export interface Held {
  readonly session: string;
  readonly mode: string;
  readonly table: string;
}
/** A session that waits for one. */
export interface Waiting {
  readonly session: string;
  readonly statement: string;
  readonly seconds: number;
}

/**
 * Who keeps whom from a table: a waiting change waits for whoever holds a table that it names; anybody else waits for a
 * change of such a table that is ahead of it, or for the exclusive lock of one that is done waiting. It is read from the
 * statements, because MariaDB lists the locks that are held and not those that are asked for.
 */
export function blockersOf(
  waiting: readonly Waiting[],
  held: readonly Held[],
): readonly (readonly [waiter: string, blocker: string])[] {
  const tables = new Set(held.map(({ table }) => table.toLowerCase()));
  const named = new Map(waiting.map((each) => [each.session, namesIn(each.statement, tables)]));
  const isAhead = (one: Waiting, other: Waiting): boolean =>
    isDdl(one.statement) && one.session !== other.session && one.seconds >= other.seconds;
  return waiting.flatMap((each) => {
    const mine = named.get(each.session) ?? new Set();
    const change = isDdl(each.statement);
    const holders = held.filter(
      ({ session, table, mode }) =>
        session !== each.session &&
        mine.has(table.toLowerCase()) &&
        (change || mode === "MDL_EXCLUSIVE" || mode.startsWith("MDL_SHARED_NO_")),
    );
    const ahead = waiting.filter(
      (other) => isAhead(other, each) && [...(named.get(other.session) ?? [])].some((table) => mine.has(table)),
    );
    return [...new Set([...holders, ...ahead].map(({ session }) => session))].map(
      (blocker) => [each.session, blocker] as const,
    );
  });
}

/** Statements that want a table for themselves. A comment ends where it first can: there is one way to read what stands before. */
export const isDdl = (statement: string): boolean =>
  /^\s*(?:\/\*(?:[^*]|\*(?!\/))*\*\/\s*)*(?:alter|create|drop|truncate|rename|optimize|repair|lock\s+tables?|flush\s+tables)\b/iu.test(
    statement.slice(0, 1_000),
  );

const namesIn = (statement: string, tables: ReadonlySet<string>): ReadonlySet<string> =>
  new Set((statement.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []).filter((word) => tables.has(word)));
